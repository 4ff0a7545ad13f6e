"""Questions without a right answer: how opinions are spread, and how surely that is known. Nothing is inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from crowd.quality.agreement import vote_counts
from crowd.quality.arrays import Floats, Names, frozen, rows_to_one
from crowd.quality.types import Votes


@dataclass(frozen=True, eq=False)
class Opinions:
    """share (T, K) of the answers for each label, its interval low and high (T, K), answers (T,), and soft (T, K): the
    shares smoothed by one answer spread over the labels, to train on (never exactly 0)."""

    tasks: Names
    labels: Names
    share: Floats
    low: Floats
    high: Floats
    soft: Floats
    answers: Floats


def opinion_shares(votes: Votes, level: float = 0.95) -> Opinions:
    """The distribution of answers to each task with Wilson score intervals (E. B. Wilson 1927).

    A task without voting answers has a uniform share and the interval [0, 1].
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level}: wanted a number between 0 and 1")
    counts = vote_counts(votes)
    size = counts.sum(axis=1, keepdims=True)
    share = rows_to_one(counts)
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    n = np.maximum(size, 1e-12)
    centre = (counts + z2 / 2) / (n + z2)
    half = np.sqrt(z2) / (n + z2) * np.sqrt(share * (1 - share) * size + z2 / 4)
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    low, high = np.where(size > 0, low, 0.0), np.where(size > 0, high, 1.0)
    soft = rows_to_one(counts + 1 / max(len(votes.labels), 1))
    return Opinions(votes.tasks, votes.labels, *map(frozen, (share, low, high, soft, size[:, 0])))


@dataclass(frozen=True, eq=False)
class GroupSpread:
    """share (G, T, K) of each group's answers; spread (T,): Jensen-Shannon divergence between the groups in bits, 0 for
    the same opinion; chance (T,): how often groups drawn at random spread as far, from `rounds` shuffles."""

    groups: Names
    tasks: Names
    share: Floats
    spread: Floats
    chance: Floats


def spread_between(
    votes: Votes, group_of: Mapping[Any, Any], rng: np.random.Generator, rounds: int = 200
) -> GroupSpread:
    """How far groups of workers differ. Workers without a group are left out.

    `chance` shuffles the group names over the answers of each task.
    """
    cast = np.flatnonzero(np.ones(len(votes), np.bool_) if votes.voting is None else votes.voting)
    names = tuple(sorted({group_of[w] for w in votes.workers if w in group_of}, key=str))
    code = np.array([names.index(group_of[w]) if w in group_of else -1 for w in votes.workers], dtype=np.intp)
    group = code[votes.worker[cast]]
    kept = votes.select(cast[group >= 0])
    group = group[group >= 0]
    counts = _by_group(kept, group, len(names))
    spread = _divergence(counts)
    beaten = np.ones(len(votes.tasks))
    for _ in range(rounds):
        beaten += _divergence(_by_group(kept, _shuffled(kept.task, group, rng), len(names))) >= spread - 1e-12
    return GroupSpread(names, votes.tasks, *map(frozen, (rows_to_one(counts), spread, beaten / (rounds + 1))))


def _shuffled(task: Any, group: Any, rng: np.random.Generator) -> Any:
    """Group codes permuted within each task."""
    place = np.argsort(task, kind="stable")
    mixed = np.lexsort((rng.random(len(task)), task))
    out = np.empty_like(group)
    out[place] = group[mixed]
    return out


def _by_group(votes: Votes, group: Any, n_groups: int) -> Floats:
    shape = (n_groups, len(votes.tasks), len(votes.labels))
    counts = np.zeros(shape)
    np.add.at(counts, (group, votes.task, votes.label), 1.0)
    return counts


def _divergence(counts: Floats) -> Floats:
    """(T,): entropy of the pooled shares minus the mean entropy of the groups', weighted by answers, in bits."""
    size = counts.sum(axis=2)
    weight = np.divide(size, size.sum(axis=0), out=np.zeros_like(size), where=size.sum(axis=0) > 0)
    inner: Floats = _entropy(rows_to_one(counts.sum(axis=0))) - (weight * _entropy(rows_to_one(counts))).sum(axis=0)
    return np.maximum(np.where(size.sum(axis=0) > 0, inner, 0.0), 0.0)


def _entropy(share: Floats) -> Floats:
    bits: Floats = -(share * np.log2(np.maximum(share, 1e-300))).sum(axis=-1)
    return bits
