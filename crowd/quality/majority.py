"""Majority vote: the share of a task's answers each label got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Codes, Floats, frozen, rows_to_one
from crowd.quality.results import confusion_given, fit_of
from crowd.quality.types import Fit, Gold, Votes


def vote_shares(votes: Votes, weights: Floats | None = None) -> Floats:
    """(T, K): share of the voting answers (of their weights, one a vote) for each label; without any, uniform."""
    cast = votes.votes_cast
    size = len(votes.tasks) * len(votes.labels)
    cell = votes.task[cast].astype(np.int64) * len(votes.labels) + votes.label[cast]
    summed = np.bincount(cell, None if weights is None else weights[cast], minlength=size)
    return rows_to_one(summed.astype(np.float64).reshape(len(votes.tasks), len(votes.labels)))


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
