"""Weighted majority votes: workers weighted by their accuracy on gold, or by their agreement with the majority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Codes, Floats, frozen, sums
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.results import confusion_given, fit_of
from crowd.quality.types import Fit, Gold, Votes


@dataclass(frozen=True)
class GoldWeightedVote:
    """A vote weighs its worker's accuracy on gold, a Beta posterior mean with `right` and `wrong` pseudo-answers.

    Weights are log odds against guessing, log(a (K - 1) / (1 - a)), the best for independent one-coin workers
    (Nitzan and Paroush 1982); a worker at or below chance weighs nothing.
    """

    right: float = 2.0
    wrong: float = 1.0

    def __post_init__(self) -> None:
        if not (self.right > 0 and self.wrong > 0):
            raise ValueError(f"{self}: wanted pseudo-answers above 0")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Shares of weight. Without any gold everybody weighs the same. `start` changes nothing."""
        votes = votes.with_labels_of(gold)
        codes = votes.gold_codes(gold)
        known = codes[votes.task] >= 0
        right = known & (codes[votes.task] == votes.label)
        hits = sums(votes.worker, right.astype(np.float64), len(votes.workers))
        total = sums(votes.worker, known.astype(np.float64), len(votes.workers))
        accuracy = (hits + self.right) / (total + self.right + self.wrong)
        odds = np.log(accuracy / (1 - accuracy)) + np.log(max(len(votes.labels) - 1, 1))
        return weighted_fit("gold-weighted vote", votes, codes, np.maximum(odds, 0.0))


@dataclass(frozen=True)
class Wawa:
    """Worker agreement with aggregate: votes weigh their worker's share of answers equal to the majority's.

    Posteriors are shares of weight. As in crowd-kit, where the name comes from; a tied majority counts in part.
    """

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Two passes: majority, then weights. `start` changes nothing."""
        votes = votes.with_labels_of(gold)
        codes = votes.gold_codes(gold)
        share = clamped(vote_shares(votes), codes)
        best = share >= share.max(axis=1, initial=0.0, keepdims=True) - 1e-12
        credit = best / np.maximum(best.sum(axis=1, keepdims=True), 1)
        hits = sums(votes.worker, credit[votes.task, votes.label], len(votes.workers))
        return weighted_fit("wawa", votes, codes, hits / np.maximum(votes.worker_answers, 1))


def weighted_fit(method: str, votes: Votes, gold: Codes, weight: Floats) -> Fit:
    """Shares of the workers' weights (W,), gold clamped; where nobody weighs anything, plain shares."""
    heavy = sums(votes.task[votes.votes_cast], weight[votes.worker][votes.votes_cast], len(votes.tasks)) > 0
    shares = np.where(heavy[:, None], vote_shares(votes, weight[votes.worker]), vote_shares(votes))
    posterior = frozen(clamped(shares, gold))
    return fit_of(method, votes, posterior, lambda: confusion_given(votes, posterior))
