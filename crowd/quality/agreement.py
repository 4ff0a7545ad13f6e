"""How far the answers of different workers agree, before anything is inferred from them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.encode import label_key
from crowd.quality.types import Votes

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
