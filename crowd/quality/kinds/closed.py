"""Votes on labels, task by task, for kinds that are several closed questions in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.kinds.tree import TreeJudge
from crowd.quality.types import Votes

MOST_DENSE = 50  # a confusion matrix a worker has the square of it


@dataclass(frozen=True)
class Voted:
    """The winning label of each task, the posterior of each label, and each worker's accuracy."""

    label: dict[Any, Any]
    posterior: dict[Any, dict[str, float]]
    accuracy: dict[Any, float]


def vote(tasks: Sequence[Any], workers: Sequence[Any], labels: Sequence[str], known: Sequence[str]) -> Voted:
    """Dawid-Skene over one column of labels; `known` are all that could be given, in order. Of more than MOST_DENSE
    (dates, long lists) each worker has one accuracy, as in a tree, and a task knows only the labels it was given."""
    if not labels:
        return Voted({}, {}, {})
    if len(known) > MOST_DENSE:
        return _sparse(tasks, workers, labels)
    fit = DawidSkene().fit(Votes.from_labels(tasks, workers, labels, known_labels=known))
    posterior = {
        task: {str(label): float(p) for label, p in zip(fit.labels, row, strict=True)}
        for task, row in zip(fit.tasks, fit.posterior, strict=True)
    }
    winners = dict(zip(fit.tasks, fit.consensus, strict=True))
    accuracy = {worker: float(share) for worker, share in zip(fit.workers, fit.accuracy, strict=True)}
    return Voted(winners, posterior, accuracy)


def _sparse(tasks: Sequence[Any], workers: Sequence[Any], labels: Sequence[str]) -> Voted:
    found = TreeJudge().merge(tasks, workers, labels)
    posterior = {task: dict(one.details["distribution"]) for task, one in found.tasks.items()}
    accuracy = {worker: share for worker, share in found.accuracy.items() if share is not None}
    return Voted({task: one.value for task, one in found.tasks.items()}, posterior, accuracy)
