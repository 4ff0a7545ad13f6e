"""How far the answers of different workers agree, before anything is inferred from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias, TypeVar

import numpy as np

from crowd.quality.arrays import Floats, Name
from crowd.quality.encode import label_key
from crowd.quality.types import Votes

T = TypeVar("T")
Metric: TypeAlias = Literal["nominal", "ordinal", "interval"]


def vote_counts(votes: Votes) -> Floats:
    """(T, K): how many voting answers each label got."""
    cast = votes.votes_cast
    size = len(votes.tasks) * len(votes.labels)
    cell = votes.task[cast].astype(np.int64) * len(votes.labels) + votes.label[cast]
    return np.bincount(cell, minlength=size).reshape(len(votes.tasks), len(votes.labels)).astype(np.float64)


def task_agreement(votes: Votes) -> Floats:
    """(T,): share of agreeing pairs among a task's answers; nan with fewer than two answers."""
    counts = vote_counts(votes)
    size = counts.sum(axis=1)
    pairs = size * (size - 1)
    agreeing = (counts * (counts - 1)).sum(axis=1)
    share: Floats = np.divide(agreeing, pairs, out=np.full(len(size), np.nan), where=pairs > 0)
    return share


def percent_agreement(votes: Votes) -> float:
    """Mean of task_agreement over tasks with two answers or more, in [0, 1]; nan without any."""
    each = task_agreement(votes)
    known = each[~np.isnan(each)]
    return float(known.mean()) if len(known) else float("nan")


def krippendorff_alpha(votes: Votes, metric: Metric = "nominal") -> float:
    """Krippendorff's alpha: 1 - observed / expected disagreement; 1 full agreement, 0 chance, nan when undefined.

    "ordinal" takes labels in label order as ranks; "interval" needs labels that are whole numbers.
    K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
    """
    counts = vote_counts(votes)
    size = counts.sum(axis=1)
    counts, size = counts[size > 1], size[size > 1]
    weighted = counts / (size - 1)[:, None]
    coincidence = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    marginal = coincidence.sum(axis=0)
    distance = _distance(metric, marginal, votes)
    total = float(marginal.sum())
    expected = float((np.outer(marginal, marginal) * distance).sum())
    if total <= 1 or expected == 0:
        return float("nan")
    return 1 - (total - 1) * float((coincidence * distance).sum()) / expected


def _distance(metric: Metric, marginal: Floats, votes: Votes) -> Floats:
    if metric == "nominal":
        return 1 - np.eye(len(marginal))
    if metric == "ordinal":
        middle = np.cumsum(marginal) - marginal / 2
        return _squares(middle)
    if metric == "interval":
        return _squares(_values(votes))
    raise ValueError(f"metric={metric!r}: wanted 'nominal', 'ordinal' or 'interval'")


def _squares(values: Floats) -> Floats:
    apart: Floats = (values[:, None] - values[None, :]) ** 2
    return apart


def _values(votes: Votes) -> Floats:
    text = [label for label in votes.labels if label_key(label)[0]]
    if text:
        raise ValueError(f"label {text[0]!r} is no whole number: the interval metric needs numbers")
    return np.array([float(label) for label in votes.labels])


def fleiss_kappa(votes: Votes) -> float:
    """Fleiss' kappa: agreement of pairs beyond what the labels' overall shares give by chance; nan when undefined.

    J. L. Fleiss, Measuring Nominal Scale Agreement Among Many Raters, 1971. Every task must have the same number of
    answers, two or more (ValueError otherwise: use Krippendorff's alpha there).
    """
    counts = vote_counts(votes)
    size = counts.sum(axis=1)
    if len(size) and (size.min() != size.max() or size.min() < 2):
        raise ValueError(f"Fleiss' kappa wants equally many answers a task, here {size.min():.0f} to {size.max():.0f}")
    if not len(size):
        return float("nan")
    observed = float(np.mean((counts * (counts - 1)).sum(axis=1) / (size * (size - 1))))
    expected = float((counts.sum(axis=0) / counts.sum()) @ (counts.sum(axis=0) / counts.sum()))
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def cohen_kappa(votes: Votes, one: Name, other: Name) -> float:
    """Cohen's kappa of two workers over the tasks both answered; nan without any, or where chance explains all.

    J. Cohen, A Coefficient of Agreement for Nominal Scales, 1960. A worker's first answer to a task counts.
    """
    table = np.zeros((len(votes.labels), len(votes.labels)))
    first, second = _answers_of(votes, one), _answers_of(votes, other)
    for task in first.keys() & second.keys():
        table[first[task], second[task]] += 1
    total = table.sum()
    if not total:
        return float("nan")
    observed = float(np.trace(table) / total)
    expected = float((table.sum(axis=0) / total) @ (table.sum(axis=1) / total))
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def _answers_of(votes: Votes, worker: Name) -> dict[int, int]:
    if worker not in votes.workers:
        raise ValueError(f"worker {worker!r} gave no answer")
    mine = np.flatnonzero(votes.worker == votes.workers.index(worker))[::-1]
    return dict(zip(votes.task[mine].tolist(), votes.label[mine].tolist(), strict=True))


def mean_pairwise(answers: Sequence[Sequence[T]], score: Callable[[T, T], float]) -> float:
    """Mean of `score` over all ordered pairs of answers to the same task; `answers` holds each task's answers.

    With `gold.span_f1` this is the mean pairwise F1, with `text_distance.word_error_rate` the mean pairwise WER. nan
    when no task has two answers.
    """
    found = [
        score(one, other) for task in answers for i, one in enumerate(task) for j, other in enumerate(task) if i != j
    ]
    return float(np.mean(found)) if found else float("nan")
