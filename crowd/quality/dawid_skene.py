"""Dawid-Skene: every worker has a confusion matrix, found together with the answers by EM.

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, Applied
Statistics 28(1), 1979. With Dirichlet priors the same steps climb the posterior density of the parameters (MAP).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crowd.quality.arrays import Floats, rows_to_one
from crowd.quality.em import Stop, check_stop, fit_model, log_of, log_shares, worker_sums
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.priors import Hierarchical, Prior, PseudoCounts
from crowd.quality.types import Fit, Gold, Votes


@dataclass(frozen=True)
class DawidSkene:
    """Full confusion matrices under a prior; `prior=None` is maximum likelihood.

    One iteration is an M step and an E step. It stops when the objective (log likelihood plus log prior, nats per
    answer) gains less than `tolerance`, or after `max_iterations`. `threads` is for the compiled kernels of the extra
    `fast`: 0 for numpy, None lets the size decide.
    """

    max_iterations: int = 100
    tolerance: float = 1e-5
    prior: Prior | None = field(default_factory=Hierarchical)
    threads: int | None = None

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance, self.threads)

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posterior, confusion and class prior of these votes. Gold is clamped.

        `start` warms the first M step with an earlier fit's posteriors: quicker, for interim views; what settles pay
        starts cold, because chained warm starts drift (docs/quality.md).
        """
        model = ConfusionModel("dawid-skene", self.prior)
        return fit_model(model, votes, gold, start, Stop(self.max_iterations, self.tolerance, self.threads))


@dataclass(frozen=True)
class ConfusionModel:
    """Full confusion matrices, as `fit_model` wants a model."""

    name: str
    prior: Prior | None

    def m_step(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Confusions:
        """See `m_step`."""
        return m_step(sweep, pairs, self.prior, n_workers)

    def confusion(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Floats:
        """(W, K, K) from the last E step."""
        pseudo = None if self.prior is None else self.prior.pseudo_counts(pairs, sweep.counts, n_workers)
        return full_confusion(sweep, pseudo, pairs, n_workers)


@dataclass(frozen=True, eq=False)
class Confusions:
    """What an M step found: log_table (R, K) of the occurring pairs, log_prior (K,), and the log density of both."""

    log_table: Floats
    log_prior: Floats
    log_density: float


def m_step(sweep: Sweep, pairs: Pairs, prior: Prior | None, n_workers: int) -> Confusions:
    """The most probable parameters given expected counts."""
    totals = worker_sums(sweep.counts, pairs, n_workers)
    if prior is None:
        return Confusions(_logs(sweep.counts, totals, pairs), log_shares(sweep.class_counts), 0.0)
    pseudo = prior.pseudo_counts(pairs, sweep.counts, n_workers)
    totals += pseudo.totals
    log_table = _logs(sweep.counts + pseudo.cells, totals, pairs)
    log_prior = log_shares(sweep.class_counts + prior.class_weight)
    density = _log_density(pseudo, log_table, totals, pairs) + prior.class_weight * float(log_prior.sum())
    return Confusions(log_table, log_prior, density)


def _logs(weights: Floats, totals: Floats, pairs: Pairs) -> Floats:
    """(R, K): log weight minus the log total of the pair's worker."""
    return log_of(weights) - log_of(totals)[pairs.worker]


def _log_density(pseudo: PseudoCounts, log_table: Floats, totals: Floats, pairs: Pairs) -> float:
    """log Dirichlet density up to its constant. Labels a worker never gave hold pseudo / total, so their share of the
    sum is minus their pseudo-count times log total, but for a constant."""
    unseen = pseudo.totals - worker_sums(pseudo.cells, pairs, len(totals))
    return float((pseudo.cells * log_table).sum() - (unseen * log_of(totals)).sum())


def full_confusion(sweep: Sweep, pseudo: PseudoCounts | None, pairs: Pairs, n_workers: int) -> Floats:
    """(W, K, K) [worker, true, given]: expected counts plus pseudo-counts, rows divided by their sum.

    A row with neither answers nor pseudo-counts is uniform.
    """
    n_labels = sweep.counts.shape[1]
    matrix = np.zeros((n_workers, n_labels, n_labels))
    matrix[pairs.worker, :, pairs.label] = sweep.counts
    return rows_to_one(matrix if pseudo is None else matrix + pseudo.dense())
