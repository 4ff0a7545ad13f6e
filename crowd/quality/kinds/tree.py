"""One label of very many: votes weighted by how often each worker is right, over the labels that were said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

from crowd.quality.gold import exact
from crowd.quality.kinds.base import Merging, Together

ROUNDS = 20
RIGHT, WRONG = 2.0, 1.0  # pseudo-answers of everybody


@dataclass(frozen=True)
class TreeJudge:
    """The one-coin model (one accuracy a worker, wrong answers spread evenly over the other labels that were said
    anywhere), kept sparse: a task knows only the labels that somebody gave it."""

    def score(self, answer: str, key: str) -> float:
        return exact(answer, key)

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[str]) -> Merging:
        said: dict[Any, list[tuple[Any, str]]] = {}
        for task, worker, value in zip(tasks, workers, values, strict=True):
            said.setdefault(task, []).append((worker, value))
        others = max(len(set(values)) - 1, 1)
        accuracy = dict.fromkeys(workers, 0.7)
        posterior: dict[Any, dict[str, float]] = {}
        for _ in range(ROUNDS):
            posterior = {task: _posterior(answers, accuracy, others) for task, answers in said.items()}
            before, accuracy = accuracy, _accuracy(said, posterior)
            if max((abs(accuracy[one] - before[one]) for one in accuracy), default=0.0) < 1e-5:
                break
        merged = {task: _best(labels) for task, labels in posterior.items()}
        return Merging(merged, dict(accuracy))


def _posterior(answers: Sequence[tuple[Any, str]], accuracy: Mapping[Any, float], others: int) -> dict[str, float]:
    labels = sorted({label for _worker, label in answers})
    logs = {
        label: sum(
            log(accuracy[worker]) if given == label else log((1 - accuracy[worker]) / others)
            for worker, given in answers
        )
        for label in labels
    }
    top = max(logs.values())
    shares = {label: exp(value - top) for label, value in logs.items()}
    total = sum(shares.values())
    return {label: share / total for label, share in shares.items()}


def _accuracy(
    said: Mapping[Any, Sequence[tuple[Any, str]]], posterior: Mapping[Any, Mapping[str, float]]
) -> dict[Any, float]:
    right: dict[Any, float] = {}
    count: dict[Any, int] = {}
    for task, answers in said.items():
        for worker, label in answers:
            right[worker] = right.get(worker, 0.0) + posterior[task][label]
            count[worker] = count.get(worker, 0) + 1
    return {worker: (right[worker] + RIGHT) / (count[worker] + RIGHT + WRONG) for worker in right}


def _best(labels: Mapping[str, float]) -> Together:
    """The most probable label, of equals the first by name."""
    best = max(sorted(labels), key=lambda label: labels[label])
    return Together(best, labels[best], {"distribution": {label: round(p, 6) for label, p in labels.items()}})


def taxonomy(settings: Mapping[str, Any]) -> TreeJudge:
    return TreeJudge()
