"""Compiled loops over the answers (numba). Answers lie task by task: those of task t are pair[start[t]:start[t + 1]].

`table` is (R * 2K,), a row for each occurring (worker, label) pair: its K log errors and, beside them, its K counts, so
that one visit brings both into the cache. Tasks go in blocks: the log errors of all their answers are added up (while
the next block's rows are on their way), then all become posteriors at once, one lane of the vector unit a task, then
the posteriors are added to the counts, whose rows are still in the cache.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from crowd.quality.vectors import add_to_rows, prefetch, sum_rows

BLOCK = 64
CLIP = 1e-10
TINY = 1e-300
LOWEST = -700.0
MAGIC = 6755399441055744.0
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
LOG_CLIP = math.log(CLIP)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def tally(task: Any, worker: Any, label: Any, low: int, high: int, n_labels: int, seen: Any, answers: Any) -> None:
    """Of the answers [low, high): `seen` (W * K,) marks their (worker, label) pairs, `answers` (T,) counts by task."""
    current, run = 0, 0
    for i in range(low, high):
        seen[worker[i] * n_labels + label[i]] = 1
        if task[i] == current:
            run += 1
        else:
            answers[current] += run
            current, run = task[i], 1
    if low < high:
        answers[current] += run


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def lay_starts(answers: Any, start: Any) -> None:
    """start (T + 1,) from answers (slots, T), how many of each task a slice has, which become its first free places."""
    place = 0
    for t in range(answers.shape[1]):
        start[t] = place
        for slot in range(answers.shape[0]):
            count = answers[slot, t]
            answers[slot, t] = place
            place += count
    start[answers.shape[1]] = place


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def lay(
    task: Any, worker: Any, label: Any, low: int, high: int, n_labels: int, number: Any, free: Any, pair: Any
) -> None:
    """The pairs' numbers of the answers [low, high), each at its task's next free place in `pair` (stable)."""
    current, place = 0, 0
    for i in range(low, high):
        t = task[i]
        if t != current or i == low:
            free[current] = place if i > low else free[current]
            current, place = t, free[t]
        pair[place] = number[worker[i] * n_labels + label[i]]
        place += 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def begin(log_table: Any, table: Any) -> None:
    """Log errors (R, K) into a table whose counts become zero."""
    n_labels = log_table.shape[1]
    for row in range(log_table.shape[0]):
        for k in range(n_labels):
            table[row * 2 * n_labels + k] = log_table[row, k]
            table[(row * 2 + 1) * n_labels + k] = 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def share_counts(start: Any, pair: Any, low: int, high: int, label: Any, clamp: Any, table: Any, classes: Any) -> Any:
    """Counts of the vote shares (gold clamped), added into the table and into classes (K,)."""
    n_labels = len(classes)
    shares = np.empty(BLOCK * n_labels)
    for first in range(low, high, BLOCK):
        last = min(first + BLOCK, high)
        shares[:] = 0.0
        for t in range(first, last):
            row = (t - first) * n_labels
            if clamp[t] >= 0:
                shares[row + clamp[t]] = 1.0
            elif start[t] == start[t + 1]:
                shares[row : row + n_labels] = 1.0 / n_labels
            else:
                one = 1.0 / (start[t + 1] - start[t])
                for i in range(start[t], start[t + 1]):
                    shares[row + label[pair[i]]] += one
        add_counts(start, pair, first, last, shares, table, classes)
    return -np.inf, 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def given_counts(start: Any, pair: Any, low: int, high: int, posterior: Any, table: Any, classes: Any) -> Any:
    """Counts of a given posterior (T * K,), added into the table and into classes (K,)."""
    add_counts(start, pair, low, high, posterior[low * len(classes) :], table, classes)
    return -np.inf, 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def ask_for(start: Any, pair: Any, first: int, last: int, table: Any, n_labels: int) -> None:
    """Brings the table's rows for tasks [first, last) on their way into the cache."""
    origin, stride = table.ctypes.data, 16 * n_labels
    for i in range(start[first], start[last]):
        prefetch(origin + pair[i] * stride)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def sum_logs(start: Any, pair: Any, first: int, last: int, log_prior: Any, clamp: Any, table: Any, joint: Any) -> None:
    """joint (BLOCK * K,): log prior plus the log errors of the task's answers, a row a task of [first, last)."""
    n_labels = len(log_prior)
    origin, stride = table.ctypes.data, 16 * n_labels
    for b in range(last - first):
        for k in range(n_labels):
            joint[b * n_labels + k] = log_prior[k]
    row, answers = joint.ctypes.data, pair.ctypes.data
    for t in range(first, last):
        sum_rows(row, origin, stride, answers + 4 * start[t], start[t + 1] - start[t], n_labels)
        row += 8 * n_labels
        if clamp[t] >= 0:
            for k in range(n_labels):
                if k != clamp[t]:
                    joint[(t - first) * n_labels + k] = -np.inf


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def add_counts(start: Any, pair: Any, first: int, last: int, posterior: Any, table: Any, classes: Any) -> None:
    """The posteriors of tasks [first, last), a row each, added to the counts of their answers and to the classes."""
    n_labels = len(classes)
    origin, stride = table.ctypes.data + 8 * n_labels, 16 * n_labels
    row, answers = posterior.ctypes.data, pair.ctypes.data
    for t in range(first, last):
        add_to_rows(row, origin, stride, answers + 4 * start[t], start[t + 1] - start[t], n_labels)
        for k in range(n_labels):
            classes[k] += posterior[(t - first) * n_labels + k]
        row += 8 * n_labels


@njit(nogil=True, cache=True, fastmath={"contract"})  # type: ignore[untyped-decorator, unused-ignore]
def exponential(x: float) -> Any:
    """exp(x) for -700 <= x <= 0 without a branch, so that loops of it use the vector unit; relative error below 1e-15.

    exp(x) = 2^n * e^r with n the nearest whole number of x / log 2: adding MAGIC leaves n in the lowest bits of the
    sum, shifted into the exponent they multiply by 2^n.
    """
    turned = x * LOG2_E + MAGIC
    n = turned - MAGIC
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    tail = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800))))
    near = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * tail))))))
    bits = np.float64(near).view(np.int64) + (np.float64(turned).view(np.int64) << 52)
    return np.int64(bits).view(np.float64)


@njit(nogil=True, cache=True, fastmath={"contract"})  # type: ignore[untyped-decorator, unused-ignore]
def soften(lanes: Any, tasks: int, four: Any) -> float:
    """lanes[:, :tasks], log joint probabilities, become posteriors in place. Returns the sum of the log totals.

    four[0] is room for the totals, four[1] for the weighted gaps; the tops are added to four[2], and the sums of
    posterior times gap to the best label, with what is clipped, to four[3].
    One logarithm a block: the totals, between 1 and K, are multiplied first.
    """
    n_labels = lanes.shape[0]
    total, weighted, tops, entropy = four[0], four[1], four[2], four[3]
    top = np.empty(BLOCK)
    for b in range(tasks):
        top[b] = lanes[0, b]
        total[b] = 0.0
        weighted[b] = 0.0
    for k in range(1, n_labels):
        for b in range(tasks):
            top[b] = max(top[b], lanes[k, b])
    for k in range(n_labels):
        for b in range(tasks):
            gap = max(lanes[k, b] - top[b], LOWEST)
            weight = exponential(gap)
            lanes[k, b] = weight
            total[b] += weight
            weighted[b] += weight * gap
    product = 1.0
    for b in range(tasks):
        product *= total[b]
    for b in range(tasks):
        total[b] = 1.0 / total[b]
        tops[b] += top[b]
        entropy[b] += weighted[b] * total[b]
    for k in range(n_labels):
        for b in range(tasks):
            share = lanes[k, b] * total[b]
            lanes[k, b] = share
            entropy[b] += CLIP * LOG_CLIP if share < CLIP else 0.0
    return math.log(product)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def turn(joint: Any, lanes: Any, tasks: int, back: bool) -> None:
    """lanes (K, BLOCK) from joint, a row a task of K numbers; or back."""
    n_labels = lanes.shape[0]
    for k in range(n_labels):
        for b in range(tasks):
            if back:
                joint[b * n_labels + k] = lanes[k, b]
            else:
                lanes[k, b] = joint[b * n_labels + k]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def sweep(start: Any, pair: Any, low: int, high: int, log_prior: Any, clamp: Any, table: Any, classes: Any) -> Any:
    """One E step over tasks [low, high) with the M step's counts added into the table and into classes (K,).

    Returns (log likelihood, entropy with posteriors clipped at CLIP). The posteriors themselves are not kept.
    """
    n_labels = len(classes)
    joint, lanes, four = np.empty(BLOCK * n_labels), np.empty((n_labels, BLOCK)), np.zeros((4, BLOCK))
    logs = 0.0
    for first in range(low, high, BLOCK):
        last = min(first + BLOCK, high)
        ask_for(start, pair, last, min(last + BLOCK, high), table, n_labels)
        sum_logs(start, pair, first, last, log_prior, clamp, table, joint)
        turn(joint, lanes, last - first, False)
        logs += soften(lanes, last - first, four)
        turn(joint, lanes, last - first, True)
        add_counts(start, pair, first, last, joint, table, classes)
    return logs + four[2].sum(), logs - four[3].sum()


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def posteriors(start: Any, pair: Any, low: int, high: int, log_prior: Any, clamp: Any, table: Any, out: Any) -> Any:
    """One E step over tasks [low, high), posteriors written to out (T, K)."""
    n_labels = len(log_prior)
    joint, lanes, four = np.empty(BLOCK * n_labels), np.empty((n_labels, BLOCK)), np.zeros((4, BLOCK))
    for first in range(low, high, BLOCK):
        last = min(first + BLOCK, high)
        ask_for(start, pair, last, min(last + BLOCK, high), table, n_labels)
        sum_logs(start, pair, first, last, log_prior, clamp, table, joint)
        turn(joint, lanes, last - first, False)
        soften(lanes, last - first, four)
        for b in range(last - first):
            for k in range(n_labels):
                out[first + b, k] = lanes[k, b] if lanes[k, b] > TINY else 0.0
    return 0.0, 0.0
