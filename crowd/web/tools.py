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
    """`element` is the custom element, `folder` the one of its script; `template` draws it."""

    element: str
    folder: str

    @property
    def script(self) -> str:
        return f"web/build/tool-{self.folder}.js"

    @property
    def template(self) -> str:
        return f"web/tools/{self.folder}.html"


MARKS = Tool("crowd-marks", "image")
SPANS = Tool("crowd-spans", "text")

TOOLS: Mapping[str, Tool] = MappingProxyType(
    {"boxes": MARKS, "ellipses": MARKS, "polygons": MARKS, "polylines": MARKS, "keypoints": MARKS, "spans": SPANS}
)
