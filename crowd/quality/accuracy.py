"""What gold answers say about one worker's accuracy, and when they are reason enough to pause him."""

from __future__ import annotations

import math
from dataclasses import dataclass

MARGIN = 0.15
"""A worker this far above the minimum must practically never be paused."""
ODDS = 100.0
"""How much likelier bad work must have become. By Ville's inequality 1 good worker of 100 ever reaches it."""
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


def should_pause(right: float, wrong: float, minimum: float) -> bool:
    """Whether gold answers so far are reason to pause somebody where `minimum` accuracy is asked, in (0, 1).

    May be asked after each gold answer: a sequential test. With p0 = minimum + 0.15, but at least half of the way from
    the minimum to 1 left for slips, the answers' likelihood under "some accuracy below the minimum" (a uniform mixture)
    is divided by their likelihood under p0. For anybody at p0 or above that ratio is a supermartingale that starts at
    1, so the chance that it EVER reaches 100 is at most 1 % (J. Ville 1939; A. Wald 1945), however often one looks.
    Nobody is paused whose share right is at or above the minimum.
    """
    if not 0 < minimum < 1:
        raise ValueError(f"minimum={minimum}: wanted a number between 0 and 1")
    if right < 0 or wrong < 0:
        raise ValueError(f"right={right}, wrong={wrong}: wanted counts of at least 0")
    if right + wrong == 0 or right >= minimum * (right + wrong):
        return False
    return evidence_against(right, wrong, minimum) >= math.log(ODDS)


def evidence_against(right: float, wrong: float, minimum: float) -> float:
    """log likelihood ratio of "below the minimum" against "comfortably above it", in nats (see should_pause)."""
    good = min(minimum + MARGIN, (1 + minimum) / 2)
    base = right * math.log(good) + wrong * math.log1p(-good)
    terms = []
    for step in range(_GRID):
        bad = minimum * (step + 0.5) / _GRID
        terms.append(right * math.log(bad) + wrong * math.log1p(-bad) - base)
    top = max(terms)
    return top + math.log(sum(math.exp(term - top) for term in terms) / _GRID)


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
