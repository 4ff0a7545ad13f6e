"""Numeric answers: the median of each task, and a model of each worker's bias and spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Codes, Floats, Names, frozen, sums
from crowd.quality.encode import encode_names, same_length


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
    bias (W,) and spread (W,): a worker's mean error and the standard deviation around it."""

    method: str
    tasks: Names
    workers: Names
    value: Floats
    deviation: Floats
    bias: Floats
    spread: Floats
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
        return NumberFit("median", numbers.tasks, numbers.workers, frozen(value), frozen(deviation), bias, spread)


def errors_of_workers(numbers: Numbers, value: Floats) -> tuple[Floats, Floats]:
    """(bias, spread), each (W,): mean and standard deviation of a worker's answers around the merged values."""
    error = numbers.value - value[numbers.task]
    count = np.bincount(numbers.worker, minlength=len(numbers.workers))
    bias = np.bincount(numbers.worker, error, minlength=len(numbers.workers)) / np.maximum(count, 1)
    square = np.bincount(numbers.worker, (error - bias[numbers.worker]) ** 2, minlength=len(numbers.workers))
    return frozen(bias), frozen(np.sqrt(square / np.maximum(count, 1)))


@dataclass(frozen=True)
class BiasVariance:
    """Workers with a bias and a spread of their own: x = value + bias + noise, all normal.

    EM over the values; a worker's bias has the prior N(0, crowd's variance of biases), his variance is pooled towards
    the crowd's by `pooling` answers, and a task's value has the prior N(mean, variance) of all values. After Raykar et
    al., Learning From Crowds, JMLR 11, 2010, section 5, with the bias added. Stops when the log likelihood gains less
    than `tolerance` an answer.
    """

    max_iterations: int = 200
    tolerance: float = 1e-6
    pooling: float = 5.0

    def fit(self, numbers: Numbers) -> NumberFit:
        """value and deviation are the posterior mean and standard deviation of each task's value."""
        if not len(numbers):
            return Median().fit(numbers)
        state = _NumberState.start(numbers)
        reached: list[float] = []
        while len(reached) < self.max_iterations:
            state = state.step(numbers, self.pooling)
            reached.append(state.log_likelihood / len(numbers))
            if len(reached) > 1 and abs(reached[-1] - reached[-2]) < self.tolerance:
                break
        return NumberFit(
            "bias and variance",
            numbers.tasks,
            numbers.workers,
            frozen(state.value),
            frozen(np.sqrt(state.variance)),
            frozen(state.bias),
            frozen(np.sqrt(state.noise)),
            iterations=len(reached),
            evidence=state.log_likelihood,
        )


@dataclass(frozen=True, eq=False)
class _NumberState:
    """value and variance (T,), bias and noise variance (W,), and the log likelihood of the answers given the values."""

    value: Floats
    variance: Floats
    bias: Floats
    noise: Floats
    log_likelihood: float

    @classmethod
    def start(cls, numbers: Numbers) -> _NumberState:
        median_fit = Median().fit(numbers)
        noise = np.full(len(numbers.workers), max(float((median_fit.spread**2).mean()), 1e-12))
        return cls(median_fit.value, np.zeros(len(numbers.tasks)), np.zeros(len(numbers.workers)), noise, -np.inf)

    def step(self, numbers: Numbers, pooling: float) -> _NumberState:
        task, worker, workers = numbers.task, numbers.worker, len(numbers.workers)
        count = np.bincount(worker, minlength=workers)
        error = numbers.value - self.value[task]
        centre, wide = float(self.value.mean()), max(float(self.value.var() + self.variance.mean()), 1e-12)
        width = max(float((self.bias**2).mean()), 1e-3 * float(self.noise.mean()))
        bias = sums(worker, error, workers) / (count + self.noise / width)
        square = sums(worker, (error - bias[worker]) ** 2 + self.variance[task], workers)
        common = float(square.sum()) / len(numbers)
        noise = np.maximum((square + pooling * common) / (count + pooling), 1e-12)
        weight = 1 / noise[worker]
        precision = sums(task, weight, len(self.value)) + 1 / wide
        value = (sums(task, weight * (numbers.value - bias[worker]), len(self.value)) + centre / wide) / precision
        off = numbers.value - value[task] - bias[worker]
        log_likelihood = -0.5 * float((off**2 * weight - np.log(weight) + np.log(2 * np.pi)).sum())
        return _NumberState(value, 1 / precision, bias, noise, log_likelihood)
