"""Dawid-Skene exactly as crowd-kit 1.4.2 computes it, for comparison and for reproducing published runs.

What differs from the plain method: one iteration is an E step, then an M step, then the ELBO; errors are clipped at
1e-10 and divided by their sum over the labels the worker used; the class prior enters the ELBO once an answer; it stops
when the ELBO per answer gains less than the tolerance, also when it falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Floats, frozen, rows_to_one
from crowd.quality.dawid_skene import full_confusion
from crowd.quality.em import check_stop, hit_rate, nothing_fitted, starting_posterior, worker_sums
from crowd.quality.engine import prepare
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.results import fit_of, identifiable
from crowd.quality.types import Fit, Gold, Votes

CLIP = 1e-10


@dataclass(frozen=True)
class ParityDawidSkene:
    """crowd-kit's Dawid-Skene. Posteriors agree to 1e-6, iterations exactly but for gains within 1e-9 of the stop.

    `threads` is for the compiled kernels of the extra `fast`; None lets the size decide.
    """

    max_iterations: int = 100
    tolerance: float = 1e-5
    threads: int | None = None

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance, self.threads)

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """As `DawidSkene.fit`; `evidence` is the ELBO crowd-kit reports, times the number of answers."""
        votes = votes.with_labels_of(gold)
        codes = votes.gold_codes(gold)
        if not len(votes):
            return nothing_fitted("dawid-skene, parity", votes, codes)
        layout = prepare(votes, codes, self.threads)
        pairs, workers = layout.pairs, len(votes.workers)
        sweep = layout.first(starting_posterior(votes, codes, start))
        log_table, log_prior = _parameters(sweep, pairs, workers)
        reached: list[float] = []
        converged = False
        while not converged and len(reached) < self.max_iterations:
            used = log_table, log_prior
            sweep = layout.sweep(*used)
            log_table, log_prior = _parameters(sweep, pairs, workers)
            reached.append(_bound(sweep, log_table, log_prior) / len(votes))
            converged = len(reached) > 1 and reached[-1] - reached[-2] < self.tolerance
        return fit_of(
            "dawid-skene, parity",
            votes,
            layout.posterior(*used),
            lambda: full_confusion(sweep, None, pairs, workers),
            class_prior=rows_to_one(sweep.class_counts),
            evidence=reached[-1] * len(votes),
            objective=tuple(reached),
            converged=converged,
            known=identifiable(votes, hit_rate(sweep, pairs), bool((codes >= 0).any())),
        )


def _parameters(sweep: Sweep, pairs: Pairs, n_workers: int) -> tuple[Floats, Floats]:
    """(log_table (R, K), log_prior (K,)) with crowd-kit's clipping and normalisation."""
    errors = np.maximum(sweep.counts, CLIP)
    log_table = np.log(errors / worker_sums(errors, pairs, n_workers)[pairs.worker])
    prior = np.maximum(sweep.class_counts / sweep.class_counts.sum(), CLIP)
    return frozen(log_table), frozen(np.log(prior))


def _bound(sweep: Sweep, log_table: Floats, log_prior: Floats) -> float:
    """crowd-kit's ELBO from the count table: no second pass over the answers."""
    return float((sweep.counts * (log_table + log_prior)).sum()) + sweep.entropy
