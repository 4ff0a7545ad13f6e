"""What one more answer to a task is worth, and when to stop asking.

The worth of a task's consensus is the probability that it is right. A further answer changes it: averaged over what the
next workers may say (each worker of the crowd by his share of the answers), the expected best posterior can only grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from math import factorial

import numpy as np

from crowd.quality.arrays import Flags, Floats, frozen, rows_to_one
from crowd.quality.types import Fit, Votes

MOST_OUTCOMES = 300


@dataclass(frozen=True, eq=False)
class ValueOfAnswer:
    """For each task of a fit: the expected gain of one more answer, set against its price.

    price    what an answer costs, as a share of what a right consensus is worth: at 0.02, fifty answers cost as much as
             one more right task is worth
    depth    how many answers are looked ahead. With one, two agreeing answers look final (a third could at most tie),
             so the gain per answer is the best over 1 .. depth answers asked together
    posterior is the fit's unless a calibrated one is given: an overconfident posterior stops too early
    """

    votes: Votes
    fit: Fit
    price: float
    posterior: Floats | None = None
    depth: int = 3

    def __post_init__(self) -> None:
        if not self.price >= 0 or self.depth < 1:
            raise ValueError(f"price={self.price}, depth={self.depth}: wanted at least 0 and at least 1")

    @cached_property
    def crowd(self) -> Floats:
        """(K, K): how the crowd's next worker answers, [true, given]: confusions weighted by number of answers."""
        share = self.votes.worker_answers / max(len(self.votes), 1)
        size = len(self.fit.labels)
        return rows_to_one(np.einsum("w,wkl->kl", share, self.fit.confusion) + 1e-9 / max(size, 1))

    @cached_property
    def gain(self) -> Floats:
        """(T,): expected gain in the probability of being right, per answer."""
        posterior = self.fit.posterior if self.posterior is None else self.posterior
        best, now = np.zeros(len(posterior)), posterior.max(axis=1, initial=0.0)
        for ahead in range(1, self.depth + 1):
            outcomes = _outcomes(posterior.shape[1], ahead)
            if outcomes is None:
                break
            best = np.maximum(best, (_expected_best(posterior, self.crowd, outcomes) - now) / ahead)
        return frozen(best)

    @cached_property
    def worth_asking(self) -> Flags:
        """(T,): the gain of one more answer exceeds its price. The stop rule is its opposite."""
        return frozen(self.gain > self.price)


def _outcomes(n_labels: int, ahead: int) -> Floats | None:
    """(outcomes, K + 1): how often each label is given among the next answers, and in how many orders; None if there
    are too many to go through."""
    if (n_labels + ahead) ** ahead > MOST_OUTCOMES * factorial(ahead) * 8 and ahead > 1:
        return None
    rows = []
    for labels in combinations_with_replacement(range(n_labels), ahead):
        counts = np.bincount(labels, minlength=n_labels)
        orders = factorial(ahead) / np.prod([float(factorial(int(c))) for c in counts])
        rows.append([*counts.astype(float), orders])
    return np.array(rows)


def _expected_best(posterior: Floats, crowd: Floats, outcomes: Floats) -> Floats:
    """(T,): sum over outcomes of max over labels of the joint probability of label and outcome."""
    logs = np.log(np.maximum(crowd, 1e-300))
    total = np.zeros(len(posterior))
    for row in outcomes:
        chance = row[-1] * np.exp(logs @ row[:-1])
        total += (posterior * chance).max(axis=1, initial=0.0)
    return total
