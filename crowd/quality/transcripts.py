"""Transcripts: the medoid, the answer closest to all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowd.quality.arrays import Codes, Floats, Names, frozen
from crowd.quality.encode import encode_names, same_length
from crowd.quality.gold import plain_text
from crowd.quality.text_distance import edit_distance


@dataclass(frozen=True, eq=False)
class Texts:
    """n free-text answers: `text[i]` is what `workers[worker[i]]` wrote for `tasks[task[i]]`."""

    tasks: Names
    workers: Names
    task: Codes
    worker: Codes
    text: tuple[str, ...]

    @classmethod
    def from_texts(cls, tasks: Sequence[Any], workers: Sequence[Any], texts: Sequence[str]) -> Texts:
        """Texts from three sequences. An empty text is an answer (silence); None is a ValueError that says where."""
        same_length(tasks=tasks, workers=workers, texts=texts)
        for place, text in enumerate(texts):
            if not isinstance(text, str):
                raise ValueError(f"text at position {place} is {text!r}, not text")
        task_names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        return cls(task_names, worker_names, frozen(task), frozen(worker), tuple(texts))

    def by_task(self) -> list[list[int]]:
        """For each task the positions of its answers, in the order given."""
        groups: list[list[int]] = [[] for _ in self.tasks]
        for place, task in enumerate(self.task.tolist()):
            groups[task].append(place)
        return groups


@dataclass(frozen=True, eq=False)
class TextFit:
    """consensus: one text a task; score (T,): mean similarity of the task's answers to it, in [0, 1]."""

    method: str
    tasks: Names
    consensus: tuple[str, ...]
    score: Floats


def similarity(one: str, other: str) -> float:
    """1 - character edits / length of the longer text, after plain_text: 1 for equal, 0 for nothing in common."""
    first, second = plain_text(one), plain_text(other)
    longest = max(len(first), len(second))
    return 1 - edit_distance(first, second) / longest if longest else 1.0


def medoid(texts: Sequence[str], alike: Callable[[str, str], float] = similarity) -> tuple[int, float]:
    """(position, mean similarity to the others) of the answer closest to the others; the first of equals.

    A lone answer is its own medoid with similarity 1. Raises ValueError for no answers.
    """
    if not texts:
        raise ValueError("no answers: there is no medoid")
    distinct = list(dict.fromkeys(texts))
    counts = np.array([texts.count(text) for text in distinct], dtype=np.float64)
    table = np.eye(len(distinct))
    for i in range(len(distinct)):
        for j in range(i):
            table[i, j] = table[j, i] = alike(distinct[i], distinct[j])
    others = max(len(texts) - 1, 1)
    mean = np.where(len(texts) == 1, 1.0, (table @ counts - 1) / others)
    best = int(np.argmax(mean >= mean.max() - 1e-12))
    return texts.index(distinct[best]), float(mean[best])


@dataclass(frozen=True)
class Medoid:
    """The answer closest to the others, task by task."""

    def fit(self, texts: Texts) -> TextFit:
        """The medoid of each task's answers."""
        chosen = [medoid([texts.text[place] for place in group]) for group in texts.by_task()]
        groups = texts.by_task()
        consensus = tuple(texts.text[group[best]] for group, (best, _) in zip(groups, chosen, strict=True))
        return TextFit("medoid", texts.tasks, consensus, frozen(np.array([score for _, score in chosen])))
