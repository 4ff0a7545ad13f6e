"""MACE: a worker knows, or answers from a habit that ignores the task.

D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, Learning Whom to Trust with MACE, NAACL-HLT 2013. Here with priors
pooled towards the crowd in place of fixed ones, a deterministic start in place of random restarts, and a class prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.em import Stop, check_stop, fit_model, log_of, log_shares
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.priors import Habits, learn_habits
from crowd.quality.types import Fit, Gold, Votes


@dataclass(frozen=True)
class MACE:
    """Knows with probability a, else answers from a habit; both drawn to the crowd's mean by `pooling` answers."""

    max_iterations: int = 100
    tolerance: float = 1e-5
    pooling: float = 5.0
    class_weight: float = 1.0
    steps: int = 8
    threads: int | None = None

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance, self.threads)
        if not (self.pooling > 0 and self.class_weight >= 0 and self.steps >= 1):
            raise ValueError(f"{self}: wanted pooling > 0, class_weight >= 0 and steps >= 1")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posteriors, and each worker's knowledge and habit seen as a confusion matrix."""
        model = HabitModel("mace", self.pooling, self.class_weight, self.steps)
        return fit_model(model, votes, gold, start, Stop(self.max_iterations, self.tolerance, self.threads))


@dataclass(frozen=True, eq=False)
class HabitTable:
    """log_table (R, K), log_prior (K,), log density."""

    log_table: Floats
    log_prior: Floats
    log_density: float


@dataclass(frozen=True)
class HabitModel:
    """Knowledge and habit, as `fit_model` wants a model."""

    name: str
    pooling: float
    class_weight: float
    steps: int

    def _habits(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Habits:
        return learn_habits(pairs, sweep.counts, n_workers, self.pooling, self.steps)

    def m_step(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> HabitTable:
        """Some EM steps inside each worker: which right answers were known, which guessed."""
        habits = self._habits(sweep, pairs, n_workers)
        knows = habits.knows[pairs.worker]
        table = np.repeat(((1 - knows) * habits.habit)[:, None], sweep.counts.shape[1], axis=1)
        table[np.arange(len(pairs)), pairs.label] += knows
        log_prior = log_shares(sweep.class_counts + self.class_weight)
        density = self._density(habits, pairs) + self.class_weight * float(log_prior.sum())
        return HabitTable(log_of(table), log_prior, density)

    def _density(self, habits: Habits, pairs: Pairs) -> float:
        known = habits.common * log_of(habits.knows) + (1 - habits.common) * log_of(1 - habits.knows)
        habit = habits.usual[pairs.label] * log_of(habits.habit)
        return self.pooling * float(known.sum() + habit.sum())

    def confusion(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Floats:
        """(W, K, K): knowledge on the diagonal plus the habit in every row."""
        return self._habits(sweep, pairs, n_workers).dense(pairs)
