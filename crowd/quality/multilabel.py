"""Several labels at once: an answer is a set of labels.

`PerLabel` asks of each label alone whether it belongs (binary relevance); `LabelSets` takes each set that occurs for
one class, which keeps labels that go together but cannot answer with a set nobody gave.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from crowd.quality.arrays import Codes, Flags, Floats, Names, frozen
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.encode import encode_labels, encode_names, same_length
from crowd.quality.types import Fit, Gold, Votes


class Method(Protocol):
    """A categorical method."""

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """See the methods."""
        ...


@dataclass(frozen=True, eq=False)
class SetVotes:
    """n answers; `chosen` (n, K) says which labels each one holds."""

    tasks: Names
    workers: Names
    labels: Names
    task: Codes
    worker: Codes
    chosen: Flags

    @classmethod
    def from_sets(
        cls,
        tasks: Sequence[Any],
        workers: Sequence[Any],
        sets: Sequence[Collection[Any]],
        *,
        known_labels: Sequence[Any] | None = None,
    ) -> SetVotes:
        """From three sequences; an empty set is an answer ("none of them"). ValueError as in `Votes.from_labels`."""
        same_length(tasks=tasks, workers=workers, sets=sets)
        task_names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        flat = [label for answer in sets for label in answer]
        names, codes = encode_labels(flat, known_labels)
        chosen = np.zeros((len(sets), len(names)), np.bool_)
        chosen[np.repeat(np.arange(len(sets)), [len(answer) for answer in sets]), codes] = True
        return cls(task_names, worker_names, names, frozen(task), frozen(worker), frozen(chosen))


@dataclass(frozen=True, eq=False)
class SetFit:
    """probability (T, K): that a label belongs; consensus: one frozenset a task."""

    method: str
    tasks: Names
    labels: Names
    probability: Floats
    consensus: tuple[frozenset[Any], ...]


SetGold = Mapping[Any, Collection[Any]]


@dataclass(frozen=True)
class PerLabel:
    """One binary fit a label. A label belongs when its probability passes `threshold`."""

    method: Method = field(default_factory=DawidSkene)
    threshold: float = 0.5

    def fit(self, votes: SetVotes, gold: SetGold | None = None) -> SetFit:
        """Fit each label on its own: workers may know some labels better than others."""
        columns = [self._column(votes, code, gold) for code in range(len(votes.labels))]
        table = np.stack(columns, axis=1) if columns else np.zeros((len(votes.tasks), 0))
        sets = [frozenset(np.array(votes.labels, dtype=object)[row > self.threshold].tolist()) for row in table]
        return SetFit("per label", votes.tasks, votes.labels, frozen(table), tuple(sets))

    def _column(self, votes: SetVotes, code: int, gold: SetGold | None) -> Floats:
        label = votes.labels[code]
        yes = votes.chosen[:, code].astype(np.int32)
        binary = Votes(votes.tasks, votes.workers, (0, 1), votes.task, votes.worker, yes)
        known = {task: int(label in answer) for task, answer in (gold or {}).items()}
        return self.method.fit(binary, known).posterior[:, 1]


@dataclass(frozen=True)
class LabelSets:
    """Every set that occurs (also in gold) is a class."""

    method: Method = field(default_factory=DawidSkene)

    def fit(self, votes: SetVotes, gold: SetGold | None = None) -> SetFit:
        """probability is the sum over the sets that hold the label."""
        known = {task: self._code(votes, answer) for task, answer in (gold or {}).items()}
        rows, which = np.unique(votes.chosen, axis=0, return_inverse=True)
        names = [row.tobytes().hex() or "none" for row in rows]
        answers = [names[code] for code in which.reshape(-1).tolist()]
        plain = Votes.from_labels(
            [votes.tasks[t] for t in votes.task], [votes.workers[w] for w in votes.worker], answers
        )
        fit = self.method.fit(plain, known)
        members = np.array([self._members(str(name), len(votes.labels)) for name in fit.labels], dtype=np.float64)
        sets = [self._set(votes, str(name)) for name in fit.consensus]
        order = [fit.tasks.index(task) for task in votes.tasks]
        table = fit.posterior @ members.reshape(len(fit.labels), len(votes.labels))
        return SetFit("label sets", votes.tasks, votes.labels, frozen(table[order]), tuple(sets[i] for i in order))

    def _code(self, votes: SetVotes, answer: Collection[Any]) -> str:
        strange = set(answer) - set(votes.labels)
        if strange:
            raise ValueError(f"gold labels {sorted(map(str, strange))} are not among the labels {list(votes.labels)}")
        return np.array([label in answer for label in votes.labels], np.bool_).tobytes().hex() or "none"

    def _members(self, name: str, size: int) -> Flags:
        return np.frombuffer(bytes.fromhex(name), np.bool_) if name != "none" else np.zeros(size, np.bool_)

    def _set(self, votes: SetVotes, name: str) -> frozenset[Any]:
        members = self._members(name, len(votes.labels))
        return frozenset(label for label, inside in zip(votes.labels, members, strict=True) if inside)
