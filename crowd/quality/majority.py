"""Majority vote: the share of a task's answers each label got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Codes, Floats, frozen, rows_to_one
from crowd.quality.results import confusion_given, fit_of
from crowd.quality.types import Fit, Gold, Votes

AT_ONCE = 1 << 20
"""Votes counted at a time, so that ten million need no copies of ten million."""


def vote_shares(votes: Votes, weights: Floats | None = None) -> Floats:
    """(T, K): share of the voting answers (of their weights, one a vote) for each label; without any, uniform."""
    n_labels = len(votes.labels)
    total = np.zeros(len(votes.tasks) * n_labels)
    for low in range(0, len(votes), AT_ONCE):
        part = slice(low, low + AT_ONCE)
        weight = np.ones(len(votes.task[part])) if weights is None else weights[part]
        if votes.voting is not None:
            weight = weight * votes.voting[part]
        np.add.at(total, votes.task[part].astype(np.int64) * n_labels + votes.label[part], weight)
    return rows_to_one(total.reshape(len(votes.tasks), n_labels))


def clamped(posterior: Floats, gold: Codes) -> Floats:
    """A copy with the rows of gold tasks (code >= 0) set to certainty."""
    known = np.flatnonzero(gold >= 0)
    fixed = posterior.copy()
    fixed[known] = 0.0
    fixed[known, gold[known]] = 1.0
    return fixed


@dataclass(frozen=True)
class MajorityVote:
    """The most frequent label of each task. No parameters; gold tasks keep their gold label."""

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Vote shares as posterior. `start` is taken for the shape of the interface and changes nothing."""
        votes = votes.with_labels_of(gold)
        posterior = frozen(clamped(vote_shares(votes), votes.gold_codes(gold)))
        return fit_of("majority", votes, posterior, lambda: confusion_given(votes, posterior))
