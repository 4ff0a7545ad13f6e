"""Points, named keypoints of a skeleton, and polylines, in natural pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.geometry import robust_mean


class Point(NamedTuple):
    x: float
    y: float


Pose: TypeAlias = Mapping[str, Point]
"""Keypoint name to its place; a keypoint that cannot be seen is left out."""

Polyline: TypeAlias = Sequence[Point]
"""Two points or more, in order."""


@dataclass(frozen=True)
class PointShape:
    """exp(-distance² / 2 tolerance²): `tolerance` is the distance in pixels by which a careful worker errs."""

    tolerance: float
    same: float = 0.1

    def __post_init__(self) -> None:
        _check_tolerance(self.tolerance)

    def likeness(self, one: Sequence[Point], other: Sequence[Point]) -> Floats:
        return closeness(np.array(one, float)[:, None] - np.array(other, float)[None], self.tolerance)

    def fuse(self, marks: Sequence[Point], weights: Floats) -> Point:
        return Point(*robust_mean(np.array(marks, float), weights).tolist())


@dataclass(frozen=True)
class PoseShape:
    """Object keypoint similarity: the mean of exp(-distance² / 2 (tolerance k)²) over the keypoints that either shows,
    0 for one that only one of them shows. `spread` is k by name, 1 where it says nothing.

    M. Ronchi and P. Perona, Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation, ICCV 2017 (COCO's OKS,
    whose tolerance is the root of the object's area).
    """

    tolerance: float
    spread: Mapping[str, float] = field(default_factory=dict)
    same: float = 0.3

    def __post_init__(self) -> None:
        _check_tolerance(self.tolerance)

    def likeness(self, one: Sequence[Pose], other: Sequence[Pose]) -> Floats:
        return np.array([[self._alike(a, b) for b in other] for a in one]).reshape(len(one), len(other))

    def _alike(self, one: Pose, other: Pose) -> float:
        names = one.keys() | other.keys()
        both = one.keys() & other.keys()
        close = [
            float(closeness(np.subtract(one[name], other[name]), self.tolerance * self.spread.get(name, 1.0)))
            for name in both
        ]
        return sum(close) / len(names) if names else 1.0

    def fuse(self, marks: Sequence[Pose], weights: Floats) -> Pose:
        """A keypoint that workers of at least half of the weight see, where they see it."""
        names = sorted({name for mark in marks for name in mark})
        found = {}
        for name in names:
            seen = np.array([name in mark for mark in marks])
            if weights[seen].sum() * 2 >= weights.sum():
                places = np.array([mark[name] for mark in marks if name in mark], float)
                found[name] = Point(*robust_mean(places, weights[seen]).tolist())
        return found


@dataclass(frozen=True)
class PolylineShape:
    """Mean closeness, as of points, of `steps` points at equal distances along both lines, in the better direction."""

    tolerance: float
    same: float = 0.3
    steps: int = 32

    def __post_init__(self) -> None:
        _check_tolerance(self.tolerance)

    def likeness(self, one: Sequence[Polyline], other: Sequence[Polyline]) -> Floats:
        first, second = ([along(line, self.steps) for line in lines] for lines in (one, other))
        return np.array([[self._alike(a, b) for b in second] for a in first]).reshape(len(one), len(other))

    def _alike(self, one: Floats, other: Floats) -> float:
        return max(float(closeness(one - way, self.tolerance).mean()) for way in (other, other[::-1]))

    def fuse(self, marks: Sequence[Polyline], weights: Floats) -> Polyline:
        """The mean line, with as many points as its weightiest worker gave; ends are ends."""
        heaviest = int(weights.argmax())
        reference = along(marks[heaviest], self.steps)
        lines = [along(line, self.steps) for line in marks]
        lines = [line if self._forward(line, reference) else line[::-1] for line in lines]
        mean = robust_mean(np.array(lines).reshape(len(marks), -1), weights).reshape(-1, 2)
        return [Point(*place) for place in along([Point(*row) for row in mean], max(2, len(marks[heaviest]))).tolist()]

    def _forward(self, line: Floats, reference: Floats) -> bool:
        return bool(np.abs(line - reference).sum() <= np.abs(line[::-1] - reference).sum())


def along(line: Polyline, steps: int) -> Floats:
    """(steps, 2): points at equal distances along the line, its two ends included."""
    points = np.array(line, float)
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    wanted = np.linspace(0, reached[-1], steps)
    return np.column_stack([np.interp(wanted, reached, points[:, axis]) for axis in (0, 1)])


def closeness(off: Floats, tolerance: float) -> Floats:
    """exp(-distance² / 2 tolerance²) of differences (..., 2)."""
    close: Floats = np.exp(-(off**2).sum(axis=-1) / (2 * tolerance**2))
    return close


def _check_tolerance(tolerance: float) -> None:
    if not tolerance > 0:
        raise ValueError(f"tolerance={tolerance}: wanted a number of pixels above 0")
