"""Numeric answers: the median of each task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Codes, Floats, Names, frozen
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
