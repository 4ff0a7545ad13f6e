"""Whole rankings: Borda's count and the Plackett-Luce model.

J.-C. de Borda, Memoire sur les elections au scrutin, 1781; R. Plackett, The Analysis of Permutations, 1975; MM steps of
D. R. Hunter, MM Algorithms for Generalized Bradley-Terry Models, Annals of Statistics 32, 2004.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowd.quality.arrays import Codes, Floats, Names, frozen
from crowd.quality.em import check_positive, check_stop
from crowd.quality.encode import encode_names
from crowd.quality.pairs import ScoreFit


@dataclass(frozen=True, eq=False)
class Rankings:
    """Rankings of items, best first, each of all items or of some of them."""

    items: Names
    orders: tuple[Codes, ...]

    @classmethod
    def from_orders(cls, orders: Sequence[Sequence[Any]]) -> Rankings:
        """From sequences of item names, best first. ValueError with the place for an item ranked twice."""
        for place, order in enumerate(orders):
            if len(set(order)) < len(order):
                raise ValueError(f"ranking at position {place} names an item twice: {list(order)}")
        names, flat = encode_names([item for order in orders for item in order], "item")
        ends = np.cumsum([len(order) for order in orders])
        return cls(names, tuple(frozen(part) for part in np.split(flat, ends[:-1])) if len(orders) else ())


@dataclass(frozen=True)
class Borda:
    """Mean share of the other ranked items a ranking puts below the item, less 1/2: from -1/2 (always last) to 1/2.

    A ranking of one item says nothing; an item that only such rankings name scores 0.
    """

    def fit(self, rankings: Rankings) -> ScoreFit:
        """Scores of all items."""
        total, seen = np.zeros(len(rankings.items)), np.zeros(len(rankings.items))
        for order in rankings.orders:
            if len(order) > 1:
                total[order] += np.linspace(0.5, -0.5, len(order))
                seen[order] += 1
        return _fit("borda", rankings, total / np.maximum(seen, 1), 0, float("nan"))


@dataclass(frozen=True)
class PlackettLuce:
    """The best is chosen with probability proportional to its strength, then the best of the rest, and so on.

    `prior` is a number of drawn comparisons of every item with an average one, as in `BradleyTerry`, which this is
    for rankings of two.
    """

    max_iterations: int = 1000
    tolerance: float = 1e-8
    prior: float = 0.1

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        check_positive(prior=self.prior)

    def fit(self, rankings: Rankings) -> ScoreFit:
        """Log strengths with mean 0."""
        size = len(rankings.items)
        wins = np.full(size, self.prior / 2)
        for order in rankings.orders:
            wins[order[:-1]] += 1
        strength = np.ones(size)
        step, moved = 0, np.inf
        while moved >= self.tolerance and step < self.max_iterations:
            step += 1
            new = wins / (_chances(rankings, strength) + self.prior / (strength + 1))
            new /= np.exp(np.log(new).mean()) if size else 1.0
            moved = float(np.abs(np.log(new / strength)).max(initial=0.0))
            strength = new
        return _fit("plackett-luce", rankings, np.log(strength), step, _evidence(rankings, strength))


def _chances(rankings: Rankings, strength: Floats) -> Floats:
    """(N,): for each item the sum, over the choices it stood in, of 1 / the total strength on offer."""
    total = np.zeros(len(strength))
    for order in rankings.orders:
        offered = np.cumsum(strength[order][::-1])[::-1]
        share = np.cumsum(1 / offered[:-1])
        total[order] += np.append(share, share[-1:])[: len(order)] if len(order) > 1 else 0.0
    return total


def _evidence(rankings: Rankings, strength: Floats) -> float:
    logs = [np.log(strength[order]) - np.log(np.cumsum(strength[order][::-1])[::-1]) for order in rankings.orders]
    return float(sum(part.sum() for part in logs))


def _fit(method: str, rankings: Rankings, score: Floats, steps: int, evidence: float) -> ScoreFit:
    return ScoreFit(method, rankings.items, frozen(score), (), frozen(np.zeros(0)), steps, evidence)
