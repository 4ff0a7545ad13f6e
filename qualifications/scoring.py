"""One answer against its key: each question's own measure, and their mean. Pure; for tests here and gold above."""

from collections.abc import Callable, Mapping
from typing import Any

from crowd.labeling.answers import AnswerValue
from crowd.labeling.conditions import is_asked
from crowd.labeling.config import LabelConfig
from crowd.labeling.gold_keys import GoldKey
from crowd.labeling.kinds import Question
from crowd.quality import gold
from crowd.quality.kinds import judge_of


def score(config: LabelConfig, *, key: GoldKey, given: AnswerValue) -> float:
    """The best over the key's solutions, in [0, 1]: how well the answer meets it, times its weight."""
    return max(one.weight * _against(config, one.value, given) for one in key.solutions)


def _against(config: LabelConfig, key: AnswerValue, given: AnswerValue) -> float:
    """The mean over the scored questions that the key holds, by their weights, in [0, 1]; a question left open scores
    0, one that the worker was not asked after his other answers does not count.

    A report that the task cannot be answered is right where the key says so, and wrong elsewhere.
    """
    if key.cannot_answer is not None or given.cannot_answer is not None:
        return float(key.cannot_answer is not None and given.cannot_answer is not None)
    scores = [
        (_one(question, right[question.id], said.get(question.id)), question.weight)
        for right, said in zip(key.units, given.units, strict=True)
        for question in config.questions
        if question.scored and question.id in right and is_asked(question.when, said)
    ]
    return gold.mean_score(*zip(*scores, strict=True)) if scores else 0.0


def agreement(question: Question, one: Any, other: Any) -> float:
    """How far two answers to one question agree, in [0, 1]: equal or not, and of marks how well they cover."""
    return _own(question, one, other) if question.measure == "own" else float(one == other)


def likeness(question: Question, one: Any, other: Any) -> float:
    """How far one answer would be right were the other the key, in [0, 1]."""
    return MEASURES[question.measure](question, other, one)


def _own(question: Question, right: Any, said: Any) -> float:
    return judge_of(question.kind, question.settings).score(said, right)


def _one(question: Question, right: Any, said: Any) -> float:
    return 0.0 if said is None else MEASURES[question.measure](question, right, said)


def _text(said: str, right: str, tolerance: float) -> float:
    return gold.enough(gold.characters_right(said, right), tolerance) if tolerance else gold.same_text(said, right)


MEASURES: Mapping[str, Callable[[Any, Any, Any], float]] = {
    "exact": lambda question, right, said: gold.exact(said, right),
    "same_set": lambda question, right, said: gold.enough(gold.set_overlap(said, right), question.tolerance),
    "within": lambda question, right, said: gold.within(said, right, question.tolerance),
    "same_text": lambda question, right, said: _text(said, right, question.tolerance),
    "own": _own,
}
