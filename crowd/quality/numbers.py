"""Numeric answers: the median of each task, and a model of each worker's bias, scale and spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Codes, Floats, Names, frozen, sums
from crowd.quality.em import check_positive, check_stop
from crowd.quality.encode import encode_names, same_length

LEAST = 1e-12
PAIR = 0.6745 * math.sqrt(2)  # the median distance of two normal answers, in deviations of one
MEDIAN = math.sqrt(math.pi / 2)  # the deviation of a median of many, in those of their mean


@dataclass(frozen=True, eq=False)
class Numbers:
    """n numeric answers: `value[i]` is what `workers[worker[i]]` gave for `tasks[task[i]]`."""

    tasks: Names
    workers: Names
    task: Codes
    worker: Codes
    value: Floats

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def from_values(cls, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[float]) -> Numbers:
        """Numbers from three sequences. A value that is not a finite number is a ValueError that says where."""
        same_length(tasks=tasks, workers=workers, values=values)
        numbers = np.array(values, dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            raise ValueError(f"value at position {bad[0]} is {numbers[bad[0]]}, not a finite number")
        task_names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        return cls(task_names, worker_names, frozen(task), frozen(worker), frozen(numbers))

    def sorted_by_task(self) -> list[Floats]:
        """For each task its values in rising order."""
        order = np.lexsort((self.value, self.task))
        ends = np.cumsum(np.bincount(self.task, minlength=len(self.tasks)))
        return np.split(self.value[order], ends[:-1]) if len(ends) else []


@dataclass(frozen=True, eq=False)
class NumberFit:
    """value (T,): the merged number of each task; deviation (T,): its standard error, nan where it cannot be known;
    bias, spread and scale (W,): a worker's constant error, the standard deviation around it, and how far his answers
    stretch when the value does (1 where the method does not ask)."""

    method: str
    tasks: Names
    workers: Names
    value: Floats
    deviation: Floats
    bias: Floats
    spread: Floats
    scale: Floats
    iterations: int = 0
    evidence: float = float("nan")


def median(values: Sequence[float] | npt.NDArray[np.float64]) -> float:
    """The middle value; of an even number of values the mean of the two in the middle. ValueError for none."""
    if not len(values):
        raise ValueError("no answers: there is no median")
    return float(np.median(np.asarray(values, dtype=np.float64)))


@dataclass(frozen=True)
class Median:
    """The median of each task's answers."""

    def fit(self, numbers: Numbers) -> NumberFit:
        """Medians; deviation from the median absolute deviation, 1.2533 * 1.4826 * MAD / sqrt(n) (normal errors)."""
        groups = numbers.sorted_by_task()
        value = np.array([np.median(group) for group in groups])
        off = [np.median(np.abs(group - centre)) for group, centre in zip(groups, value, strict=True)]
        size = np.array([len(group) for group in groups])
        deviation = np.where(size > 1, 1.2533 * 1.4826 * np.array(off) / np.sqrt(size), np.nan)
        bias, spread = errors_of_workers(numbers, value)
        scale = frozen(np.ones(len(numbers.workers)))
        return NumberFit(
            "median", numbers.tasks, numbers.workers, frozen(value), frozen(deviation), bias, spread, scale
        )


def certainty(numbers: Numbers, tolerance: float, *, pooling: float = 4.0) -> tuple[Floats, Floats]:
    """(T,), (T,): the probability that each task's median is within `tolerance` of the true number, and what one more
    answer is expected to add to it. 0 where no task has two answers.

    The median's error is taken as normal. Its deviation comes from how far two answers to one task are apart, as the
    median over all pairs (sigma = median |x - y| / 0.954 for normal errors; Rousseeuw and Croux, Alternatives to the
    Median Absolute Deviation, JASA 88, 1993): outliers move it little, and biases of workers are in it. Each task's own
    pairs are pooled with the crowd's, which weigh as much as `pooling` answers.

    A lone answer may be the one that is far off, which no other at its task would show, and which a median of distances
    does not see: it is as sure as the share of all pairs that are as near as two good answers (sqrt(2) tolerances) at
    the most.
    """
    groups = numbers.sorted_by_task()
    size = np.array([len(group) for group in groups], dtype=np.int64)
    own, every = np.zeros(len(groups)), [np.zeros(0)]
    for n in np.unique(size[size > 1]):
        rows = np.flatnonzero(size == n)
        apart = _pairs(np.array([groups[row] for row in rows]))
        own[rows] = np.median(apart, axis=1) / PAIR
        every.append(apart.ravel())
    pairs = np.concatenate(every)
    if not len(pairs):
        return np.zeros(len(groups)), np.zeros(len(groups))
    crowd, told = float(np.median(pairs)) / PAIR, np.where(size > 1, size, 0)
    spread = np.sqrt((pooling * crowd**2 + told * own**2) / (pooling + told))
    now, after = (_within(tolerance, spread, count) for count in (size, size + 1))
    near = np.count_nonzero(pairs <= math.sqrt(2) * tolerance) / (len(pairs) + 1)
    now = np.where(size == 1, np.minimum(now, near), now)
    return frozen(now), frozen(np.maximum(after - now, 0))


def _pairs(values: Floats) -> Floats:
    """(T, n) to (T, n (n - 1) / 2): how far any two of a row are apart."""
    one, other = np.triu_indices(values.shape[1], 1)
    found: Floats = np.abs(values[:, one] - values[:, other])
    return found


def _within(tolerance: float, spread: Floats, count: npt.NDArray[np.int64]) -> Floats:
    """P(|error of the median| <= tolerance); of one or two answers the median is their mean."""
    worse = np.where(count > 2, 1 + (MEDIAN - 1) * (1 - 1 / np.maximum(count - 1, 1)), 1.0)
    deviation = np.maximum(worse * spread / np.sqrt(count), LEAST)
    return np.array([math.erf(cut) for cut in tolerance / (deviation * math.sqrt(2))])


def errors_of_workers(numbers: Numbers, value: Floats) -> tuple[Floats, Floats]:
    """(bias, spread), each (W,): mean and standard deviation of a worker's answers around the merged values."""
    error = numbers.value - value[numbers.task]
    count = np.bincount(numbers.worker, minlength=len(numbers.workers))
    bias = np.bincount(numbers.worker, error, minlength=len(numbers.workers)) / np.maximum(count, 1)
    square = np.bincount(numbers.worker, (error - bias[numbers.worker]) ** 2, minlength=len(numbers.workers))
    return frozen(bias), frozen(np.sqrt(square / np.maximum(count, 1)))


@dataclass(frozen=True)
class WorkerScales:
    """Workers with a bias, a scale and a spread of their own: x = bias + scale * value + noise, all normal.

    A cautious worker, who answers near zero whatever he sees, has a small spread but also a small scale, and so does
    not outweigh everybody. EM over the values (factor analysis with one factor; bias and variance alone are Raykar et
    al., Learning From Crowds, JMLR 11, 2010, section 5). Biases have the prior N(0, crowd's), scales N(1, crowd's),
    variances are pooled towards the crowd's by `pooling` answers, and values have the prior N(mean, variance) of all
    values. The crowd's mean scale is 1. Stops when the log likelihood gains less than `tolerance` an answer.
    """

    max_iterations: int = 200
    tolerance: float = 1e-6
    pooling: float = 5.0

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        check_positive(pooling=self.pooling)

    def fit(self, numbers: Numbers) -> NumberFit:
        """value and deviation are the posterior mean and standard deviation of each task's value."""
        if not len(numbers):
            return Median().fit(numbers)
        state = _start(numbers)
        reached: list[float] = []
        while len(reached) < self.max_iterations:
            state = _values(numbers, _workers(numbers, state, self.pooling))
            reached.append(state.log_likelihood / len(numbers))
            if len(reached) > 1 and abs(reached[-1] - reached[-2]) < self.tolerance:
                break
        return NumberFit(
            "worker scales",
            numbers.tasks,
            numbers.workers,
            frozen(state.value),
            frozen(np.sqrt(state.variance)),
            frozen(state.bias),
            frozen(np.sqrt(state.noise)),
            frozen(state.scale),
            iterations=len(reached),
            evidence=state.log_likelihood,
        )


@dataclass(frozen=True, eq=False)
class _Scales:
    """value and variance (T,); bias, scale and noise variance (W,); log likelihood of the answers at the values."""

    value: Floats
    variance: Floats
    bias: Floats
    scale: Floats
    noise: Floats
    log_likelihood: float = float("-inf")

    def error(self, numbers: Numbers) -> Floats:
        """(n,): answer less what the worker was expected to say."""
        off: Floats = numbers.value - self.bias[numbers.worker] - self.scale[numbers.worker] * self.value[numbers.task]
        return off


def _start(numbers: Numbers) -> _Scales:
    """Means, unbiased workers of scale 1, and one noise for all."""
    tasks, workers = len(numbers.tasks), len(numbers.workers)
    mean = sums(numbers.task, numbers.value, tasks) / np.maximum(np.bincount(numbers.task, minlength=tasks), 1)
    noise = max(float(((numbers.value - mean[numbers.task]) ** 2).mean()), LEAST)
    return _Scales(mean, np.zeros(tasks), np.zeros(workers), np.ones(workers), np.full(workers, noise))


def _workers(numbers: Numbers, old: _Scales, pooling: float) -> _Scales:
    """M step: each worker's regression on the values, drawn towards the crowd."""
    worker, count = numbers.worker, np.bincount(numbers.worker, minlength=len(numbers.workers))
    value, variance = old.value[numbers.task], old.variance[numbers.task]
    bias_width = max(float((old.bias**2).mean()), 1e-3 * float(old.noise.mean()))
    scale_width = max(float(((old.scale - 1) ** 2).mean()), 0.01)
    off = sums(worker, numbers.value - old.scale[worker] * value, len(count))
    bias = off / (count + old.noise / bias_width)
    product = sums(worker, (numbers.value - bias[worker]) * value, len(count))
    square = sums(worker, value**2 + variance, len(count))
    scale = (product + old.noise / scale_width) / (square + old.noise / scale_width)
    now = replace(old, bias=bias, scale=scale)
    error = sums(worker, now.error(numbers) ** 2 + scale[worker] ** 2 * variance, len(count))
    common = float(error.sum()) / len(numbers)
    return replace(now, noise=np.maximum((error + pooling * common) / (count + pooling), LEAST))


def _values(numbers: Numbers, state: _Scales) -> _Scales:
    """E step: the posterior of each task's value, then the scale set back to a mean of 1."""
    task, worker, tasks = numbers.task, numbers.worker, len(state.value)
    centre = float(state.value.mean())
    wide = max(float(state.value.var() + state.variance.mean()), LEAST)
    weight = state.scale[worker] / state.noise[worker]
    precision = sums(task, weight * state.scale[worker], tasks) + 1 / wide
    value = (sums(task, weight * (numbers.value - state.bias[worker]), tasks) + centre / wide) / precision
    unit = float(state.scale.mean())
    unit = unit if unit > 0.1 else 1.0
    now = replace(state, value=value * unit, variance=unit**2 / precision, scale=state.scale / unit)
    noise = state.noise[worker]
    return replace(
        now, log_likelihood=-0.5 * float((now.error(numbers) ** 2 / noise + np.log(2 * np.pi * noise)).sum())
    )
