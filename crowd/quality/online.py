"""Dawid-Skene one answer at a time, for interim views and stop rules; `refresh` is the batch fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crowd.quality.arrays import Floats, Name
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.encode import clean_name, encode_names
from crowd.quality.types import Fit, Gold, Votes

FRESH = 7.0
"""Pseudo-answers a worker starts with before anything is known of the crowd: the weight of the default prior."""


@dataclass
class OnlineDawidSkene:
    """Keeps posteriors current while answers arrive.

    `update` gives the new answer's task a new posterior under the workers as known so far, and moves the counts of the
    workers of that task along (incremental EM, R. Neal and G. Hinton 1998): the work is one task's answers, whatever
    the project's size. Other tasks stay as they were until `refresh`, which fits everything from a cold start and
    equals the batch fit. The one class here that changes: it is a running tally, not a result.
    """

    labels: Sequence[Any]
    method: DawidSkene = field(default_factory=DawidSkene)

    def __post_init__(self) -> None:
        self.labels, codes = encode_names(self.labels, "label")
        if not self.labels or len(codes) != len(self.labels):
            raise ValueError(f"labels {list(self.labels)}: wanted at least one, each once")
        size = len(self.labels)
        self._place = {label: code for code, label in enumerate(self.labels)}
        self._start = FRESH * (0.6 * np.eye(size) + 0.4 / size)
        self._class_counts = np.ones(size)
        self._counts: dict[Name, Floats] = {}
        self._posterior: dict[Name, Floats] = {}
        self._answers: dict[Name, list[tuple[Name, int]]] = {}
        self._log: list[tuple[Name, Name, Name]] = []

    @classmethod
    def from_fit(cls, fit: Fit, method: DawidSkene | None = None) -> OnlineDawidSkene:
        """Go on from a batch fit (with the same method, if its refreshes are to agree)."""
        online = cls(fit.labels, method or DawidSkene())
        votes = fit.votes
        for t, w, k in zip(votes.task.tolist(), votes.worker.tolist(), votes.label.tolist(), strict=True):
            online._record(votes.tasks[t], votes.workers[w], k)
        online._adopt(fit)
        return online

    def update(self, task: Any, worker: Any, label: Any) -> Floats:
        """The task's posterior (K,) with this answer. ValueError for a label that is not among `labels`."""
        task, worker = clean_name(task, "task"), clean_name(worker, "worker")
        if clean_name(label, "label") not in self._place:
            raise ValueError(f"label {label!r} is not among the labels {list(self.labels)}")
        self._record(task, worker, self._place[label])
        before = self._posterior.get(task)
        after = self._foretell(task)
        moved = after if before is None else after - before
        for someone, code in self._answers[task][:-1]:
            self._counts[someone][:, code] += moved
        self._counts[worker][:, self._place[label]] += after
        self._class_counts += moved
        self._posterior[task] = after
        return after.copy()

    def posterior(self, task: Any) -> Floats:
        """(K,): the task's current posterior. KeyError for a task without an answer."""
        return self._posterior[task].copy()

    def refresh(self, gold: Gold | None = None) -> Fit:
        """Fit all answers so far from a cold start and go on from there."""
        tasks, workers, labels = zip(*self._log, strict=True) if self._log else ((), (), ())
        fit = self.method.fit(Votes.from_labels(tasks, workers, labels, known_labels=self.labels), gold)
        self._adopt(fit)
        return fit

    def _record(self, task: Name, worker: Name, code: int) -> None:
        self._answers.setdefault(task, []).append((worker, code))
        self._log.append((task, worker, self.labels[code]))
        if worker not in self._counts:
            self._counts[worker] = self._start.copy()

    def _foretell(self, task: Name) -> Floats:
        joint = np.log(self._class_counts)
        for worker, code in self._answers[task]:
            counts = self._counts[worker]
            joint = joint + np.log(counts[:, code] / counts.sum(axis=1))
        weight = np.exp(joint - joint.max())
        share: Floats = weight / weight.sum()
        return share

    def _adopt(self, fit: Fit) -> None:
        """Take over a fit's posteriors, and its confusions at the weight of the answers behind them."""
        votes = fit.votes
        total = np.maximum(fit.class_prior * len(fit.tasks), 0.0)
        self._class_counts = total + 1.0
        self._posterior = dict(zip(fit.tasks, fit.posterior.copy(), strict=True))
        mass = np.zeros((len(fit.workers), len(fit.labels)))
        np.add.at(mass, votes.worker, fit.posterior[votes.task])
        weighted = fit.confusion * (mass + FRESH)[:, :, None]
        self._counts = dict(zip(fit.workers, weighted.copy(), strict=True))
        if len(fit.workers):
            pooled = weighted.sum(axis=0) + 1e-3
            self._start = FRESH * pooled / pooled.sum(axis=1, keepdims=True)
