"""Number: one finite number. Canonical answer: an int where the value is whole, else a float."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, shown
from crowd.labeling.kinds.base import Common, Measure, Question
from crowd.labeling.scene import ANYWHERE, Scene
from crowd.labeling.speech import say

# Every whole number up to here is the same number in JSON, in JavaScript, in PostgreSQL and in numpy.
LARGEST = 10**15
MAX_UNIT = 50


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number in `unit`, within `minimum` and `maximum` where they are set. Gold allows a miss of `tolerance`."""

    kind: ClassVar[str] = "number"
    measure: ClassVar[Measure] = "within"

    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    unit: str = ""
    tolerance: float = 0

    @property
    def settles(self) -> bool:
        """Without a tolerance no number is near enough to another."""
        return super().settles and self.tolerance > 0

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        question = cls(
            **common,
            minimum=fields.optional_number("minimum", at_least=-LARGEST, at_most=LARGEST),
            maximum=fields.optional_number("maximum", at_least=-LARGEST, at_most=LARGEST),
            integer=fields.flag("integer", default=False),
            unit=fields.text("unit", at_most=MAX_UNIT, default=""),
            tolerance=fields.number("tolerance", default=0, at_least=0, at_most=LARGEST),
        )
        low, high = question._bounds()
        if low > high:
            raise ConfigError(
                fields.at("maximum"), say("%(high)s is less than the minimum, %(low)s.", high=high, low=low)
            )
        return question

    def _bounds(self) -> tuple[float, float]:
        low = -LARGEST if self.minimum is None else self.minimum
        return low, LARGEST if self.maximum is None else self.maximum

    def accept(self, value: Any, path: str, scene: Scene = ANYWHERE) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AnswerError(path, say("This must be a number, not %(kind)s.", kind=kind_of(value)))
        low, high = self._bounds()
        if not low <= value <= high:  # NaN is refused here too: it is never between two numbers
            raise AnswerError(
                path, say("%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=low, high=high)
            )
        number: float = int(value) if value == int(value) else value
        if self.integer and isinstance(number, float):
            raise AnswerError(path, say("%(value)s is not a whole number.", value=shown(value)))
        return number

    def from_cell(self, cell: str) -> Any:
        """A number with a decimal point; no thousands separators, which cannot be told from decimal commas."""
        try:
            number = float(cell) if len(cell) <= MAX_UNIT and "_" not in cell else math.nan
        except ValueError:
            number = math.nan
        if math.isnan(number):
            raise AnswerError(self.id, say("%(value)s is not a number.", value=shown(cell)))
        return number

    def own_json(self) -> dict[str, Any]:
        bounds = {"minimum": self.minimum, "maximum": self.maximum, "integer": self.integer}
        return bounds | {"unit": self.unit, "tolerance": self.tolerance}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        bound = {"type": ["number", "null"], "minimum": -LARGEST, "maximum": LARGEST, "default": None}
        properties = {
            "minimum": bound,
            "maximum": bound,
            "integer": {"type": "boolean", "default": False},
            "unit": {"type": "string", "maxLength": MAX_UNIT, "default": ""},
            "tolerance": {"type": "number", "minimum": 0, "maximum": LARGEST, "default": 0},
        }
        return {"properties": properties}
