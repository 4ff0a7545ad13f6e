"""What the answers to a gold task say about its key: that it is wrong, or that it became known. Reasons for a person to
look, never verdicts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

WRONG_KEYS = 0.05
"""How many keys are wrong before anybody has answered: made by people, a few of a hundred are."""
_SUREST = 0.98


@dataclass(frozen=True)
class GoldAnswer:
    """One answer to a gold task, in the order of time. `accuracy` in [0, 1] is its worker's on all other gold."""

    value: Hashable
    right: bool  # by the key
    accuracy: float


@dataclass(frozen=True)
class Doubt:
    """Probability in [0, 1] that `instead`, and not the key, is the right answer; None where nobody said otherwise."""

    probability: float
    instead: Hashable | None


def doubt(answers: Sequence[GoldAnswer], labels: int) -> Doubt:
    """Whether accurate workers disagree with the key.

    Bayes with one coin a worker: an answer is right with his accuracy, else each of the `labels` - 1 (>= 1) others is
    equally likely. Whoever is no better than chance says nothing. The rival is the best supported answer that the key
    does not take; WRONG_KEYS is the prior.
    """
    if labels < 2:
        raise ValueError(f"labels={labels}: wanted at least 2")
    weight: dict[Hashable, float] = defaultdict(float)
    for one in answers:
        weight[None if one.right else one.value] += _weight(one.accuracy, labels)
    rivals = {value: total for value, total in weight.items() if value is not None}
    if not rivals:
        return Doubt(0.0, None)
    best = max(rivals, key=lambda value: (rivals[value], str(value)))
    odds = math.log(WRONG_KEYS / (1 - WRONG_KEYS)) + rivals[best] - weight[None]
    return Doubt(1 / (1 + math.exp(-max(min(odds, 700.0), -700.0))), best)


def _weight(accuracy: float, labels: int) -> float:
    """log likelihood ratio of one answer for what it says against any other one."""
    sure = min(max(accuracy, 1 / labels), _SUREST)
    return math.log(sure * (labels - 1) / (1 - sure))


def leak_score(answers: Sequence[GoldAnswer]) -> float:
    """How much better the later half of its workers met the key than the earlier, in standard errors.

    Each answer is compared with its worker's accuracy on all other gold, so that better workers who come late
    are no leak. Above about 3 the key is probably being passed on. 0 for fewer than ten answers.
    """
    if len(answers) < 10:
        return 0.0
    middle = len(answers) // 2
    return (_surprise(answers[middle:]) - _surprise(answers[:middle])) / math.sqrt(2)


def _surprise(answers: Sequence[GoldAnswer]) -> float:
    """Right answers beyond what was expected of these workers, in standard errors."""
    sure = [min(max(one.accuracy, 0.02), _SUREST) for one in answers]
    beyond = sum(one.right for one in answers) - sum(sure)
    return beyond / math.sqrt(sum(p * (1 - p) for p in sure))
