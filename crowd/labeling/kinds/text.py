"""Text: something typed. Canonical answer: the text in NFC with line feeds, otherwise exactly as it was given."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of
from crowd.labeling.kinds.base import Common, Measure, Question
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say
from crowd.labeling.words import clean

LONGEST = 100_000


@dataclass(frozen=True, kw_only=True)
class Text(Question):
    """Free text. Lengths are in code points; spaces around it do not count toward the minimum.

    Gold allows a share of `tolerance` of its characters to be wrong (character error rate); case never matters.
    """

    kind: ClassVar[str] = "text"
    measure: ClassVar[Measure] = "same_text"

    min_length: int = 1
    max_length: int = 5_000
    multiline: bool = False
    tolerance: float = 0

    @property
    def settles(self) -> bool:
        """Of long texts no two are the same, however right they are."""
        return super().settles and not self.multiline

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        question = cls(
            **common,
            min_length=fields.integer("min_length", default=1, at_least=0, at_most=LONGEST),
            max_length=fields.integer("max_length", default=5_000, at_least=1, at_most=LONGEST),
            multiline=fields.flag("multiline", default=False),
            tolerance=fields.number("tolerance", default=0, at_least=0, at_most=1),
        )
        if question.max_length < question.min_length:
            raise ConfigError(
                fields.at("max_length"),
                say("This is less than min_length, %(min_length)s.", min_length=question.min_length),
            )
        return question

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise AnswerError(path, say("This must be text, not %(kind)s.", kind=kind_of(value)))
        text = clean(value, path)
        if not text.strip() and not self.required:
            return None
        self._check(text, path)
        return text

    def _check(self, text: str, path: str) -> None:
        if len(text) > self.max_length:
            raise AnswerError(
                path,
                say(
                    "This has %(count)s characters; at most %(most)s are allowed.",
                    count=len(text),
                    most=self.max_length,
                ),
            )
        if len(text.strip()) < self.min_length:
            raise AnswerError(path, say("At least %(min_length)s characters are needed.", min_length=self.min_length))
        if "\n" in text and not self.multiline:
            raise AnswerError(path, say("This must be one line."))

    def own_json(self) -> dict[str, Any]:
        lengths = {"min_length": self.min_length, "max_length": self.max_length}
        return lengths | {"multiline": self.multiline, "tolerance": self.tolerance}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        properties = {
            "min_length": {"type": "integer", "minimum": 0, "maximum": LONGEST, "default": 1},
            "max_length": {"type": "integer", "minimum": 1, "maximum": LONGEST, "default": 5_000},
            "multiline": {"type": "boolean", "default": False},
            "tolerance": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
        }
        return {"properties": properties}
