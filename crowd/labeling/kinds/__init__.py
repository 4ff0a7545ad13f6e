"""The kinds of question there are.

To add one: write its file here (a frozen dataclass derived from `Question`, of marks from `Marks`) and name the class
in `KINDS`. Parsing, the JSON Schema, answers and gold cells follow from that; see CONTRIBUTING.md.
"""

from collections.abc import Mapping
from types import MappingProxyType

from crowd.labeling.kinds.base import Question
from crowd.labeling.kinds.boxes import Boxes
from crowd.labeling.kinds.choice import Choice
from crowd.labeling.kinds.labels import Label
from crowd.labeling.kinds.marks import Marks
from crowd.labeling.kinds.multi_choice import MultiChoice
from crowd.labeling.kinds.number import Number
from crowd.labeling.kinds.spans import Spans
from crowd.labeling.kinds.text import Text

_ALL: tuple[type[Question], ...] = (Choice, MultiChoice, Number, Text, Boxes, Spans)
KINDS: Mapping[str, type[Question]] = MappingProxyType({kind.kind: kind for kind in _ALL})

__all__ = ["KINDS", "Boxes", "Choice", "Label", "Marks", "MultiChoice", "Number", "Question", "Spans", "Text"]
