"""Compiled loops that sort answers by task (numba): those of task t become pair[start[t]:start[t + 1]]."""

from __future__ import annotations

from typing import Any

from numba import njit


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
