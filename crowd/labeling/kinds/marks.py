"""What all kinds of marks share: any number of them on an item, each with a label, and a transcript where it is asked.

Canonical answer: a list of objects ``{"label": ..., geometry ..., "text": ...}`` in the order in which they were drawn.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import Common, Measure, Renaming
from crowd.labeling.kinds.labels import Labelled, accept_label, labels_schema, read_labels, strings
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say
from crowd.labeling.words import clean

MOST_MARKS = 1_000
MOST_TEXT = 5_000
LARGEST = 1_000_000.0  # pixels or seconds, where the item's own size is not known
TRANSCRIPTS = ("no", "optional", "required")
DIGITS = 2


@dataclass(frozen=True, kw_only=True)
class Marks(Labelled):
    """`at_least` to `at_most` marks; no mark smaller than `min_size` (pixels, code points or seconds, by the kind).

    `transcript` says whether each mark carries the text that is read or heard in it.
    """

    measure: ClassVar[Measure] = "own"
    single: ClassVar[bool] = False
    transcribed: ClassVar[bool] = False  # whether marks of this kind may carry a text
    listing: ClassVar[str] = ""  # the key of a mark's list of places, where it has one
    most_listed: ClassVar[int] = 0  # of all marks of an answer

    at_least: int = 0
    at_most: int = MOST_MARKS
    min_size: float = 0
    transcript: str = "no"

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        at_least = fields.integer("at_least", default=0, at_least=0, at_most=MOST_MARKS)
        at_most = fields.integer("at_most", default=MOST_MARKS, at_least=1, at_most=MOST_MARKS)
        if at_most < at_least:
            sentence = say("%(at_most)s is less than at_least, %(at_least)s.", at_most=at_most, at_least=at_least)
            raise ConfigError(fields.at("at_most"), sentence)
        return cls(
            **common,
            labels=read_labels(fields, at_least=1),
            at_least=at_least,
            at_most=at_most,
            min_size=fields.number("min_size", default=0, at_least=0, at_most=LARGEST),
            transcript=fields.one_of("transcript", TRANSCRIPTS, default="no") if cls.transcribed else "no",
            **cls.read_own(fields),
        )

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        """The fields that only this kind of mark has, as read from its object."""
        return {}

    @abstractmethod
    def geometry(self, mark: "Mark", scene: Scene) -> dict[str, Any]:
        """Where one mark is, canonical; raises AnswerError. Read every key through `mark`."""

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> list[dict[str, Any]] | None:
        if value is None or (value == [] and self.at_least and not self.required):
            return None
        if not isinstance(value, list | tuple):
            raise AnswerError(path, say("This must be a list of marks, not %(kind)s.", kind=kind_of(value)))
        self._count(len(value), path)
        if self.listing:  # before any of them is looked at
            check_sum(_listed(value, self.listing), self.most_listed, path)
        marks = [self._mark(one, f"{path}[{place}]", scene) for place, one in enumerate(value)]
        return self.together(marks, path)

    def together(self, marks: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
        """All marks of an answer, each of which is right, in canonical order; raises AnswerError."""
        return marks

    @classmethod
    def labels_in(cls, value: Any) -> list[str]:
        marks = value if isinstance(value, list | tuple) else []
        return strings([mark.get("label") for mark in marks if isinstance(mark, Mapping)])

    def relabelled(self, value: Any, names: Renaming) -> list[dict[str, Any]]:
        marks = ({**mark, "label": names.get(mark["label"], mark["label"])} for mark in value)
        return [mark for mark in marks if mark["label"] is not None]

    def _count(self, count: int, path: str) -> None:
        if count > self.at_most:
            sentence = say("At most %(at_most)s marks are allowed; %(count)s given.", at_most=self.at_most, count=count)
            raise AnswerError(path, sentence)
        if count < self.at_least:
            sentence = say("At least %(least)s marks are needed; %(count)s given.", least=self.at_least, count=count)
            raise AnswerError(path, sentence)

    def _mark(self, value: Any, path: str, scene: Scene) -> dict[str, Any]:
        mark = Mark(value, path)
        label = {"label": accept_label(mark.get("label"), self.order, mark.at("label"))}
        found = label | self.geometry(mark, scene)
        if self.transcript != "no":
            found |= self._text(mark)
        mark.done()
        return found

    def _text(self, mark: "Mark") -> dict[str, str]:
        text = mark.text("text", at_most=MOST_TEXT)
        if not text and self.transcript == "required":
            raise AnswerError(mark.at("text"), say("What is written or said here is missing."))
        return {"text": text} if text else {}

    def from_cell(self, cell: str) -> Any:
        """Marks have no short form: a JSON list."""
        return strict_json.loads(cell)

    def own_json(self) -> dict[str, Any]:
        limits = {"at_least": self.at_least, "at_most": self.at_most, "min_size": self.min_size}
        spoken = {"transcript": self.transcript} if self.transcribed else {}
        return {"labels": [label.to_json() for label in self.labels]} | limits | spoken

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        properties = {
            "labels": labels_schema(1),
            "at_least": {"type": "integer", "minimum": 0, "maximum": MOST_MARKS, "default": 0},
            "at_most": {"type": "integer", "minimum": 1, "maximum": MOST_MARKS, "default": MOST_MARKS},
            "min_size": {"type": "number", "minimum": 0, "maximum": LARGEST, "default": 0},
        }
        spoken = {"transcript": {"enum": list(TRANSCRIPTS), "default": "no"}} if cls.transcribed else {}
        return {"properties": properties | spoken, "required": ["labels"]}


class Mark:
    """One mark of an answer, read key by key; every reader raises AnswerError with the key's full path."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, Mapping):
            raise AnswerError(path, say("This must be an object, not %(kind)s.", kind=kind_of(value)))
        self._value = value
        self.path = path
        self._read = {"id"}  # a tool's own name for a mark, which is not kept

    def at(self, key: str) -> str:
        return f"{self.path}.{key}"

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        return self._value.get(key, default)

    def number(self, key: str, *, low: float = 0, high: float | None = None, default: float | None = None) -> float:
        """A finite number from `low` to `high`, rounded to 0.01."""
        return number(self.get(key, default), self.at(key), low=low, high=high)

    def text(self, key: str, *, at_most: int) -> str:
        """Text in NFC; empty where there is none."""
        value = self.get(key, "")
        if not isinstance(value, str):
            raise AnswerError(self.at(key), say("This must be text, not %(kind)s.", kind=kind_of(value)))
        text = clean(value, self.at(key)).strip()
        if len(text) > at_most:
            sentence = say(
                "This has %(count)s characters; at most %(most)s are allowed.", count=len(text), most=at_most
            )
            raise AnswerError(self.at(key), sentence)
        return text

    def done(self) -> None:
        for key in self._value:
            if key not in self._read:
                raise AnswerError(self.at(str(key)), say("%(value)s is not known here.", value=shown(key)))


def _listed(marks: Sequence[Any], key: str) -> int:
    lists = (mark.get(key) for mark in marks if isinstance(mark, Mapping))
    return sum(len(one) for one in lists if isinstance(one, list | tuple))


def number(value: Any, path: str, *, low: float, high: float | None, digits: int = DIGITS) -> float:
    """A finite number from `low` to `high` (None: LARGEST), rounded; a hundredth beyond is rounding and is cut."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerError(path, say("This must be a number, not %(kind)s.", kind=kind_of(value)))
    if isinstance(value, float) and not math.isfinite(value):
        raise AnswerError(path, say("This must be a finite number."))
    most, slack = LARGEST if high is None else high, 10.0**-digits
    if not low - slack <= value <= most + slack:
        sentence = say("%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=low, high=most)
        raise AnswerError(path, sentence)
    return round(min(max(float(value), low), most), digits)


def check_sum(total: float, most: float, path: str) -> None:
    """Raises AnswerError where the marks of one answer are together more than can be compared with others."""
    if total > most:
        sentence = say("All marks together are too much: %(total)s, of at most %(most)s.", total=total, most=most)
        raise AnswerError(path, sentence)


def turned(mark: Mark) -> float:
    """The `rotation` of a mark, from above -180 to 180."""
    return round(180 - (180 - mark.number("rotation", low=-360, high=360, default=0)) % 360, DIGITS)


def check_size(size: float, least: float, path: str) -> None:
    """Raises AnswerError for a mark that is smaller than allowed, or nothing at all."""
    if size <= 0:
        raise AnswerError(path, say("This mark has no size."))
    if size < least - 1e-9:
        raise AnswerError(path, say("This mark is smaller than %(least)s.", least=least))
