"""Answers that are sets of parts: relations between spans, flags on cells. Each part is there or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.kinds.base import Merging, Together
from crowd.quality.kinds.marks import MarkJudge
from crowd.quality.segments import Segment, SegmentShape

Cell = str
Ends = tuple[int, int]
Relation = tuple[Ends, Ends]


@dataclass(frozen=True)
class RelationShape:
    """Two relations are as alike as the worse of their two ends; ends are merged to ones that somebody gave."""

    same: float = 0.5

    def likeness(self, one: Sequence[Relation], other: Sequence[Relation]) -> Floats:
        shape = SegmentShape(whole=True)
        ends = [shape.likeness(_segments(one, end), _segments(other, end)) for end in (0, 1)]
        return np.minimum(*ends)

    def fuse(self, marks: Sequence[Relation], weights: Floats) -> Relation:
        shape = SegmentShape(whole=True)
        one, other = (shape.fuse(_segments(marks, end), weights) for end in (0, 1))
        return (int(one.start), int(one.end)), (int(other.start), int(other.end))


def read_relation(mark: Mapping[str, Any]) -> Relation:
    return tuple(mark["from"]), tuple(mark["to"])


def _segments(relations: Sequence[Relation], end: int) -> list[Segment]:
    return [Segment(*relation[end]) for relation in relations]


def relations(settings: Mapping[str, Any]) -> MarkJudge[Relation]:
    return MarkJudge(
        RelationShape(),
        read_relation,
        lambda relation: {"from": list(relation[0]), "to": list(relation[1])},
        lambda marks: sorted(marks, key=lambda one: (one["from"], one["to"])),
    )


@dataclass(frozen=True)
class EqualShape:
    """Nothing is alike but what is equal."""

    same: float = 1.0

    def likeness(self, one: Sequence[Cell], other: Sequence[Cell]) -> Floats:
        return np.array([[float(a == b) for b in other] for a in one]).reshape(len(one), len(other))

    def fuse(self, marks: Sequence[Cell], weights: Floats) -> Cell:
        return marks[0]


@dataclass(frozen=True)
class FlagJudge:
    """Flags are scored by the F1 of (column, label) pairs; a pair is merged like a mark that is there or not."""

    labels: Sequence[str]

    def score(self, answer: Mapping[str, Sequence[str]], key: Mapping[str, Sequence[str]]) -> float:
        given, known = _pairs(answer), _pairs(key)
        return 2 * len(given & known) / (len(given) + len(known)) if given or known else 1.0

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Any]) -> Merging:
        judge = MarkJudge(EqualShape(), lambda mark: str(mark["pair"]), lambda cell: {"pair": cell})
        marks = [[{"label": "flag", "pair": _joined(pair)} for pair in sorted(_pairs(value))] for value in values]
        found = judge.merge(tasks, workers, marks)
        return Merging({task: self._cells(one) for task, one in found.tasks.items()}, found.accuracy)

    def _cells(self, one: Together) -> Together:
        cells: dict[str, list[str]] = {}
        sure: dict[str, dict[str, float]] = {}
        for mark, posterior in zip(one.value, one.details["posteriors"], strict=True):
            column, label = mark["pair"].split("\0")
            cells.setdefault(column, []).append(label)
            sure.setdefault(column, {})[label] = posterior
        place = {label: number for number, label in enumerate(self.labels)}
        value = {column: sorted(cells[column], key=lambda label: place.get(label, 0)) for column in sorted(cells)}
        return Together(value, None, {"posteriors": sure})


def _pairs(value: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    return {(column, label) for column, labels in value.items() for label in labels}


def _joined(pair: tuple[str, str]) -> Cell:
    return "\0".join(pair)


def flags(settings: Mapping[str, Any]) -> FlagJudge:
    return FlagJudge([label["name"] for label in settings["labels"]])
