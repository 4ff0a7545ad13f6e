"""Ordered labels (ratings): a worker has a bias and a spread along the scale, not a free confusion matrix.

Labels stand at 0, 1, ... K - 1 in label order. Given the true one k, worker w gives l with probability proportional to
exp(-(l - k - bias)^2 / (2 spread^2)). Two numbers a worker in place of K (K - 1); bias and spread come from the moments
of l - k under the posterior, pooled towards the crowd's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Codes, Floats, frozen, sums
from crowd.quality.em import Stop, check_stop, fit_model, log_shares
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.types import Fit, Gold, Votes


@dataclass(frozen=True)
class Ordinal:
    """Bias and spread of each worker, pooled by `pooling` answers; posteriors over the labels as everywhere."""

    max_iterations: int = 100
    tolerance: float = 1e-5
    pooling: float = 5.0
    class_weight: float = 1.0
    least_spread: float = 0.3

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        if not (self.pooling > 0 and self.least_spread > 0 and self.class_weight >= 0):
            raise ValueError(f"{self}: wanted pooling and least_spread above 0")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posteriors; `ratings(fit)` gives medians and means, which cost less than the mode where errors are near."""
        model = ScaleModel("ordinal", self.pooling, self.class_weight, self.least_spread)
        return fit_model(model, votes, gold, start, Stop(self.max_iterations, self.tolerance))


@dataclass(frozen=True, eq=False)
class Ratings:
    """median (T,): label code of the posterior median, which has the least expected distance; mean and deviation (T,)
    of the posterior over the positions 0 .. K - 1."""

    median: Codes
    mean: Floats
    deviation: Floats


def ratings(fit: Fit) -> Ratings:
    """Decisions on an ordered scale from any categorical fit whose label order is the scale."""
    place = np.arange(len(fit.labels), dtype=np.float64)
    median = (np.cumsum(fit.posterior, axis=1) >= 0.5 - 1e-12).argmax(axis=1)
    mean = fit.posterior @ place
    deviation = np.sqrt(np.maximum(fit.posterior @ place**2 - mean**2, 0.0))
    return Ratings(frozen(median.astype(np.int32)), frozen(mean), frozen(deviation))


@dataclass(frozen=True, eq=False)
class Scales:
    """log_table (R, K), log_prior (K,), log density; matrix (W, K, K)."""

    log_table: Floats
    log_prior: Floats
    log_density: float
    matrix: Floats


@dataclass(frozen=True)
class ScaleModel:
    """Bias and spread, as `fit_model` wants a model."""

    name: str
    pooling: float
    class_weight: float
    least_spread: float

    def m_step(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Scales:
        """Moments of the distance between given and true label."""
        n_labels = sweep.counts.shape[1]
        off = pairs.label[:, None] - np.arange(n_labels)
        bias, spread = self._moments(sweep.counts, off.astype(np.float64), pairs, n_workers)
        place = np.arange(n_labels)
        far = place[None, None, :] - place[None, :, None] - bias[:, None, None]
        matrix = np.exp(-(far**2) / (2 * spread[:, None, None] ** 2)) + 1e-9
        matrix /= matrix.sum(axis=2, keepdims=True)
        log_prior = log_shares(sweep.class_counts + self.class_weight)
        log_table = np.log(matrix[pairs.worker, :, pairs.label])
        return Scales(log_table, log_prior, self.class_weight * float(log_prior.sum()), matrix)

    def _moments(self, counts: Floats, off: Floats, pairs: Pairs, n_workers: int) -> tuple[Floats, Floats]:
        total = sums(pairs.worker, counts.sum(axis=1), n_workers)
        bias = sums(pairs.worker, (counts * off).sum(axis=1), n_workers) / (total + self.pooling)
        square = (counts * (off - bias[pairs.worker, None]) ** 2).sum(axis=1)
        common = square.sum() / max(float(total.sum()), 1e-300)
        variance = (sums(pairs.worker, square, n_workers) + self.pooling * common) / (total + self.pooling)
        return bias, np.maximum(np.sqrt(variance), self.least_spread)

    def confusion(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Floats:
        """(W, K, K) from the last E step."""
        return self.m_step(sweep, pairs, n_workers).matrix
