"""What gold answers say about one worker's accuracy, and when they are reason enough to pause him."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Floats

MARGIN = 0.15
"""A worker this far above the minimum must practically never be paused."""
BUDGET = 0.01
"""Such a worker is stopped wrongly with at most this probability, by quiz and all later looks together."""
_GRID = 64


@dataclass(frozen=True)
class BetaAccuracy:
    """Beta(right + a, wrong + b) posterior of an accuracy. The prior Beta(1, 1) knows nothing."""

    right: float
    wrong: float
    prior_right: float = 1.0
    prior_wrong: float = 1.0

    def __post_init__(self) -> None:
        if not (self.right >= 0 and self.wrong >= 0 and self.prior_right > 0 and self.prior_wrong > 0):
            raise ValueError(f"{self}: wanted counts of at least 0 and prior counts above 0")

    @property
    def mean(self) -> float:
        """Expected accuracy, in [0, 1]."""
        a, b = self.right + self.prior_right, self.wrong + self.prior_wrong
        return a / (a + b)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The central credible interval holding `level` of the posterior."""
        if not 0 < level < 1:
            raise ValueError(f"level={level}: wanted a number between 0 and 1")
        a, b = self.right + self.prior_right, self.wrong + self.prior_wrong
        tail = (1 - level) / 2
        return beta_quantile(a, b, tail), beta_quantile(a, b, 1 - tail)

    def below(self, accuracy: float) -> float:
        """Probability that the true accuracy is below this one."""
        return beta_cdf(self.right + self.prior_right, self.wrong + self.prior_wrong, accuracy)


@dataclass(frozen=True, eq=False)
class Others:
    """What the other workers say about his answers to ordinary tasks: the probability (n,) of each being right, from
    their answers alone (never his own), and the number of labels. Kept from certainty, since others may all err."""

    chance: Floats
    labels: int

    @classmethod
    def of(cls, chance: Iterable[float], labels: int) -> Others:
        """Raises ValueError for fewer than two labels or a chance outside [0, 1]."""
        values = np.array(list(chance), dtype=np.float64)
        if labels < 2 or not ((values >= 0) & (values <= 1)).all():
            raise ValueError(f"labels={labels}: wanted at least 2, and chances from 0 to 1")
        return cls(np.clip(values, DOUBT, 1 - DOUBT), labels)


DOUBT = 0.02
"""No consensus is believed further than this from certainty."""
NOBODY = Others.of([], 2)


@dataclass(frozen=True)
class QuizMark:
    """`right` answers pass; `error` is the probability that somebody comfortably above the minimum fails."""

    right: int
    error: float


def comfortable(minimum: float) -> float:
    """The accuracy from which a worker must practically never be stopped: the minimum + 0.15, but at least half of the
    way from the minimum to 1 is left for slips. Raises ValueError unless 0 < minimum < 1."""
    if not 0 < minimum < 1:
        raise ValueError(f"minimum={minimum}: wanted a number between 0 and 1")
    return min(minimum + MARGIN, (1 + minimum) / 2)


def quiz_mark(length: int, minimum: float) -> QuizMark:
    """The highest mark for a quiz of so many gold answers that takes at most half of the error budget.

    A fixed-size binomial test at its end: nobody is stopped in the middle of a quiz.
    """
    good, mark, error = comfortable(minimum), 0, 0.0
    while mark < length:
        more = error + math.comb(length, mark) * good**mark * (1 - good) ** (length - mark)
        if more > BUDGET / 2:
            break
        mark, error = mark + 1, more
    return QuizMark(mark, error)


def should_pause(
    right: float, wrong: float, minimum: float, *, quiz_error: float = 0.0, others: Others = NOBODY
) -> bool:
    """Whether what is known so far is reason to pause somebody where `minimum` accuracy is asked, in (0, 1).

    May be asked after each gold answer: a sequential test. With p0 = `comfortable(minimum)`, the answers' likelihood
    under "some accuracy below the minimum" (a uniform mixture) is divided by their likelihood under p0. For anybody at
    p0 or above that ratio is a supermartingale that starts at 1, so the chance that it EVER reaches 1 / e is at most e
    (J. Ville 1939; A. Wald 1945), however often one looks. e is what the quiz left of the error budget of 1 %: quiz and
    test together stop at most 1 good worker of 100. Nobody is paused whose share right on gold is at or above the
    minimum.

    `others` adds answers to ordinary tasks, judged by what the other workers said (`Others`). They can hasten a pause
    and never cause one: gold itself must speak against him.
    """
    odds = math.log(1 / (BUDGET - min(max(quiz_error, 0.0), BUDGET / 2)))
    if right < 0 or wrong < 0:
        raise ValueError(f"right={right}, wrong={wrong}: wanted counts of at least 0")
    comfortable(minimum)
    if right + wrong == 0 or right >= minimum * (right + wrong):
        return False
    if evidence_against(right, wrong, minimum) >= odds:
        return True
    return len(others.chance) > 0 and evidence_against(right, wrong, minimum, others) >= odds


def evidence_against(right: float, wrong: float, minimum: float, others: Others = NOBODY) -> float:
    """log likelihood ratio of "below the minimum" against "comfortably above it", in nats (see should_pause)."""
    bad = minimum * (np.arange(_GRID) + 0.5) / _GRID
    good = np.array([comfortable(minimum)])
    terms = _log_likelihood(bad, right, wrong, others) - _log_likelihood(good, right, wrong, others)
    top = float(terms.max())
    return top + math.log(float(np.exp(terms - top).mean()))


def _log_likelihood(accuracy: Floats, right: float, wrong: float, others: Others) -> Floats:
    """For each accuracy. An answer that the others think right with chance q has a q + (1 - a) (1 - q) / (K - 1)."""
    q, a = others.chance[None, :], accuracy[:, None]
    soft = np.log(a * q + (1 - a) * (1 - q) / (others.labels - 1)).sum(axis=1)
    total: Floats = right * np.log(accuracy) + wrong * np.log1p(-accuracy) + soft
    return total


def beta_cdf(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function I_x(a, b), by Lentz's continued fraction (Numerical Recipes 6.4)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 400):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            c = 1 + step / c
            d = 1 / (1 + step * d)
            total *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return total


def beta_quantile(a: float, b: float, share: float) -> float:
    """The x with I_x(a, b) = share, by bisection to full precision."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if beta_cdf(a, b, middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2
