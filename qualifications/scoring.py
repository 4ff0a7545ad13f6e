"""One answer against its key: each question's own measure, and their mean. Pure; for tests here and gold above."""

from collections.abc import Callable, Mapping
from typing import Any

from crowd.labeling.answers import AnswerValue
from crowd.labeling.config import LabelConfig
from crowd.labeling.gold_keys import GoldKey
from crowd.labeling.kinds import Question
from crowd.quality import gold


def score(config: LabelConfig, *, key: GoldKey, given: AnswerValue) -> float:
    """The best over the key's solutions, in [0, 1]: how well the answer meets it, times its weight."""
    return max(one.weight * _against(config, one.value, given) for one in key.solutions)


def _against(config: LabelConfig, key: AnswerValue, given: AnswerValue) -> float:
    """The mean over the scored questions that the key holds, in [0, 1]; a question left open scores 0.

    A report that the task cannot be answered is right where the key says so, and wrong elsewhere.
    """
    if key.cannot_answer is not None or given.cannot_answer is not None:
        return float(key.cannot_answer is not None and given.cannot_answer is not None)
    scores = [
        _one(question, right[question.id], said.get(question.id))
        for right, said in zip(key.units, given.units, strict=True)
        for question in config.questions
        if question.scored and question.id in right
    ]
    return gold.mean_score(scores)


def _one(question: Question, right: Any, said: Any) -> float:
    return 0.0 if said is None else MEASURES[question.measure](question, right, said)


def _text(said: str, right: str, tolerance: float) -> float:
    return gold.enough(gold.characters_right(said, right), tolerance) if tolerance else gold.same_text(said, right)


MEASURES: Mapping[str, Callable[[Any, Any, Any], float]] = {
    "exact": lambda question, right, said: gold.exact(said, right),
    "same_set": lambda question, right, said: gold.enough(gold.set_overlap(said, right), question.tolerance),
    "within": lambda question, right, said: gold.within(said, right, question.tolerance),
    "same_text": lambda question, right, said: _text(said, right, question.tolerance),
}
