"""What goes into every categorical method and what comes out: `Votes` and `Fit`.

Both are frozen and their arrays read-only: a fit may share memory with the votes it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import TIE, Codes, Flags, Floats, Name, Names, frozen
from crowd.quality.encode import clean_name, encode_labels, encode_names, in_label_order, same_length
from crowd.quality.reading import read_columns

Column: TypeAlias = Sequence[Any] | npt.NDArray[Any]
Duplicates: TypeAlias = Literal["keep", "first", "error"]
Gold: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Votes:
    """n answers of a crowd: who (`worker`) said what (`label`) about which `task`, as int32 codes into the names.

    `voting`, bool of shape (n,) or None for all True: a vote that is False tells about its worker only; it enters the M
    step, not the E step, and never moves its own task's posterior.
    """

    tasks: Names
    workers: Names
    labels: Names
    task: Codes
    worker: Codes
    label: Codes
    voting: Flags | None = None

    def __post_init__(self) -> None:
        same_length(task=self.task, worker=self.worker, label=self.label)
        for name in ("task", "worker", "label"):
            object.__setattr__(self, name, _codes(getattr(self, name), len(getattr(self, name + "s")), name))
        if self.voting is not None:
            same_length(task=self.task, voting=self.voting)
            flags = _flags(self.voting)
            object.__setattr__(self, "voting", None if flags.all() else frozen(flags))

    def __len__(self) -> int:
        return len(self.task)

    @classmethod
    def from_labels(
        cls,
        tasks: Column,
        workers: Column,
        labels: Column,
        *,
        voting: Column | None = None,
        known_labels: Sequence[Any] | None = None,
        duplicates: Duplicates = "keep",
    ) -> Votes:
        """Votes from three sequences of str or int, one entry an answer.

        `known_labels` fixes the label order (which breaks ties) and may name labels nobody used; by default the labels
        are those seen: whole numbers by value, then text. `duplicates` says what a repeated (task, worker) pair is:
        "keep" (separate votes), "first" (later ones dropped) or "error".
        Raises ValueError naming the place for unequal lengths and missing, empty or unknown names.
        """
        same_length(tasks=tasks, workers=workers, labels=labels)
        task_names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        label_names, label = encode_labels(labels, known_labels)
        flags = None if voting is None else _flags(voting)
        votes = cls(task_names, worker_names, label_names, task, worker, label, flags)
        return votes if duplicates == "keep" else votes._once(duplicates)

    @classmethod
    def read_csv(
        cls,
        path: Path | str,
        *,
        known_labels: Sequence[str] | None = None,
        duplicates: Duplicates = "keep",
        progress: Callable[[int], None] | None = None,
    ) -> Votes:
        """Votes from a CSV file with the columns task, worker and label, streamed. Names stay text.

        `progress` hears the number of rows read so far. Raises ValueError naming the line of a bad row.
        """
        (tasks, task), (workers, worker), (found, seen) = read_columns(path, ("task", "worker", "label"), progress)
        names, place = encode_labels(found, known_labels)
        votes = cls(tasks, workers, names, task, worker, place[seen] if len(found) else seen)
        return votes if duplicates == "keep" else votes._once(duplicates)

    def _once(self, duplicates: Duplicates) -> Votes:
        if duplicates not in ("first", "error"):
            raise ValueError(f"duplicates={duplicates!r}: wanted 'keep', 'first' or 'error'")
        pairs = self.task.astype(np.int64) * max(len(self.workers), 1) + self.worker
        first = np.sort(np.unique(pairs, return_index=True)[1])
        if len(first) == len(self):
            return self
        if duplicates == "error":
            place = int(np.setdiff1d(np.arange(len(self)), first)[0])
            task, worker = self.tasks[self.task[place]], self.workers[self.worker[place]]
            raise ValueError(f"worker {worker!r} answered task {task!r} a second time at position {place}")
        return self.select(first)

    def select(self, which: npt.NDArray[Any]) -> Votes:
        """The votes at these positions (or under this mask), with all names kept."""
        voting = None if self.voting is None else self.voting[which]
        return replace(self, task=self.task[which], worker=self.worker[which], label=self.label[which], voting=voting)

    def with_labels_of(self, gold: Gold | None) -> Votes:
        """The same votes with gold's unused labels appended to the label names, so that they have a place in K."""
        known = set(self.labels)
        new = {_gold_label(label, task) for task, label in (gold or {}).items()} - known
        return replace(self, labels=self.labels + in_label_order(new)) if new else self

    def gold_codes(self, gold: Gold | None) -> Codes:
        """The label code gold gives each task, -1 where there is none. A task only gold knows is left out: nobody
        answered it, so it says nothing about anybody. Raises ValueError for a missing or unknown gold label."""
        codes = np.full(len(self.tasks), -1, np.int32)
        if not gold:
            return codes
        place = {name: code for code, name in enumerate(self.labels)}
        for code, task in enumerate(self.tasks):
            if task in gold:
                codes[code] = _gold_code(gold[task], task, place)
        return codes

    @cached_property
    def answers(self) -> npt.NDArray[np.int64]:
        """Voting answers of each task, shape (tasks,)."""
        return frozen(np.bincount(self.task[self.votes_cast], minlength=len(self.tasks)))

    @cached_property
    def worker_answers(self) -> npt.NDArray[np.int64]:
        """Answers of each worker, voting or not, shape (workers,)."""
        return frozen(np.bincount(self.worker, minlength=len(self.workers)))

    @property
    def votes_cast(self) -> Any:
        """An index that picks the voting answers."""
        return slice(None) if self.voting is None else self.voting


def _codes(array: npt.NDArray[Any], size: int, name: str) -> Codes:
    if len(array) and array.dtype.kind not in "iu":
        raise ValueError(f"{name} codes are {array.dtype}: wanted whole numbers")
    if len(array) and (array.min() < 0 or array.max() >= size):
        place = int(np.argmax((array < 0) | (array >= size)))
        raise ValueError(f"{name} code {int(array[place])} at position {place}: there are {size} {name}s")
    codes = np.array(array, dtype=np.int32) if array.dtype != np.int32 or array.flags.writeable else array
    return frozen(codes)


def _flags(voting: Column) -> Flags:
    if isinstance(voting, np.ndarray) and voting.dtype == np.bool_:
        return voting.copy()
    for place, value in enumerate(voting):
        if not isinstance(value, bool | np.bool_) and value not in (0, 1):
            raise ValueError(f"voting at position {place} is {value!r}: wanted true or false")
    return np.array(voting, dtype=np.bool_)


def _gold_label(label: Any, task: Name) -> Name:
    return label if type(label) is int else clean_name(label, f"gold label of task {task!r}")


def _gold_code(label: Any, task: Name, place: Mapping[Name, int]) -> int:
    name = _gold_label(label, task)
    if name not in place:
        raise ValueError(f"gold label {label!r} of task {task!r} is not among the labels {list(place)}")
    return place[name]


@dataclass(frozen=True, eq=False)
class Hidden:
    """Classes behind the labels, for methods that have more of them: posterior (T, C), confusion (W, C, K)."""

    posterior: Floats
    confusion: Floats


@dataclass(frozen=True, eq=False)
class Fit:
    """What a method found. T tasks, W workers, K labels; every array is read-only.

    posterior    (T, K), rows sum to 1
    class_prior  (K,), how often each label is the right one
    evidence     log probability the model gives to all answers, plus the log density of its parameters under its prior,
                 in nats; nan for methods that are no probability model
    iterations   of EM (or its like); 0 where nothing is iterated
    converged    whether the gain fell below the tolerance before the iterations ran out
    identifiable False when the answers cannot tell this solution from one with the labels exchanged
    objective    what each iteration reached, per answer
    confusion    (W, K, K): [worker, true label, given label], rows sum to 1; computed when first asked for
    accuracy     (W,): how often a worker is expected to be right
    hidden       what stands behind the labels in methods with more classes than labels, else None
    """

    method: str
    votes: Votes
    posterior: Floats
    class_prior: Floats
    evidence: float
    iterations: int
    converged: bool
    identifiable: bool
    objective: tuple[float, ...]
    confusion_of: Callable[[], Floats]
    hidden: Hidden | None = None

    @property
    def tasks(self) -> Names:
        return self.votes.tasks

    @property
    def workers(self) -> Names:
        return self.votes.workers

    @property
    def labels(self) -> Names:
        return self.votes.labels

    @cached_property
    def confusion(self) -> Floats:
        return frozen(self.confusion_of())

    @cached_property
    def accuracy(self) -> Floats:
        return frozen(np.einsum("wkk,k->w", self.confusion, self.class_prior))

    @cached_property
    def winners(self) -> Flags:
        """(T, K): which labels share the highest posterior."""
        top = self.posterior.max(axis=1, initial=0.0, keepdims=True)
        return frozen(self.posterior >= top - TIE)

    @cached_property
    def consensus_codes(self) -> Codes:
        """(T,): the code of the first of the best labels, in label order."""
        if not self.labels:
            return frozen(np.zeros(len(self.tasks), np.int32))
        return frozen(self.winners.argmax(axis=1).astype(np.int32))

    @cached_property
    def consensus(self) -> Names:
        """The first of the best labels of each task, in label order."""
        return tuple(self.labels[code] for code in self.consensus_codes)

    @cached_property
    def tied(self) -> Flags:
        """(T,): more than one label is best."""
        return frozen(self.winners.sum(axis=1) > 1)

    @cached_property
    def confidence(self) -> Floats:
        """(T,): the posterior of the consensus."""
        return frozen(self.posterior.max(axis=1, initial=0.0))

    def likelihood(self, votes: Votes) -> Floats:
        """(n,): the probability this fit gives further answers, coded with the names of its own votes."""
        inner = Hidden(self.posterior, self.confusion) if self.hidden is None else self.hidden
        chance: Floats = np.einsum(
            "nc,nc->n", inner.posterior[votes.task], inner.confusion[votes.worker, :, votes.label]
        )
        return chance

    def score(self, gold: Gold) -> float:
        """Share of gold's answered tasks that are right; a tie earns 1 / number of tied labels. nan without such tasks.
        A gold label nobody used is simply wrong."""
        place = {name: code for code, name in enumerate(self.labels)}
        marks = [
            float(self.winners[row, place[gold[task]]]) / self.winners[row].sum() if gold[task] in place else 0.0
            for row, task in enumerate(self.tasks)
            if task in gold
        ]
        return float(np.mean(marks)) if marks else float("nan")
