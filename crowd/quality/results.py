"""How a method packs what it found into a `Fit`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crowd.quality.arrays import Floats, frozen, rows_to_one, sums
from crowd.quality.types import Fit, Hidden, Votes


def fit_of(  # noqa: PLR0913 (the fields of a Fit)
    method: str,
    votes: Votes,
    posterior: Floats,
    confusion_of: Callable[[], Floats],
    *,
    class_prior: Floats | None = None,
    evidence: float = float("nan"),
    objective: tuple[float, ...] = (),
    converged: bool = True,
    known: bool | None = None,
    hidden: Hidden | None = None,
) -> Fit:
    """A `Fit` with what is not given worked out from the posterior."""
    prior = class_shares(posterior) if class_prior is None else class_prior
    sure = identifiable(votes, mean_hit(votes, posterior), False) if known is None else known
    return Fit(
        method=method,
        votes=votes,
        posterior=frozen(posterior),
        class_prior=frozen(prior),
        evidence=evidence,
        iterations=len(objective),
        converged=converged,
        identifiable=sure,
        objective=objective,
        confusion_of=confusion_of,
        hidden=hidden,
    )


def class_shares(posterior: Floats) -> Floats:
    """(K,): mean posterior of each label; uniform where there is no task."""
    return (
        rows_to_one(posterior.sum(axis=0))
        if posterior.size
        else np.full(posterior.shape[1], 1 / max(posterior.shape[1], 1))
    )


def expected_counts(votes: Votes, posterior: Floats) -> Floats:
    """(W, K, K): how often each worker gave label l where k is right, [worker, k, l], voting or not."""
    n_labels = len(votes.labels)
    pair = votes.worker.astype(np.int64) * n_labels + votes.label
    size = len(votes.workers) * n_labels
    columns = [sums(pair, posterior[votes.task, k], size) for k in range(n_labels)]
    if not columns:
        return np.zeros((len(votes.workers), 0, 0))
    return np.stack(columns, axis=1).reshape(len(votes.workers), n_labels, n_labels).transpose(0, 2, 1)


def confusion_given(votes: Votes, posterior: Floats) -> Floats:
    """(W, K, K): each worker's confusion counted against the posterior; a label the worker never met is uniform."""
    return rows_to_one(expected_counts(votes, posterior))


def identifiable(votes: Votes, hit_rate: float, has_gold: bool) -> bool:
    """Whether answers agree with the posterior more often than 1 / K; at or below that, labels could be exchanged.

    Also False when no task has two voting answers and no task is gold: nothing then speaks for or against anybody.
    """
    if not len(votes):
        return False
    return told_apart(len(votes.labels), hit_rate, overlap=has_gold or bool((votes.answers > 1).any()))


def told_apart(n_labels: int, hit_rate: float, *, overlap: bool) -> bool:
    """The same of figures. `overlap`: some task has two voting answers, or is gold."""
    return n_labels == 1 or (overlap and hit_rate > 1 / n_labels + 1e-9)


def mean_hit(votes: Votes, posterior: Floats) -> float:
    """Expected share of answers that agree with the posterior."""
    return float(posterior[votes.task, votes.label].mean()) if len(votes) else 0.0
