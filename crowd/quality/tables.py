"""Counts in a table: are its rows distributed alike?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEW = 5.0
THIN = 0.2


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's test of homogeneity. `p` is how often chance alone gives rows as unlike as these.

    `effect` is Cramér's V in [0, 1]: how unlike they are, whatever their number. `thin`: more than a fifth of the
    cells expect fewer than five, so that `p` is not to be relied on (W. G. Cochran, 1954).
    """

    statistic: float
    freedom: int
    p: float
    effect: float
    thin: bool


def chi_square(table: npt.ArrayLike) -> ChiSquare | None:
    """Of counts (R, C); rows and columns of nothing but zeros are left out. None where fewer than two of either remain.

    K. Pearson, 1900; H. Cramér, Mathematical Methods of Statistics, 1946. Raises ValueError for a negative count.
    """
    counts = np.atleast_2d(np.asarray(table, dtype=np.float64))
    if not (counts >= 0).all():
        raise ValueError("counts cannot be negative")
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return None
    total = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    effect = math.sqrt(statistic / (total * (min(counts.shape) - 1)))
    thin = float((expected < FEW).mean()) > THIN
    return ChiSquare(statistic, freedom, chi_square_tail(statistic, freedom), min(effect, 1.0), thin)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) for X of a chi-square distribution with so many degrees of freedom: Q(freedom / 2, x / 2)."""
    if statistic < 0 or freedom < 1:
        raise ValueError(f"statistic={statistic}, freedom={freedom}: wanted at least 0 and 1")
    a, x = freedom / 2, statistic / 2
    if x == 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1 - front * _series(a, x) if x < a + 1 else front * _fraction(a, x)


def _series(a: float, x: float) -> float:
    """Of the lower incomplete gamma function (Numerical Recipes 6.2.5)."""
    term = total = 1 / a
    step = a
    while abs(term) > abs(total) * 1e-16:
        step += 1
        term *= x / step
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Of the upper one, by Lentz's method (Numerical Recipes 6.2.7)."""
    b = x + 1 - a
    c, d = 1e300, 1 / b
    total = d
    for n in range(1, 10_000):
        factor = -n * (n - a)
        b += 2
        d = 1 / (factor * d + b)
        c = b + factor / c
        total *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return total


def rounded(count: int, digits: int = 2) -> int:
    """To so many significant digits, and to a multiple of five below that: counts of people's answers that are not to
    be taken apart again (conventional rounding; Willenborg and de Waal, 2001)."""
    step = rounding_step(count, digits)
    return round(count / step) * step


def rounding_step(count: int, digits: int = 2) -> int:
    """Of what `rounded` makes a multiple."""
    scale: int = 10 ** max(len(str(abs(count))) - digits, 0)
    return 5 if scale == 1 else scale
