"""Which tool of the pages asks which kind of question.

A tool is a folder in `crowd/frontend/src/tools` (its script), a template in `templates/web/tools` (all that a person
reads in it) and a line here. A page loads the scripts of the kinds that it asks and no others. Kinds without a line are
drawn by `templates/web/worker/_question.html` as plain fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Tool:
    """`element` is the custom element, `folder` the one of its script; `template` draws it. `keys` mean something in
    it, or in what it is about, so that no label may be given one of them."""

    element: str
    folder: str
    keys: str = ""

    @property
    def script(self) -> str:
        return f"web/build/tool-{self.folder}.js"

    @property
    def template(self) -> str:
        return f"web/tools/{self.folder}.html"


OF_MARKS = "nex"
MARKS = Tool("crowd-marks", "image", OF_MARKS + "s0")
MASKS = Tool("crowd-masks", "mask", OF_MARKS + "pfy0")
SPANS = Tool("crowd-spans", "text", OF_MARKS)
RELATIONS = Tool("crowd-relations", "relations", OF_MARKS + "fj")
SEGMENTS = Tool("crowd-segments", "audio", OF_MARKS + "ios")
STRETCHES = Tool("crowd-stretches", "series", OF_MARKS + "0")
TRACKS = Tool("crowd-tracks", "video", OF_MARKS + "lks0")
FIELDS = Tool("crowd-fields", "fields")
RANKING = Tool("crowd-ranking", "rank")
BRING = Tool("crowd-contribution", "bring")
TREE = Tool("crowd-tree", "tree")

TOOLS: Mapping[str, Tool] = MappingProxyType(
    {
        **dict.fromkeys(("boxes", "ellipses", "points", "polygons", "polylines", "keypoints"), MARKS),
        **dict.fromkeys(("record", "flags", "pairwise", "best-worst"), FIELDS),
        "masks": MASKS,
        "spans": SPANS,
        "relations": RELATIONS,
        "segments": SEGMENTS,
        "tracks": TRACKS,
        "ranking": RANKING,
        "taxonomy": TREE,
        "contribution": BRING,
    }
)


def tool_for(kind: str, data: str) -> Tool | None:
    """The tool that asks this kind of question about data of this kind; None: plain fields do."""
    return STRETCHES if (kind, data) == ("segments", "series") else TOOLS.get(kind)
