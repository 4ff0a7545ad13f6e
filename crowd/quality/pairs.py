"""Which of two is better: Bradley-Terry, and its form for workers who do not always look.

R. A. Bradley and M. E. Terry, Rank Analysis of Incomplete Block Designs, Biometrika 39, 1952; EM as in X. Chen et al.,
Pairwise Ranking Aggregation in a Crowdsourced Setting, WSDM 2013, and crowd-kit's NoisyBradleyTerry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowd.quality.arrays import Codes, Flags, Floats, Names, frozen, sums
from crowd.quality.em import check_positive, check_stop
from crowd.quality.encode import encode_names, same_length


@dataclass(frozen=True, eq=False)
class PairVotes:
    """n comparisons: `workers[worker[i]]` saw `left[i]` beside `right[i]` (item codes) and chose left or right."""

    items: Names
    workers: Names
    worker: Codes
    left: Codes
    right: Codes
    left_won: Flags

    def __len__(self) -> int:
        return len(self.left)

    @classmethod
    def from_pairs(
        cls, workers: Sequence[Any], left: Sequence[Any], right: Sequence[Any], winner: Sequence[Any]
    ) -> PairVotes:
        """From four sequences. ValueError with the place for a winner that was not shown, or an item beside itself."""
        size = same_length(workers=workers, left=left, right=right, winner=winner)
        for place, (one, other, best) in enumerate(zip(left, right, winner, strict=True)):
            if one == other:
                raise ValueError(f"comparison at position {place} shows {one!r} beside itself")
            if best not in (one, other):
                raise ValueError(f"winner {best!r} at position {place} is neither {one!r} nor {other!r}")
        items, codes = encode_names([*left, *right], "item")
        names, worker = encode_names(workers, "worker")
        won = np.array([best == one for best, one in zip(winner, left, strict=True)], np.bool_)
        return cls(items, names, frozen(worker), frozen(codes[:size]), frozen(codes[size:]), frozen(won))

    @property
    def winner(self) -> Codes:
        """(n,): code of the item chosen."""
        return np.where(self.left_won, self.left, self.right)

    @property
    def loser(self) -> Codes:
        """(n,): code of the item not chosen."""
        return np.where(self.left_won, self.right, self.left)


@dataclass(frozen=True, eq=False)
class ScoreFit:
    """score (N,): log strength of each item, mean 0; ranking: item names, best first (ties as they
    appeared); attention (W,): how often a worker looks before choosing (1 where the method does not ask)."""

    method: str
    items: Names
    score: Floats
    workers: Names
    attention: Floats
    iterations: int
    evidence: float

    @property
    def ranking(self) -> Names:
        """Item names, best first."""
        return tuple(self.items[code] for code in np.argsort(-self.score, kind="stable"))


@dataclass(frozen=True)
class BradleyTerry:
    """P(i beats j) = s_i / (s_i + s_j), by the MM steps of D. R. Hunter, Annals of Statistics 32, 2004.

    `prior` is a number of drawn comparisons of every item with an average one: without it an item that never lost
    would be infinitely strong, and items never linked by comparisons could not be ordered.
    """

    max_iterations: int = 1000
    tolerance: float = 1e-8
    prior: float = 0.1

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        check_positive(prior=self.prior)

    def fit(self, pairs: PairVotes) -> ScoreFit:
        """Scores of all items that were shown."""
        score, steps = bradley_terry(pairs, np.ones(len(pairs)), self.prior, self.max_iterations, self.tolerance)
        gap = score[pairs.winner] - score[pairs.loser]
        evidence = -float(np.logaddexp(0, -gap).sum())
        attention = frozen(np.ones(len(pairs.workers)))
        return ScoreFit("bradley-terry", pairs.items, frozen(score), pairs.workers, attention, steps, evidence)


def bradley_terry(
    pairs: PairVotes, weight: Floats, prior: float, max_iterations: int, tolerance: float
) -> tuple[Floats, int]:
    """(log strengths (N,) with mean 0, steps) for comparisons that count `weight` each."""
    size = len(pairs.items)
    wins = sums(pairs.winner, weight, size) + prior / 2
    strength = np.ones(size)
    step, moved = 0, np.inf
    while moved >= tolerance and step < max_iterations:
        step += 1
        share = weight / (strength[pairs.left] + strength[pairs.right])
        total = sums(pairs.left, share, size) + sums(pairs.right, share, size) + prior / (strength + 1)
        new = wins / total
        new /= np.exp(np.log(new).mean()) if size else 1.0
        moved = float(np.abs(np.log(new / strength)).max(initial=0.0))
        strength = new
    return np.log(strength), step


@dataclass(frozen=True)
class NoisyBradleyTerry:
    """A worker looks with probability `attention` and then follows Bradley-Terry; else he takes left or right from a
    habit of his own. EM; Beta priors with `attentive` and `careless` pseudo-comparisons, 1 + 1 on the side."""

    max_iterations: int = 200
    tolerance: float = 1e-6
    prior: float = 0.1
    attentive: float = 4.0
    careless: float = 1.0

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        if not min(self.prior, self.attentive, self.careless) > 0:
            raise ValueError(f"{self}: wanted every prior above 0")

    def fit(self, pairs: PairVotes) -> ScoreFit:
        """Scores, and each worker's attention."""
        workers = len(pairs.workers)
        count = np.bincount(pairs.worker, minlength=workers)
        attention, side = np.full(workers, self.attentive / (self.attentive + self.careless)), np.full(workers, 0.5)
        score, _ = bradley_terry(pairs, np.ones(len(pairs)), self.prior, 20, 1e-4)
        reached: list[float] = []
        while len(reached) < self.max_iterations:
            looked = attention[pairs.worker] / (1 + np.exp(score[pairs.loser] - score[pairs.winner]))
            habit = np.where(pairs.left_won, side[pairs.worker], 1 - side[pairs.worker])
            guessed = (1 - attention[pairs.worker]) * habit
            reached.append(float(np.log(looked + guessed).sum()) / max(len(pairs), 1))
            if len(reached) > 1 and abs(reached[-1] - reached[-2]) < self.tolerance:
                break
            share = looked / (looked + guessed)
            score, _ = bradley_terry(pairs, share, self.prior, 20, 1e-6)
            seen = sums(pairs.worker, share, workers)
            attention = (seen + self.attentive) / (count + self.attentive + self.careless)
            left = sums(pairs.worker, (1 - share) * pairs.left_won, workers)
            side = (left + 1) / (count - seen + 2)
        evidence = reached[-1] * len(pairs)
        return ScoreFit(
            "noisy bradley-terry", pairs.items, frozen(score), pairs.workers, frozen(attention), len(reached), evidence
        )
