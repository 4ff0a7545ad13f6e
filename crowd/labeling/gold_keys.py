"""The known answer of a gold task: one right answer or several, each worth its weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crowd.labeling import strict_json
from crowd.labeling.answers import AnswerValue, Shown, read
from crowd.labeling.config import RESERVED, LabelConfig
from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import shown as shown_value
from crowd.labeling.speech import say

ANY_OF = "any_of"
WEIGHT = "weight"
MOST_SOLUTIONS = 20


@dataclass(frozen=True, kw_only=True)
class Solution:
    """One answer that is right. `weight` in (0, 1] is the score of giving exactly it (Toloka's correctness_weight)."""

    value: AnswerValue
    weight: float = 1.0


@dataclass(frozen=True)
class GoldKey:
    """Whoever gives one of the solutions is right. The first is the best one: that is what is shown as the answer."""

    solutions: tuple[Solution, ...]

    @property
    def best(self) -> AnswerValue:
        return self.solutions[0].value

    @property
    def alone(self) -> AnswerValue | None:
        """The one right answer, where there is no other: what aggregation may take for the truth."""
        return self.best if len(self.solutions) == 1 else None

    def to_json(self) -> dict[str, Any]:
        """The canonical form: one full solution as an answer is written, else ``{"any_of": [...]}``."""
        if len(self.solutions) == 1 and self.solutions[0].weight == 1:
            return self.best.to_json()
        return {ANY_OF: [one.value.to_json() | {WEIGHT: one.weight} for one in self.solutions]}


def parse_gold(config: LabelConfig, cell: Any, units: int = 1, shown: Shown = ()) -> GoldKey:
    """The known answer of a task, from a gold cell of a CSV or JSON Lines file.

    A plain label, number or text where the config has one question (labels of a multi-choice separated by ``|``, or a
    JSON list); a JSON object, as text or as an object, where it has several questions or the task several units; or
    ``{"any_of": [...]}`` of several such, each an object that may carry a ``weight`` in (0, 1]. A report that the task
    cannot be answered may be right too. A key may leave questions and units open, but each solution must hold something
    to score. `shown` are the task's units, within which marks must lie. Raises AnswerError.
    """
    if isinstance(cell, str):
        cell = _from_cell(config, cell.strip(), units)
    if isinstance(cell, Mapping) and ANY_OF in cell and ANY_OF not in config.ids:
        return GoldKey(_several(config, cell, units, shown))
    return GoldKey((Solution(value=_one(config, cell, units, shown)),))


def _several(config: LabelConfig, cell: Mapping[str, Any], units: int, shown: Shown) -> tuple[Solution, ...]:
    listed = cell[ANY_OF]
    if len(cell) > 1:
        raise AnswerError(ANY_OF, say("Beside the right answers there may be nothing else."))
    if not isinstance(listed, list | tuple) or not 1 <= len(listed) <= MOST_SOLUTIONS:
        raise AnswerError(ANY_OF, say("This must be a list of 1 to %(most)s right answers.", most=MOST_SOLUTIONS))
    found = tuple(_weighted(config, one, (units, shown), f"{ANY_OF}[{place}]") for place, one in enumerate(listed))
    if max(one.weight for one in found) < 1:
        raise AnswerError(ANY_OF, say("One of the right answers must have the weight 1."))
    return tuple(sorted(found, key=lambda one: -one.weight))


def _weighted(config: LabelConfig, one: Any, task: tuple[int, Shown], place: str) -> Solution:
    weight: Any = 1
    if isinstance(one, Mapping) and WEIGHT in one and WEIGHT not in config.ids:
        one = dict(one)
        weight = one.pop(WEIGHT)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1:
        raise AnswerError(
            f"{place}.{WEIGHT}",
            say("A weight is a number above 0 and at most 1, not %(value)s.", value=shown_value(weight)),
        )
    try:
        return Solution(value=_one(config, one, *task), weight=float(weight))
    except AnswerError as error:
        raise AnswerError(f"{place}.{error.path}" if error.path else place, error.message) from None


def read_cell(config: LabelConfig, cell: Any, units: int = 1, shown: Shown = ()) -> AnswerValue:
    """The answer that a cell holds, which may leave questions open: a plain value where the config has one question,
    else an object, as text or as it is. Raises AnswerError."""
    if isinstance(cell, str):
        cell = _from_cell(config, cell.strip(), units)
    elif not isinstance(cell, Mapping) and units == 1 and len(config.questions) == 1:
        cell = {config.questions[0].id: cell}
    return read(config, cell, units, shown, partly=True)


def _one(config: LabelConfig, cell: Any, units: int, shown: Shown) -> AnswerValue:
    gold = read_cell(config, cell, units, shown)
    scored = {question.id for question in config.questions if question.scored}
    if gold.cannot_answer is None and not any(scored & unit.keys() for unit in gold.units):
        raise AnswerError("gold", say("There is no answer here to a question that is scored."))
    return gold


def _from_cell(config: LabelConfig, cell: str, units: int) -> Any:
    if not cell:
        raise AnswerError("gold", say("The gold answer is empty."))
    alone = config.questions[0] if len(config.questions) == 1 and units == 1 else None
    try:
        if alone is None or _is_object(config, cell):
            return strict_json.loads(cell)
        return {alone.id: alone.from_cell(cell)}
    except strict_json.JsonError as error:
        raise AnswerError("gold", error.message) from None


def _is_object(config: LabelConfig, cell: str) -> bool:
    """Whether a cell spells out an answer object, and is not merely a text that looks like JSON."""
    if not cell.startswith("{"):
        return False
    try:
        value = strict_json.loads(cell)
    except strict_json.JsonError:
        return False
    return bool(value) and value.keys() <= {*config.ids, *RESERVED, ANY_OF}
