"""Compiled loops over the answers (numba). Answers lie task by task: those of task t are pair[start[t]:start[t + 1]].

`table` is (R * 2K,), a row for each occurring (worker, label) pair: its K log errors and, beside them, its K counts, so
that one visit brings both into the cache. Tasks go in blocks: the log errors of all their answers are added up (while
the next block's rows are on their way), then all become posteriors at once, one lane of the vector unit a task, then
the posteriors are added to the counts, whose rows are still in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import core, extending, njit, types

BLOCK = 64
CLIP = 1e-10
TINY = 1e-300
LOWEST = -700.0
MAGIC = 6755399441055744.0
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
LOG_CLIP = math.log(CLIP)
cgutils: Any = core.cgutils
intrinsic: Any = extending.intrinsic
DOUBLE, NUMBER, PLACE = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
ADDRESSES = types.void(*[types.intp] * 6)


# What numba does not offer by itself: rows added by the vector unit, prefetching. All take addresses
# (`array.ctypes.data` plus bytes), which numba passes on without counting references. Nothing checks them: callers take
# their indices from `Votes`, which has checked them, and keep the arrays alive. A table's row at `row_of[i]` begins at
# table + row_of[i] * stride bytes; `row_of` is the address of int32, `size` the row's float64. They stand in this file,
# because numba keeps what it compiled until the file changes that a kernel stands in: not one that it imports.


def _by_lanes(builder: Any, size: Any, work: Callable[[Any, Any], None]) -> None:
    """Calls work(offset in bytes, vector type) for a row of `size`: four lanes at a time, then two, then one."""
    with cgutils.for_range_slice(builder, PLACE(0), builder.and_(size, PLACE(-4)), PLACE(4), PLACE) as (done, _):
        work(builder.mul(done, PLACE(8)), ir.VectorType(DOUBLE, 4))
    for lanes in (2, 1):
        with builder.if_then(builder.icmp_unsigned("!=", builder.and_(size, PLACE(lanes)), PLACE(0))):
            done = builder.and_(size, PLACE(-2 * lanes))
            work(builder.mul(done, PLACE(8)), ir.VectorType(DOUBLE, lanes))


def _at(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _row(builder: Any, table: Any, stride: Any, row_of: Any, i: Any) -> Any:
    place = _at(builder, builder.add(row_of, builder.mul(i, PLACE(4))), NUMBER)
    return builder.add(table, builder.mul(builder.sext(builder.load(place), PLACE), stride))


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def sum_rows(typing: Any, target: Any, table: Any, stride: Any, row_of: Any, rows: Any, size: Any) -> Any:
    """target[:size] += every row of the table in row_of[:rows], in this order."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, table, stride, row_of, rows, size = arguments

        def work(offset: Any, vector: Any) -> None:
            place = _at(builder, builder.add(target, offset), vector)
            total = cgutils.alloca_once_value(builder, builder.load(place, align=8))
            with cgutils.for_range(builder, rows, intp=PLACE) as loop:
                row = builder.add(_row(builder, table, stride, row_of, loop.index), offset)
                term = builder.load(_at(builder, row, vector), align=8)
                builder.store(builder.fadd(builder.load(total), term), total)
            builder.store(builder.load(total), place, align=8)

        _by_lanes(builder, size, work)
        return context.get_dummy_value()

    return ADDRESSES, generate


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def add_to_rows(typing: Any, source: Any, table: Any, stride: Any, row_of: Any, rows: Any, size: Any) -> Any:
    """source[:size] added to every row of the table in row_of[:rows]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, table, stride, row_of, rows, size = arguments

        def work(offset: Any, vector: Any) -> None:
            what = builder.load(_at(builder, builder.add(source, offset), vector), align=8)
            with cgutils.for_range(builder, rows, intp=PLACE) as loop:
                row = builder.add(_row(builder, table, stride, row_of, loop.index), offset)
                place = _at(builder, row, vector)
                builder.store(builder.fadd(builder.load(place, align=8), what), place, align=8)

        _by_lanes(builder, size, work)
        return context.get_dummy_value()

    return ADDRESSES, generate


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def prefetch(typing: Any, address: Any) -> Any:
    """Ask for the cache line at an address that will be read and written soon."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, NUMBER, NUMBER, NUMBER])
        wanted = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(wanted, [builder.inttoptr(arguments[0], byte), NUMBER(0), NUMBER(3), NUMBER(1)])
        return context.get_dummy_value()

    return types.void(types.intp), generate


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
