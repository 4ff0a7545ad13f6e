"""Marks: boxes, points, segments, tracks, whatever a worker puts on an item any number of times.

One procedure for all of them; a `Shape` says how alike two marks are and how several become one:

1. Marks of different workers on one task that are alike enough are taken for the same thing, best pairs first; of one
   worker no two are.
2. Each thing is a question of its own: every worker who answered the task said one of the labels, or that nothing is
   there. Dawid-Skene finds which things exist, what they are, and how often a worker sees, misses and invents.
3. What exists gets the place on which its workers agree, weighted by their accuracy and then by how near each is to
   the merged places elsewhere, in which stray marks count little.

After S. Branson, G. Van Horn and P. Perona, Lean Crowdsourcing: Combining Humans and Machines in an Online System, CVPR
2017, with a full confusion matrix in place of their three rates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import numpy as np

from crowd.quality.arrays import Codes, Floats, Names, frozen
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.encode import encode_names, same_length
from crowd.quality.types import Fit, Votes

G = TypeVar("G")
G_co = TypeVar("G_co", covariant=True)
Thing: TypeAlias = dict[int, int]  # worker code to the place of his mark in his answer
ABSENT = "\0nothing there"
POOLING = 5.0  # marks of the crowd's mean nearness that each worker's own are added to


class Shape(Protocol[G]):
    """What the procedure has to know of one kind of mark."""

    @property
    def same(self) -> float:
        """From which likeness on two marks may be of the same thing, in (0, 1]."""

    def likeness(self, one: Sequence[G], other: Sequence[G]) -> Floats:
        """(n, m): how alike each of n marks is to each of m, in [0, 1]; 1 only for equal ones."""

    def fuse(self, marks: Sequence[G], weights: Floats) -> G:
        """One mark from two or more of the same thing; weights (n,) are positive."""


@dataclass(frozen=True)
class Mark(Generic[G_co]):
    """A geometry as its shape wants it, and a label; an unlabelled kind of mark uses one label for all."""

    geometry: G_co
    label: str = "mark"


@dataclass(frozen=True, eq=False)
class MarkVotes(Generic[G]):
    """n answers, each any number of marks (none too) by one worker on one task."""

    tasks: Names
    workers: Names
    task: Codes
    worker: Codes
    marks: tuple[tuple[Mark[G], ...], ...]

    @classmethod
    def from_marks(
        cls, tasks: Sequence[Any], workers: Sequence[Any], marks: Sequence[Sequence[Mark[G]]]
    ) -> MarkVotes[G]:
        """From three sequences. ValueError for lengths that differ, bad names, or a worker twice on a task."""
        same_length(tasks=tasks, workers=workers, marks=marks)
        names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        pairs: set[tuple[int, int]] = set()
        for place, pair in enumerate(zip(task.tolist(), worker.tolist(), strict=True)):
            if pair in pairs:
                raise ValueError(f"answer at position {place}: {workers[place]!r} answered {tasks[place]!r} before")
            pairs.add(pair)
        return cls(names, worker_names, frozen(task), frozen(worker), tuple(map(tuple, marks)))

    def by_task(self) -> list[dict[int, tuple[Mark[G], ...]]]:
        """For each task, worker code to his marks."""
        found: list[dict[int, tuple[Mark[G], ...]]] = [{} for _ in self.tasks]
        for task, worker, marks in zip(self.task.tolist(), self.worker.tolist(), self.marks, strict=True):
            found[task][worker] = marks
        return found


@dataclass(frozen=True)
class Found(Generic[G]):
    """One thing of the merged answer. `posterior` is that it is there and is this; `distribution` has the labels',
    what is missing to 1 being that nothing is there; `workers` marked it."""

    geometry: G
    label: str
    posterior: float
    distribution: Mapping[str, float]
    workers: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class MarkFit(Generic[G]):
    """found: for each task what is there, most certain first; doubtful: what more likely is not; accuracy (W,): the
    share of things that a worker judged rightly, absent ones included; nearness (W,): mean likeness of his marks to
    the merged ones, nan where he has none; things: the fit over all things, None where nobody marked anything."""

    tasks: Names
    workers: Names
    found: tuple[tuple[Found[G], ...], ...]
    doubtful: tuple[tuple[Found[G], ...], ...]
    accuracy: Floats
    nearness: Floats
    things: Fit | None


@dataclass(frozen=True)
class MergeMarks(Generic[G]):
    """Match, vote, fuse; see the module."""

    shape: Shape[G]
    method: DawidSkene = field(default_factory=DawidSkene)

    def fit(self, votes: MarkVotes[G]) -> MarkFit[G]:
        """Merged marks of each task, in the order of `votes.tasks`."""
        answers = votes.by_task()
        things = [self._things(answer) for answer in answers]
        fit = _vote(answers, things, self.method)
        accuracy = np.full(len(votes.workers), np.nan) if fit is None else _in_order(fit, len(votes.workers))
        first = self._fused(answers, things, _trust(accuracy))
        near = self._near(len(votes.workers), answers, things, first)
        places = self._fused(answers, things, _weights(accuracy, near))
        found, doubtful = _sorted_out(votes, things, places, fit)
        nearness = np.array([np.mean(each) if each else np.nan for each in near])
        return MarkFit(votes.tasks, votes.workers, found, doubtful, frozen(accuracy), frozen(nearness), fit)

    def _things(self, answer: Mapping[int, tuple[Mark[G], ...]]) -> list[Thing]:
        """Marks joined to things, the most alike first, never two of one worker; in order of their first mark."""
        groups: dict[tuple[int, int], Thing] = {}
        for worker in sorted(answer):
            groups |= {(worker, place): {worker: place} for place in range(len(answer[worker]))}
        for one, other in self._pairs(answer):
            mine, theirs = groups[one], groups[other]
            if not mine.keys() & theirs.keys():
                mine.update(theirs)
                groups.update(dict.fromkeys(theirs.items(), mine))
        return list({id(thing): thing for thing in groups.values()}.values())

    def _pairs(self, answer: Mapping[int, tuple[Mark[G], ...]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Pairs of marks that may be the same thing, most alike first; equal labels break a tie."""
        pairs = []
        workers = sorted(answer)
        for place, one in enumerate(workers):
            for other in workers[place + 1 :]:
                alike = self._alike(answer[one], answer[other])
                for row, column in zip(*np.nonzero(alike >= self.shape.same), strict=True):
                    differ = answer[one][row].label != answer[other][column].label
                    pairs.append((-alike[row, column], differ, (one, int(row)), (other, int(column))))
        return [(one, other) for _alike, _differ, one, other in sorted(pairs)]

    def _alike(self, one: Sequence[Mark[G]], other: Sequence[Mark[G]]) -> Floats:
        if not one or not other:
            return np.zeros((len(one), len(other)))
        return self.shape.likeness([mark.geometry for mark in one], [mark.geometry for mark in other])

    def _fused(
        self, answers: Sequence[Mapping[int, tuple[Mark[G], ...]]], things: Sequence[Sequence[Thing]], weights: Floats
    ) -> list[list[G]]:
        return [
            [
                self._one([answer[w][place].geometry for w, place in thing.items()], weights[list(thing)])
                for thing in here
            ]
            for answer, here in zip(answers, things, strict=True)
        ]

    def _one(self, marks: Sequence[G], weights: Floats) -> G:
        return self.shape.fuse(marks, weights) if len(marks) > 1 else marks[0]

    def _near(
        self,
        workers: int,
        answers: Sequence[Mapping[int, tuple[Mark[G], ...]]],
        things: Sequence[Sequence[Thing]],
        places: Sequence[Sequence[G]],
    ) -> list[list[float]]:
        """How alike each worker's marks are to the merged ones, of things that somebody else marked too."""
        near: list[list[float]] = [[] for _ in range(workers)]
        for answer, here, fused in zip(answers, things, places, strict=True):
            for thing, place in zip(here, fused, strict=True):
                if len(thing) > 1:
                    marks = [answer[w][at].geometry for w, at in thing.items()]
                    for worker, alike in zip(thing, self.shape.likeness(marks, [place])[:, 0], strict=True):
                        near[worker].append(float(alike))
        return near


def _vote(
    answers: Sequence[Mapping[int, tuple[Mark[G], ...]]], things: Sequence[Sequence[Thing]], method: DawidSkene
) -> Fit | None:
    """Dawid-Skene over things: each worker of a task votes on each of its things, with its label or ABSENT."""
    task, worker, label = [], [], []
    number = 0
    for answer, here in zip(answers, things, strict=True):
        for thing in here:
            for code, marks in answer.items():
                task.append(number)
                worker.append(code)
                label.append(marks[thing[code]].label if code in thing else ABSENT)
            number += 1
    if not number:
        return None
    known = sorted({*label, ABSENT})
    return method.fit(Votes.from_labels(task, worker, label, known_labels=known))


def _in_order(fit: Fit, size: int) -> Floats:
    """The fit's accuracies by worker code; nan for who voted on nothing."""
    found = np.full(size, np.nan)
    found[np.array(fit.workers, dtype=int)] = fit.accuracy
    return found


def _weights(accuracy: Floats, near: Sequence[Sequence[float]]) -> Floats:
    """A worker's accuracy over the square of how far his marks are off, which is pooled towards the crowd's."""
    count = np.array([len(each) for each in near])
    off = np.array([len(each) - sum(each) for each in near])
    usual = off.sum() / count.sum() if count.any() else 1.0
    pooled = np.maximum((off + POOLING * usual) / (count + POOLING), 1e-3)
    weights: Floats = _trust(accuracy) / pooled**2
    return weights


def _trust(accuracy: Floats) -> Floats:
    """1 for who voted on nothing; nobody counts for nothing."""
    return np.where(np.isnan(accuracy), 1.0, np.maximum(accuracy, 0.05))


def _sorted_out(
    votes: MarkVotes[G], things: Sequence[Sequence[Thing]], places: Sequence[Sequence[G]], fit: Fit | None
) -> tuple[tuple[tuple[Found[G], ...], ...], tuple[tuple[Found[G], ...], ...]]:
    """What more likely is there than not, and the rest, each most certain first."""
    there, not_there = [], []
    number = 0
    for here, fused in zip(things, places, strict=True):
        found = []
        for thing, place in zip(here, fused, strict=True):
            assert fit is not None  # there is a thing
            found.append(_found(fit, number, place, tuple(votes.workers[w] for w in thing)))
            number += 1
        found.sort(key=lambda one: -one.posterior)
        sure = [one for one in found if sum(one.distribution.values()) > 0.5]
        there.append(tuple(sure))
        not_there.append(tuple(one for one in found if one not in sure))
    return tuple(there), tuple(not_there)


def _found(fit: Fit, row: int, geometry: G, workers: tuple[Any, ...]) -> Found[G]:
    posterior = fit.posterior[row]
    labels = {str(label): float(p) for label, p in zip(fit.labels, posterior, strict=True) if label != ABSENT}
    best = max(labels, key=lambda label: labels[label])
    return Found(geometry, best, labels[best], labels, workers)


def matched(
    shape: Shape[G], one: Sequence[Mark[G]], other: Sequence[Mark[G]], *, labels: bool = True
) -> list[tuple[int, int, float]]:
    """Pairs (place in one, place in other, likeness) of the same thing, best first, each mark at most once; with
    `labels` only equal ones."""
    if not one or not other:
        return []
    alike = shape.likeness([mark.geometry for mark in one], [mark.geometry for mark in other])
    rows, columns = np.nonzero(alike >= shape.same)
    pairs = sorted((-alike[i, j], int(i), int(j)) for i, j in zip(rows, columns, strict=True))
    free_one, free_other = set(range(len(one))), set(range(len(other)))
    kept = []
    for alikeness, i, j in pairs:
        if i in free_one and j in free_other and (not labels or one[i].label == other[j].label):
            free_one.remove(i)
            free_other.remove(j)
            kept.append((i, j, -float(alikeness)))
    return kept


def marks_right(shape: Shape[G], answer: Sequence[Mark[G]], key: Sequence[Mark[G]]) -> float:
    """One answer against the key, in [0, 1]: the likeness of matched marks, summed, over their number plus half of
    those missed and half of those too many. None and none agree.

    Panoptic quality: A. Kirillov et al., Panoptic Segmentation, CVPR 2019.
    """
    pairs = matched(shape, answer, key)
    size = (len(answer) + len(key)) / 2
    return sum(alike for _i, _j, alike in pairs) / size if size else 1.0
