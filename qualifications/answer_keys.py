"""How a test is marked: points for each item by its key. No database, no clock.

An item of a test has either a gold key, worth its `points` to whoever meets it, or Mechanical Turk's answer key, with a
score for each option of each question: several selections match as a set, and an answer that is no option, or none at
all, scores the default. Scores may be negative (MTurk API reference, AnswerKey). How points become a value is in
`qualifications.mappings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crowd.labeling import answers
from crowd.labeling.answers import AnswerValue
from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import LabelingError
from crowd.labeling.gold_keys import GoldKey, parse_gold
from crowd.quality import gold
from qualifications.scoring import MEASURES, score

MOST_POINTS = 1000
MOST_OPTIONS = 100


class AnswerKeyError(LabelingError):
    """`path` is the place within the item."""


@dataclass(frozen=True)
class GoldItem:
    """All points for an answer that meets the key at the config's pass mark, else none."""

    key: GoldKey
    worth: int = 1

    most = property(lambda self: self.worth)
    least = 0

    def points(self, config: LabelConfig, given: AnswerValue) -> int:
        return self.worth * gold.is_right(score(config, key=self.key, given=given), config.pass_mark)

    def best(self) -> dict[str, Any]:
        """The answer with the most points, as an answer is written."""
        return self.key.best.to_json()


@dataclass(frozen=True)
class Options:
    """One question of an answer key: (answer, score) pairs, and the score of everything else."""

    options: tuple[tuple[Any, int], ...]
    default: int

    @property
    def scores(self) -> list[int]:
        return [self.default, *(points for _answer, points in self.options)]


@dataclass(frozen=True)
class ScoredItem:
    """Mechanical Turk's: every question has a score of its own; the item's points are their sum."""

    questions: Mapping[str, Options]

    @property
    def most(self) -> int:
        return sum(max(one.scores) for one in self.questions.values())

    @property
    def least(self) -> int:
        return sum(min(one.scores) for one in self.questions.values())

    def points(self, config: LabelConfig, given: AnswerValue) -> int:
        said = given.units[0] if given.units else {}
        return sum(_score(config, id, key, said.get(id)) for id, key in self.questions.items())

    def best(self) -> dict[str, Any]:
        best = {id: max(one.options, key=lambda pair: pair[1]) for id, one in self.questions.items() if one.options}
        return {"units": [{id: answer for id, (answer, _points) in best.items()}]}


ItemKey = GoldItem | ScoredItem


def read_key(config: LabelConfig, item: Mapping[str, Any], units: int) -> ItemKey:
    """The key of an item that has ``key`` and perhaps ``points``, or ``scores``. Raises AnswerKeyError.

    scores: ``{question id: {"options": [{"answer": value, "score": 5}, ...], "default": 0}}``
    """
    if "scores" in item:
        if "key" in item or "points" in item:
            raise AnswerKeyError("scores", _("An item has either a key or scores."))
        return _read_scores(config, item["scores"], units)
    try:
        key = parse_gold(config, item.get("key"), units)
    except LabelingError as error:
        raise AnswerKeyError(f"key.{error.path}".rstrip("."), error.message) from error
    return GoldItem(key, _whole(item.get("points", 1), "points", least=1))


def write_key(key: ItemKey) -> dict[str, Any]:
    """The canonical form, which is stored with the item; `read_key` reads it."""
    if isinstance(key, GoldItem):
        return {"key": key.key.to_json(), "points": key.worth}
    return {
        "scores": {
            id: {
                "options": [{"answer": answer, "score": points} for answer, points in one.options],
                "default": one.default,
            }
            for id, one in key.questions.items()
        }
    }


def _read_scores(config: LabelConfig, scores: Any, units: int) -> ScoredItem:
    if units != 1:
        raise AnswerKeyError("scores", _("Scores are for items of one unit."))
    if not isinstance(scores, Mapping) or not scores:
        raise AnswerKeyError("scores", _("This must be an object with a key for at least one question."))
    return ScoredItem({str(id): _read_options(config, str(id), one) for id, one in scores.items()})


def _read_options(config: LabelConfig, id: str, given: Any) -> Options:
    place = f"scores.{id}"
    if id not in config.ids:
        raise AnswerKeyError(place, _("There is no such question here."))
    listed = given.get("options") if isinstance(given, Mapping) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_OPTIONS or given.keys() - {"options", "default"}:
        raise AnswerKeyError(place, _("This must be an object with `options`, each with `answer` and `score`."))
    options = tuple(_read_option(config, id, one, f"{place}.options[{n}]") for n, one in enumerate(listed))
    return Options(options, _whole(given.get("default", 0), f"{place}.default"))


def _read_option(config: LabelConfig, id: str, given: Any, place: str) -> tuple[Any, int]:
    if not isinstance(given, Mapping) or given.keys() != {"answer", "score"}:
        raise AnswerKeyError(place, _("An option has an `answer` and a `score`."))
    try:
        (unit,) = answers.read(config, {id: given["answer"]}, 1, partly=True).units
    except LabelingError as error:
        raise AnswerKeyError(f"{place}.answer", error.message) from error
    if id not in unit:
        raise AnswerKeyError(f"{place}.answer", _("An answer is needed."))
    return unit[id], _whole(given["score"], f"{place}.score")


def _whole(value: Any, place: str, *, least: int = -MOST_POINTS) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_POINTS:
        bounds = {"least": least, "most": MOST_POINTS}
        raise AnswerKeyError(place, _("This must be a whole number from %(least)s to %(most)s.") % bounds)
    return value


def _score(config: LabelConfig, id: str, key: Options, said: Any) -> int:
    question = config.question(id)
    measure = MEASURES[question.measure]
    met = [points for answer, points in key.options if said is not None and measure(question, answer, said) >= 1]
    return max(met, default=key.default)
