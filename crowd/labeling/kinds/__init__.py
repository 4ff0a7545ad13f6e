"""The kinds of question there are.

To add one: write its file here (a frozen dataclass derived from `Question`, of marks from `Marks`) and name the class
in `KINDS`. Parsing, the JSON Schema, answers and gold cells follow from that; see CONTRIBUTING.md.
"""

from collections.abc import Mapping
from types import MappingProxyType

from crowd.labeling.kinds.base import Question
from crowd.labeling.kinds.boxes import Boxes
from crowd.labeling.kinds.choice import Choice
from crowd.labeling.kinds.comparisons import BestWorst, Pairwise, Ranking
from crowd.labeling.kinds.contribution import Contribution
from crowd.labeling.kinds.ellipses import Ellipses
from crowd.labeling.kinds.flags import Flags
from crowd.labeling.kinds.labels import Label
from crowd.labeling.kinds.marks import Marks
from crowd.labeling.kinds.masks import Masks
from crowd.labeling.kinds.multi_choice import MultiChoice
from crowd.labeling.kinds.number import Number
from crowd.labeling.kinds.points import Keypoints, Points, Polygons, Polylines
from crowd.labeling.kinds.rating import Rating
from crowd.labeling.kinds.record import Record
from crowd.labeling.kinds.relations import Relations
from crowd.labeling.kinds.segments import Segments
from crowd.labeling.kinds.spans import Spans
from crowd.labeling.kinds.taxonomy import Taxonomy
from crowd.labeling.kinds.text import Text
from crowd.labeling.kinds.tracks import Tracks
from crowd.labeling.kinds.transcript import Transcript

_ALL: tuple[type[Question], ...] = (
    Choice,
    MultiChoice,
    Taxonomy,
    Number,
    Rating,
    Text,
    Transcript,
    Boxes,
    Polygons,
    Polylines,
    Points,
    Keypoints,
    Ellipses,
    Masks,
    Spans,
    Relations,
    Segments,
    Tracks,
    Flags,
    Record,
    Pairwise,
    Ranking,
    BestWorst,
    Contribution,
)
KINDS: Mapping[str, type[Question]] = MappingProxyType({kind.kind: kind for kind in _ALL})

__all__ = [
    "KINDS",
    "Boxes",
    "Choice",
    "Contribution",
    "Label",
    "Marks",
    "MultiChoice",
    "Number",
    "Question",
    "Rating",
    "Relations",
    "Spans",
    "Text",
]
