"""Compiled loops over the answers (numba). Answers lie task by task: those of task t are pair[start[t]:start[t + 1]].

`table` is (R, 2, K): for each occurring (worker, label) pair its log errors and, beside them, its counts, so that one
visit brings both into the cache. Tasks are taken in blocks, so that the reads of one task need not wait for another's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

BLOCK = 64
FAR = -46.0
"""exp of less than this is below 1e-20: not worth computing."""
CLIP = 1e-10
LOG_CLIP = math.log(CLIP)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def lay(task: Any, worker: Any, label: Any, n_tasks: int, n_workers: int, n_labels: int) -> Any:
    """(start, pair, pair_worker, pair_label): answers sorted by task (stable) and numbered (worker, label) pairs."""
    number = np.zeros(n_workers * n_labels, np.int32)
    start = np.zeros(n_tasks + 1, np.int32)
    for i in range(len(task)):
        number[worker[i] * n_labels + label[i]] = 1
        start[task[i] + 1] += 1
    for t in range(n_tasks):
        start[t + 1] += start[t]
    size = 0
    for code in range(len(number)):
        if number[code]:
            number[code] = size
            size += 1
        else:
            number[code] = -1
    pair_worker, pair_label = np.empty(size, np.int32), np.empty(size, np.int32)
    for code in range(len(number)):
        if number[code] >= 0:
            pair_worker[number[code]] = code // n_labels
            pair_label[number[code]] = code % n_labels
    pair = np.empty(len(task), np.int32)
    free = start[:-1].copy()
    for i in range(len(task)):
        t = task[i]
        pair[free[t]] = number[worker[i] * n_labels + label[i]]
        free[t] += 1
    return start, pair, pair_worker, pair_label


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def share_counts(start: Any, pair: Any, low: int, high: int, label: Any, clamp: Any, table: Any, classes: Any) -> Any:
    """Counts of the vote shares (gold clamped), added into table[:, 1] and classes."""
    n_labels = len(classes)
    share = np.empty(n_labels)
    for t in range(low, high):
        share[:] = 0.0
        if clamp[t] >= 0:
            share[clamp[t]] = 1.0
        elif start[t] == start[t + 1]:
            share[:] = 1.0 / n_labels
        else:
            one = 1.0 / (start[t + 1] - start[t])
            for i in range(start[t], start[t + 1]):
                share[label[pair[i]]] += one
        for k in range(n_labels):
            classes[k] += share[k]
        for i in range(start[t], start[t + 1]):
            row = pair[i]
            for k in range(n_labels):
                table[row, 1, k] += share[k]
    return -np.inf, 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def given_counts(start: Any, pair: Any, low: int, high: int, posterior: Any, table: Any, classes: Any) -> Any:
    """Counts of a given posterior (T, K), added into table[:, 1] and classes."""
    for t in range(low, high):
        for k in range(len(classes)):
            classes[k] += posterior[t, k]
        for i in range(start[t], start[t + 1]):
            for k in range(len(classes)):
                table[pair[i], 1, k] += posterior[t, k]
    return -np.inf, 0.0


@njit(nogil=True, cache=True, inline="always")  # type: ignore[untyped-decorator]
def to_posterior(joint: Any, b: int, gold: int) -> Any:
    """joint[b] becomes its posterior in place; returns (log evidence, entropy of the posterior clipped at CLIP)."""
    n_labels = joint.shape[1]
    if gold >= 0:
        evidence = joint[b, gold]
        for k in range(n_labels):
            joint[b, k] = 0.0
        joint[b, gold] = 1.0
        return evidence, -(n_labels - 1) * CLIP * LOG_CLIP
    top = joint[b, 0]
    for k in range(1, n_labels):
        top = max(top, joint[b, k])
    total = 0.0
    weighted = 0.0
    clipped = 0
    for k in range(n_labels):
        gap = joint[b, k] - top
        if gap == 0.0:
            joint[b, k] = 1.0
            total += 1.0
        elif gap < FAR:
            joint[b, k] = 0.0
        else:
            chance = math.exp(gap)
            joint[b, k] = chance
            total += chance
            weighted += chance * gap
    log_total = math.log(total)
    entropy = log_total - weighted / total
    for k in range(n_labels):
        joint[b, k] /= total
        if joint[b, k] < CLIP:
            clipped += 1
    return top + log_total, entropy - clipped * CLIP * LOG_CLIP


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def sweep(  # noqa: C901 (loops, no branches)
    start: Any, pair: Any, low: int, high: int, log_prior: Any, clamp: Any, table: Any, classes: Any
) -> Any:
    """One E step over tasks [low, high) with the M step's counts added into table[:, 1] and classes.

    Returns (log likelihood, entropy). The posteriors themselves are not kept.
    """
    n_labels = len(classes)
    joint = np.empty((BLOCK, n_labels))
    likelihood = 0.0
    entropy = 0.0
    for first in range(low, high, BLOCK):
        last = min(first + BLOCK, high)
        for t in range(first, last):
            b = t - first
            for k in range(n_labels):
                joint[b, k] = log_prior[k]
            for i in range(start[t], start[t + 1]):
                row = pair[i]
                for k in range(n_labels):
                    joint[b, k] += table[row, 0, k]
        for t in range(first, last):
            found, spread = to_posterior(joint, t - first, clamp[t])
            likelihood += found
            entropy += spread
        for t in range(first, last):
            b = t - first
            for k in range(n_labels):
                classes[k] += joint[b, k]
            for i in range(start[t], start[t + 1]):
                row = pair[i]
                for k in range(n_labels):
                    table[row, 1, k] += joint[b, k]
    return likelihood, entropy


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def posteriors(start: Any, pair: Any, low: int, high: int, log_table: Any, log_prior: Any, clamp: Any, out: Any) -> Any:
    """One E step over tasks [low, high), posteriors written to out (T, K)."""
    n_labels = out.shape[1]
    for t in range(low, high):
        for k in range(n_labels):
            out[t, k] = log_prior[k]
        for i in range(start[t], start[t + 1]):
            for k in range(n_labels):
                out[t, k] += log_table[pair[i], k]
        to_posterior(out, t, clamp[t])
    return 0.0, 0.0
