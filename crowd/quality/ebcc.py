"""EBCC: tasks of one label come in kinds, and workers err together on a kind.

Y. Li, B. Rubinstein and T. Cohn, Exploiting Worker Correlation for Label Aggregation in Crowdsourcing, ICML 2019.
Dawid-Skene takes answers for independent given the label. Where some tasks are hard for everybody they are not, and the
model explains the hard ones by moving them to another label. Here each label has `kinds` hidden classes with confusion
rows of their own. Variational Bayes as in the paper; its random start is replaced by a split along the tasks'
agreement, so that a fit needs no random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Floats, frozen, rows_to_one
from crowd.quality.em import check_stop, hit_rate, nothing_fitted, starting_posterior, worker_sums
from crowd.quality.layout import Layout, Sweep
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.results import fit_of, identifiable
from crowd.quality.special import digamma
from crowd.quality.types import Fit, Gold, Hidden, Votes


@dataclass(frozen=True)
class EBCC:
    """Labels with `kinds` of tasks each. Priors as published: Dirichlet(`diagonal` on the diagonal, `cell` elsewhere)
    for confusion rows, Dirichlet(`sparsity` / kinds) for the kinds of a label.

    The objective is the log likelihood at the expected log parameters, in nats per answer.
    """

    max_iterations: int = 100
    tolerance: float = 1e-5
    kinds: int = 3
    diagonal: float = 4.0
    cell: float = 1.0
    sparsity: float = 0.1
    class_weight: float = 1.0

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        if self.kinds < 1 or not min(self.diagonal, self.cell, self.sparsity, self.class_weight) > 0:
            raise ValueError(f"{self}: wanted kinds >= 1 and every pseudo-count above 0")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posteriors of the labels; those of the kinds are in `hidden`. `evidence` is the log likelihood at the end."""
        votes = votes.with_labels_of(gold)
        codes = votes.gold_codes(gold)
        if not len(votes):
            return nothing_fitted("ebcc", votes, codes)
        layout = Layout(votes, codes, parts=self.kinds)
        share = starting_posterior(votes, codes, start)
        share = clamped(vote_shares(votes), codes) if share is None else share
        reached: list[float] = []
        sweep = layout.first(split_by_agreement(share, self.kinds))
        converged = False
        while not converged and len(reached) < self.max_iterations:
            used = self._parameters(layout, sweep)
            sweep = layout.sweep(*used)
            reached.append(sweep.log_likelihood / len(votes))
            converged = len(reached) > 1 and abs(reached[-1] - reached[-2]) < self.tolerance
        return self._fit(layout, layout.posterior(*used), sweep, tuple(reached), converged)

    def _parameters(self, layout: Layout, sweep: Sweep) -> tuple[Floats, Floats]:
        """Expected logs under the Dirichlet posteriors: (table (R, C), class weights (C,))."""
        n_labels = len(layout.votes.labels)
        own = self._own(layout)
        totals = worker_sums(sweep.counts, layout.pairs, len(layout.votes.workers)) + self._row_total(n_labels)
        table = digamma(sweep.counts + own) - digamma(totals)[layout.pairs.worker]
        kinds = sweep.class_counts.reshape(n_labels, self.kinds) + self.sparsity / self.kinds
        labels = sweep.class_counts.reshape(n_labels, self.kinds).sum(axis=1) + self.class_weight
        weights = digamma(kinds) - digamma(kinds.sum(axis=1, keepdims=True))
        weights += (digamma(labels) - digamma(labels.sum(keepdims=True)))[:, None]
        return table, weights.reshape(-1)

    def _own(self, layout: Layout) -> Floats:
        label = np.arange(layout.n_classes) // self.kinds
        return np.where(layout.pairs.label[:, None] == label, self.diagonal, self.cell)

    def _row_total(self, n_labels: int) -> float:
        return self.diagonal + (n_labels - 1) * self.cell

    def _fit(self, layout: Layout, posterior: Floats, sweep: Sweep, reached: tuple[float, ...], converged: bool) -> Fit:
        votes, kinds = layout.votes, self.kinds
        n_labels, n_workers = len(votes.labels), len(votes.workers)
        counts = np.zeros((n_workers, layout.n_classes, n_labels))
        counts[layout.pairs.worker, :, layout.pairs.label] = sweep.counts
        label = np.arange(layout.n_classes) // kinds
        prior = np.where(label[:, None] == np.arange(n_labels), self.diagonal, self.cell)
        confusion = rows_to_one(counts + prior)
        weight = np.broadcast_to(rows_to_one(sweep.class_counts.reshape(n_labels, kinds)), (n_labels, kinds))
        merged = np.einsum("wkml,km->wkl", confusion.reshape(n_workers, n_labels, kinds, n_labels), weight)
        return fit_of(
            "ebcc",
            votes,
            rows_to_one(posterior.reshape(-1, n_labels, kinds).sum(axis=2)),
            lambda: merged,
            class_prior=rows_to_one(sweep.class_counts.reshape(n_labels, kinds).sum(axis=1) + self.class_weight),
            evidence=sweep.log_likelihood,
            objective=reached,
            converged=converged,
            known=identifiable(votes, hit_rate(sweep, layout.pairs, kinds), bool((layout.gold >= 0).any())),
            hidden=Hidden(frozen(posterior), frozen(confusion)),
        )


def split_by_agreement(share: Floats, kinds: int) -> Floats:
    """(T, K * kinds): each label's share split over kinds by how far the task's answers agree: the m-th kind draws
    tasks whose agreement, scaled to [0, 1], lies near (m + 1/2) / kinds. Rows sum to 1."""
    n_labels = share.shape[1]
    agreement = (share.max(axis=1) - 1 / n_labels) / max(1 - 1 / n_labels, 1e-9)
    centre = (np.arange(kinds) + 0.5) / kinds
    pull = np.exp(-4 * (agreement[:, None] - centre) ** 2)
    split = share[:, :, None] * rows_to_one(pull)[:, None, :]
    return split.reshape(len(share), n_labels * kinds)
