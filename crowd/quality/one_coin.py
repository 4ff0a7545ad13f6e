"""One-coin Dawid-Skene: one accuracy a worker; wrong answers fall on the other labels alike.

Y. Zhang, X. Chen, D. Zhou and M. I. Jordan, Spectral Methods Meet EM, JMLR 17(102), 2016, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Floats, sums
from crowd.quality.em import Stop, check_stop, fit_model, log_of, log_shares
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.types import Fit, Gold, Votes


@dataclass(frozen=True)
class OneCoin:
    """One accuracy a worker, with `right` and `wrong` pseudo-answers; as robust as it is blunt.

    Right for small data and many labels; wrong where workers differ by class (it reads a cautious crowd backwards).
    """

    max_iterations: int = 100
    tolerance: float = 1e-5
    right: float = 1.0
    wrong: float = 1.0
    class_weight: float = 1.0
    threads: int | None = None

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance, self.threads)
        if not (self.right >= 0 and self.wrong >= 0 and self.class_weight >= 0):
            raise ValueError(f"{self}: wanted pseudo-answers of at least 0")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posteriors and one accuracy a worker, seen as a confusion matrix."""
        model = CoinModel("one-coin", self.right, self.wrong, self.class_weight)
        return fit_model(model, votes, gold, start, Stop(self.max_iterations, self.tolerance, self.threads))


@dataclass(frozen=True, eq=False)
class Coins:
    """log_table (R, K), log_prior (K,), log density, and accuracy (W,)."""

    log_table: Floats
    log_prior: Floats
    log_density: float
    accuracy: Floats


@dataclass(frozen=True)
class CoinModel:
    """One accuracy a worker, as `fit_model` wants a model."""

    name: str
    right: float
    wrong: float
    class_weight: float

    def m_step(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Coins:
        """Accuracies: expected right answers over all answers, pseudo-answers on both sides."""
        n_labels = sweep.counts.shape[1]
        right = sums(pairs.worker, sweep.counts[np.arange(len(pairs)), pairs.label], n_workers)
        total = sums(pairs.worker, sweep.counts.sum(axis=1), n_workers)
        accuracy = np.ones(n_workers)
        if n_labels > 1:
            accuracy = (right + self.right) / np.maximum(total + self.right + self.wrong, 1e-300)
        hit, miss = log_of(accuracy), log_of((1 - accuracy) / max(n_labels - 1, 1))
        same = pairs.label[:, None] == np.arange(n_labels)
        log_prior = log_shares(sweep.class_counts + self.class_weight)
        density = self.right * hit.sum() + self.wrong * log_of(1 - accuracy).sum() + self.class_weight * log_prior.sum()
        return Coins(
            np.where(same, hit[pairs.worker, None], miss[pairs.worker, None]), log_prior, float(density), accuracy
        )

    def confusion(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Floats:
        """(W, K, K): accuracy on the diagonal, the rest spread evenly."""
        n_labels = sweep.counts.shape[1]
        accuracy = self.m_step(sweep, pairs, n_workers).accuracy[:, None, None]
        return spread_evenly(accuracy, n_labels)


def spread_evenly(accuracy: Floats, n_labels: int) -> Floats:
    """(W, K, K) with accuracy (W, 1, 1) on the diagonal and the rest spread over the other labels."""
    if n_labels == 1:
        return np.ones((len(accuracy), 1, 1))
    same = np.eye(n_labels)
    matrix: Floats = accuracy * same + (1 - accuracy) / max(n_labels - 1, 1) * (1 - same)
    return matrix
