"""What is believed about a worker before he answered: Dirichlet pseudo-counts for every row of his confusion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crowd.quality.arrays import Floats, rows_to_one, sums
from crowd.quality.layout import Pairs


@dataclass(frozen=True, eq=False)
class PseudoCounts:
    """cells (R, K): pseudo-count of each occurring (worker, label) pair under each true label;
    totals (W, K): their sum over all labels, also those the worker never gave;
    dense(): all of them, (W, K, K) or (1, K, K), [worker, true, given]."""

    cells: Floats
    totals: Floats
    dense: Callable[[], Floats]


class Prior(Protocol):
    """A rule that gives pseudo-counts, perhaps learnt from the counts of the whole crowd."""

    @property
    def class_weight(self) -> float:
        """Pseudo-count of every class."""
        ...

    def pseudo_counts(self, pairs: Pairs, counts: Floats, n_workers: int) -> PseudoCounts:
        """Pseudo-counts given the expected counts (R, K) so far."""
        ...


@dataclass(frozen=True)
class Dirichlet:
    """The same pseudo-counts for everybody: `cell` everywhere and `diagonal` more where given and true label agree."""

    cell: float = 0.5
    diagonal: float = 2.0
    class_weight: float = 1.0

    def __post_init__(self) -> None:
        if not (self.cell > 0 and self.diagonal >= 0 and self.class_weight >= 0):
            raise ValueError(f"{self}: wanted cell > 0, diagonal >= 0 and class_weight >= 0")

    def pseudo_counts(self, pairs: Pairs, counts: Floats, n_workers: int) -> PseudoCounts:
        """See `Prior`."""
        n_labels = counts.shape[1]
        cells = self.cell + self.diagonal * (pairs.label[:, None] == np.arange(n_labels))
        totals = np.full((n_workers, n_labels), n_labels * self.cell + self.diagonal)
        return PseudoCounts(cells, totals, lambda: (self.cell + self.diagonal * np.eye(n_labels))[None])


@dataclass(frozen=True)
class Hierarchical:
    """Pseudo-counts learnt from the worker's other rows and from the crowd: the default.

    A worker is first taken for somebody who knows the answer with probability a and else answers from a habit h,
    whatever the truth (the structure of MACE): row k is expected to be a * [k] + (1 - a) * h. That covers careful
    people, guessers and those who always say the same. a and h are found for every worker by a few EM steps on his
    counts, drawn towards the crowd's mean with the strength of `pooling` answers. Each row of his confusion then starts
    with `own` pseudo-counts of that expectation and `crowd` pseudo-counts of the crowd's pooled row, and follows the
    data from there. The values were chosen by the likelihood of held-out answers, not by gold (docs/quality.md).
    """

    own: float = 5.0
    crowd: float = 2.0
    pooling: float = 5.0
    class_weight: float = 1.0
    steps: int = 8

    def __post_init__(self) -> None:
        if not (self.own > 0 and self.crowd >= 0 and self.pooling > 0 and self.class_weight >= 0 and self.steps >= 1):
            raise ValueError(f"{self}: wanted own, pooling > 0, crowd, class_weight >= 0 and steps >= 1")

    def pseudo_counts(self, pairs: Pairs, counts: Floats, n_workers: int) -> PseudoCounts:
        """See `Prior`."""
        n_labels = counts.shape[1]
        habits = learn_habits(pairs, counts, n_workers, self.pooling, self.steps)
        pooled = pooled_confusion(pairs, counts)
        knows = habits.knows[pairs.worker]
        cells = (self.own * (1 - knows) * habits.habit)[:, None] + self.crowd * pooled.T[pairs.label]
        cells[np.arange(len(pairs)), pairs.label] += self.own * knows
        totals = np.full((n_workers, n_labels), self.own + self.crowd)
        return PseudoCounts(cells, totals, lambda: self.own * habits.dense(pairs) + self.crowd * pooled)


@dataclass(frozen=True, eq=False)
class Habits:
    """knows (W,): chance that a worker knows; habit (R,): chance that he gives the pair's label when he does not;
    base (W, K): that chance for labels he never gave; common and usual (K,): the crowd's means of the two."""

    knows: Floats
    habit: Floats
    base: Floats
    common: float
    usual: Floats

    def dense(self, pairs: Pairs) -> Floats:
        """(W, K, K): the expected confusion, [worker, true, given]."""
        habit = self.base.copy()
        habit[pairs.worker, pairs.label] = self.habit
        knows = self.knows[:, None, None]
        matrix: Floats = knows * np.eye(habit.shape[1]) + (1 - knows) * habit[:, None, :]
        return matrix


def learn_habits(pairs: Pairs, counts: Floats, n_workers: int, pooling: float, steps: int) -> Habits:
    """Fit "knows with probability a, else answers from habit h" to expected counts (R, K), pooled towards the crowd."""
    n_labels = counts.shape[1]
    given = counts.sum(axis=1)
    right = counts[np.arange(len(pairs)), pairs.label]
    total = sums(pairs.worker, given, n_workers)
    knows = np.full(n_workers, 0.6)
    habit = (given + 1) / (total + n_labels)[pairs.worker]
    for _ in range(steps):
        chance = knows[pairs.worker]
        known = right * chance / (chance + (1 - chance) * habit)
        guessed = given - known
        per_worker = sums(pairs.worker, known, n_workers)
        common = float((per_worker.sum() + 1) / (total.sum() + 2))
        usual = rows_to_one(sums(pairs.label, guessed, n_labels) + 1)
        knows = (per_worker + pooling * common) / (total + pooling)
        rest = total - per_worker + pooling
        habit = (guessed + pooling * usual[pairs.label]) / rest[pairs.worker]
    return Habits(knows, habit, pooling * usual / rest[:, None], common, usual)


def pooled_confusion(pairs: Pairs, counts: Floats, weight: float = 0.1) -> Floats:
    """(K, K) [true, given]: everybody's counts together, `weight` added to each cell, rows sum to 1."""
    n_labels = counts.shape[1]
    rows = [sums(pairs.label, counts[:, label], n_labels) for label in range(n_labels)]
    return rows_to_one(np.array(rows) + weight)
