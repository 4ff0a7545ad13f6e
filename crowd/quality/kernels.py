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
CLIP = 1e-10
TINY = 1e-300
MAGIC = 6755399441055744.0
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
LOG_CLIP = math.log(CLIP)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
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


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
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


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def given_counts(start: Any, pair: Any, low: int, high: int, posterior: Any, table: Any, classes: Any) -> Any:
    """Counts of a given posterior (T, K), added into table[:, 1] and classes."""
    for t in range(low, high):
        for k in range(len(classes)):
            classes[k] += posterior[t, k]
        for i in range(start[t], start[t + 1]):
            for k in range(len(classes)):
                table[pair[i], 1, k] += posterior[t, k]
    return -np.inf, 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def exponentials(gap: Any, whole: Any, size: int) -> None:
    """gap[:size] (all <= 0) becomes exp(gap) in place; `whole` is room of the same length.

    exp(x) = 2^n * e^r with n the nearest whole number of x / log 2: adding MAGIC leaves n in the lowest bits of the
    sum, shifted into the exponent they multiply by 2^n. Straight loops without a branch, so that the compiler uses the
    vector unit; relative error below 1e-15.
    """
    gap_bits, whole_bits = gap.view(np.int64), whole.view(np.int64)
    for i in range(size):
        x = max(gap[i], -700.0)
        turned = x * LOG2_E + MAGIC
        whole[i] = turned
        n = turned - MAGIC
        r = (x - n * LN2_HIGH) - n * LN2_LOW
        tail = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800))))
        gap[i] = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * tail))))))
    for i in range(size):
        gap_bits[i] += whole_bits[i] << 52


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def sum_logs(start: Any, pair: Any, first: int, last: int, log_prior: Any, clamp: Any, table: Any, joint: Any) -> None:
    """joint (BLOCK, K): log prior plus the log errors of the task's answers, for tasks [first, last)."""
    n_labels = joint.shape[1]
    for t in range(first, last):
        b = t - first
        for k in range(n_labels):
            joint[b, k] = log_prior[k]
        for i in range(start[t], start[t + 1]):
            row = pair[i]
            for k in range(n_labels):
                joint[b, k] += table[row, 0, k]
        if clamp[t] >= 0:
            for k in range(n_labels):
                if k != clamp[t]:
                    joint[b, k] = -np.inf


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def soften(joint: Any, flat: Any, gaps: Any, whole: Any, tasks: int) -> Any:
    """joint[:tasks] becomes posteriors in place; returns (log evidence, entropy), summed over the tasks.

    `flat` is joint seen as one line. One logarithm a block: the totals, between 1 and K, are multiplied first.
    """
    n_labels = joint.shape[1]
    tops = 0.0
    for b in range(tasks):
        top = joint[b, 0]
        for k in range(1, n_labels):
            top = max(top, joint[b, k])
        tops += top
        for k in range(n_labels):
            joint[b, k] = max(joint[b, k] - top, -700.0)
    size = tasks * n_labels
    for i in range(size):
        gaps[i] = flat[i]
    exponentials(flat, whole, size)
    product = 1.0
    weighted = 0.0
    for b in range(tasks):
        total = 0.0
        for k in range(n_labels):
            total += joint[b, k]
        product *= total
        inverse = 1.0 / total
        for k in range(n_labels):
            joint[b, k] *= inverse
    clipped = 0
    for i in range(size):
        weighted += flat[i] * gaps[i]
        clipped += flat[i] < CLIP
    logs = math.log(product)
    return tops + logs, logs - weighted - clipped * CLIP * LOG_CLIP


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def add_counts(start: Any, pair: Any, first: int, last: int, joint: Any, table: Any, classes: Any) -> None:
    """The posteriors of tasks [first, last) added to the counts of their answers and to the classes."""
    n_labels = joint.shape[1]
    for t in range(first, last):
        b = t - first
        for k in range(n_labels):
            classes[k] += joint[b, k]
        for i in range(start[t], start[t + 1]):
            row = pair[i]
            for k in range(n_labels):
                table[row, 1, k] += joint[b, k]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def sweep(start: Any, pair: Any, low: int, high: int, log_prior: Any, clamp: Any, table: Any, classes: Any) -> Any:
    """One E step over tasks [low, high) with the M step's counts added into table[:, 1] and classes.

    Returns (log likelihood, entropy with posteriors clipped at CLIP). The posteriors themselves are not kept.
    """
    n_labels = len(classes)
    flat, gaps, whole = np.empty(BLOCK * n_labels), np.empty(BLOCK * n_labels), np.empty(BLOCK * n_labels)
    joint = flat.reshape(BLOCK, n_labels)
    likelihood, entropy = 0.0, 0.0
    for first in range(low, high, BLOCK):
        last = min(first + BLOCK, high)
        sum_logs(start, pair, first, last, log_prior, clamp, table, joint)
        found, spread = soften(joint, flat, gaps, whole, last - first)
        likelihood += found
        entropy += spread
        add_counts(start, pair, first, last, joint, table, classes)
    return likelihood, entropy


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def posteriors(start: Any, pair: Any, low: int, high: int, log_prior: Any, clamp: Any, table: Any, out: Any) -> Any:
    """One E step over tasks [low, high), posteriors written to out (T, K)."""
    n_labels = out.shape[1]
    flat, gaps, whole = np.empty(BLOCK * n_labels), np.empty(BLOCK * n_labels), np.empty(BLOCK * n_labels)
    joint = flat.reshape(BLOCK, n_labels)
    for first in range(low, high, BLOCK):
        last = min(first + BLOCK, high)
        sum_logs(start, pair, first, last, log_prior, clamp, table, joint)
        soften(joint, flat, gaps, whole, last - first)
        for b in range(last - first):
            for k in range(n_labels):
                out[first + b, k] = joint[b, k] if joint[b, k] > TINY else 0.0
    return 0.0, 0.0
