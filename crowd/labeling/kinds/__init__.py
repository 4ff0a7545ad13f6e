"""The kinds of question there are.

To add one: write its file here (a frozen dataclass derived from `Question`) and name the class in `KINDS`.
Parsing, the JSON Schema, answers and gold cells follow from that.
"""

from collections.abc import Mapping
from types import MappingProxyType

from crowd.labeling.kinds.base import Question
from crowd.labeling.kinds.choice import Choice
from crowd.labeling.kinds.labels import Label
from crowd.labeling.kinds.multi_choice import MultiChoice
from crowd.labeling.kinds.number import Number
from crowd.labeling.kinds.text import Text

_ALL: tuple[type[Question], ...] = (Choice, MultiChoice, Number, Text)
KINDS: Mapping[str, type[Question]] = MappingProxyType({kind.kind: kind for kind in _ALL})

__all__ = ["KINDS", "Choice", "Label", "MultiChoice", "Number", "Question", "Text"]
