"""Rating: a whole number on a scale. Canonical answer: the number."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling import strict_json
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import Common, Measure, Question
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say

FARTHEST = 1_000


@dataclass(frozen=True, kw_only=True)
class Rating(Question):
    """From `lowest` to `highest`; `words` say what each step, or the two ends, mean.

    Gold allows `tolerance` steps; beyond, the score falls with the distance.
    """

    kind: ClassVar[str] = "rating"
    measure: ClassVar[Measure] = "own"

    lowest: int = 1
    highest: int = 5
    words: tuple[str, ...] = ()
    tolerance: int = 0

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        lowest = fields.integer("lowest", default=1, at_least=-FARTHEST, at_most=FARTHEST)
        highest = fields.integer("highest", default=5, at_least=-FARTHEST, at_most=FARTHEST)
        if not lowest < highest <= lowest + 100:
            raise ConfigError(fields.at("highest"), say("A scale has 2 to %(most)s steps.", most=101))
        steps = highest - lowest + 1
        words = () if fields.get("words") is None else cls._words(fields, steps)
        tolerance = fields.integer("tolerance", default=0, at_least=0, at_most=steps - 1)
        return cls(**common, lowest=lowest, highest=highest, words=words, tolerance=tolerance)

    @classmethod
    def _words(cls, fields: Fields, steps: int) -> tuple[str, ...]:
        words = fields.list_of("words", at_least=0, at_most=steps, what=say("words"))
        if len(words) not in (0, 2, steps) or not all(isinstance(word, str) and len(word) <= 200 for word in words):
            raise ConfigError(fields.at("words"), say("These are words for the two ends, or for each step."))
        return tuple(words)

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value % 1:
            raise AnswerError(path, say("This must be a whole number, not %(kind)s.", kind=kind_of(value)))
        if not self.lowest <= value <= self.highest:
            sentence = say(
                "%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=self.lowest, high=self.highest
            )
            raise AnswerError(path, sentence)
        return int(value)

    def from_cell(self, cell: str) -> Any:
        return strict_json.loads(cell)

    def own_json(self) -> dict[str, Any]:
        scale = {"lowest": self.lowest, "highest": self.highest}
        return scale | {"words": list(self.words), "tolerance": self.tolerance}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        end = {"type": "integer", "minimum": -FARTHEST, "maximum": FARTHEST}
        properties = {
            "lowest": end | {"default": 1},
            "highest": end | {"default": 5},
            "words": {"type": "array", "items": {"type": "string", "maxLength": 200}, "default": []},
            "tolerance": {"type": "integer", "minimum": 0, "default": 0},
        }
        return {"properties": properties}
