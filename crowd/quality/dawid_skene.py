"""Dawid-Skene: every worker has a confusion matrix, found together with the answers by EM.

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, Applied
Statistics 28(1), 1979. With Dirichlet priors the same steps climb the posterior density of the parameters (MAP).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crowd.quality.arrays import Codes, Floats, rows_to_one
from crowd.quality.layout import Layout, Pairs, Sweep
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.priors import Dirichlet, Prior, PseudoCounts
from crowd.quality.results import fit_of, is_identifiable
from crowd.quality.types import Fit, Gold, Votes

TINY = 1e-300


@dataclass(frozen=True)
class DawidSkene:
    """Full confusion matrices. `prior=None` is maximum likelihood.

    One iteration is an M step and an E step. It stops when the objective (log likelihood plus log prior, nats per
    answer) gains less than `tolerance`, or after `max_iterations`.
    """

    max_iterations: int = 100
    tolerance: float = 1e-5
    prior: Prior | None = field(default_factory=Dirichlet)

    def __post_init__(self) -> None:
        if self.max_iterations < 1:
            raise ValueError(f"max_iterations={self.max_iterations}: wanted at least 1")
        if not self.tolerance >= 0:
            raise ValueError(f"tolerance={self.tolerance}: wanted a number of at least 0")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posterior, confusion and class prior of these votes. Gold is clamped.

        `start` warms the first M step with an earlier fit's posteriors: quicker, for interim views; what settles pay
        starts cold, because chained warm starts drift (docs/quality.md).
        """
        votes = votes.with_labels_of(gold)
        codes = votes.gold_codes(gold)
        if not len(votes) or not votes.labels:
            return _nothing(votes, codes)
        return _run(
            self, votes, Layout(votes, codes), starting_posterior(votes, codes, start), bool((codes >= 0).any())
        )


def _nothing(votes: Votes, codes: Codes) -> Fit:
    posterior = clamped(vote_shares(votes), codes)
    shape = (len(votes.workers), len(votes.labels), len(votes.labels))
    return fit_of("dawid-skene", votes, posterior, lambda: rows_to_one(np.zeros(shape)), identifiable=False)


def starting_posterior(votes: Votes, gold: Codes, start: Fit | None) -> Floats:
    """(T, K) vote shares, overwritten by an earlier fit's rows for tasks it knows, gold clamped. Needs equal labels."""
    posterior = vote_shares(votes)
    if start is not None and set(start.labels) <= set(votes.labels):
        column = [votes.labels.index(label) for label in start.labels]
        place = {task: row for row, task in enumerate(start.tasks)}
        rows = [(row, place[task]) for row, task in enumerate(votes.tasks) if task in place]
        here, there = np.array(rows, dtype=np.intp).reshape(-1, 2).T
        posterior[here] = 0.0
        posterior[here[:, None], column] = start.posterior[there]
    return clamped(posterior, gold)


@dataclass(frozen=True, eq=False)
class Parameters:
    """What an M step found: log_table (R, K) of the occurring pairs, log_prior (K,), and the log density of both."""

    log_table: Floats
    log_prior: Floats
    log_density: float
    pseudo: PseudoCounts | None


def m_step(sweep: Sweep, pairs: Pairs, prior: Prior | None, n_workers: int) -> Parameters:
    """The most probable parameters given expected counts."""
    totals = worker_sums(sweep.counts, pairs, n_workers)
    if prior is None:
        return Parameters(_logs(sweep.counts, totals, pairs), _log_shares(sweep.class_counts), 0.0, None)
    pseudo = prior.pseudo_counts(pairs, sweep.counts, n_workers)
    totals += pseudo.totals
    log_table = _logs(sweep.counts + pseudo.cells, totals, pairs)
    log_prior = _log_shares(sweep.class_counts + prior.class_weight)
    density = _log_density(pseudo, log_table, totals, pairs, n_workers) + prior.class_weight * float(log_prior.sum())
    return Parameters(log_table, log_prior, density, pseudo)


def _logs(weights: Floats, totals: Floats, pairs: Pairs) -> Floats:
    """(R, K): log weight minus the log total of the pair's worker."""
    logs: Floats = np.log(np.maximum(weights, TINY)) - np.log(np.maximum(totals, TINY))[pairs.worker]
    return logs


def _log_shares(weights: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(weights / weights.sum(), TINY))
    return logs


def worker_sums(values: Floats, pairs: Pairs, n_workers: int) -> Floats:
    """(W, K): the rows of (R, K) added up for each worker; zero for a worker without an answer."""
    summed = np.zeros((n_workers, values.shape[1]))
    first = np.flatnonzero(np.diff(pairs.worker, prepend=-1))
    if len(first):
        summed[pairs.worker[first]] = np.add.reduceat(values, first, axis=0)
    return summed


def _log_density(pseudo: PseudoCounts, log_table: Floats, totals: Floats, pairs: Pairs, n_workers: int) -> float:
    """log Dirichlet density up to its constant. Labels a worker never gave hold pseudo / total, so their share of the
    sum is minus their pseudo-count times log total, but for a constant."""
    unseen = pseudo.totals - worker_sums(pseudo.cells, pairs, n_workers)
    return float((pseudo.cells * log_table).sum() - (unseen * np.log(np.maximum(totals, TINY))).sum())


def _run(method: DawidSkene, votes: Votes, layout: Layout, posterior: Floats, has_gold: bool) -> Fit:
    n_workers = len(votes.workers)
    reached: list[float] = []
    sweep = layout.first(posterior[layout.order])
    converged = False
    for _ in range(method.max_iterations):
        found = m_step(sweep, layout.pairs, method.prior, n_workers)
        sweep = layout.sweep(found.log_table, found.log_prior)
        reached.append((sweep.log_likelihood + found.log_density) / len(votes))
        if len(reached) > 1 and abs(reached[-1] - reached[-2]) < method.tolerance:
            converged = True
            break
    posterior = layout.in_task_order(layout.e_step(found.log_table, found.log_prior)[0])
    final = m_step(sweep, layout.pairs, method.prior, n_workers)
    return fit_of(
        "dawid-skene",
        votes,
        posterior,
        lambda: full_confusion(sweep, final.pseudo, layout.pairs, n_workers),
        class_prior=np.exp(final.log_prior) / np.exp(final.log_prior).sum(),
        evidence=reached[-1] * len(votes),
        objective=tuple(reached),
        converged=converged,
        identifiable=is_identifiable(votes, posterior, has_gold),
    )


def full_confusion(sweep: Sweep, pseudo: PseudoCounts | None, pairs: Pairs, n_workers: int) -> Floats:
    """(W, K, K) [worker, true, given]: expected counts plus pseudo-counts, rows divided by their sum.

    A row with neither answers nor pseudo-counts is uniform.
    """
    n_labels = sweep.counts.shape[1]
    matrix = np.zeros((n_workers, n_labels, n_labels))
    matrix[pairs.worker, :, pairs.label] = sweep.counts
    return rows_to_one(matrix if pseudo is None else matrix + pseudo.dense())
