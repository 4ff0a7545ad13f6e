"""Boxes, ellipses and rotated boxes in natural pixels: overlap by area, places fused corner by corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import NamedTuple

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.geometry import overlap, robust_mean

AROUND = np.linspace(0, 2 * pi, 64, endpoint=False)


class Box(NamedTuple):
    """Upper left corner, size (> 0), and degrees of clockwise rotation about the centre."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0


class Ellipse(NamedTuple):
    """Centre, half axes (> 0), and degrees of clockwise rotation."""

    x: float
    y: float
    rx: float
    ry: float
    rotation: float = 0.0


@dataclass(frozen=True)
class BoxShape:
    """Intersection over union; of rotated boxes that of their outlines."""

    same: float = 0.5

    def likeness(self, one: Sequence[Box], other: Sequence[Box]) -> Floats:
        if all(box.rotation % 180 == 0 for box in (*one, *other)):
            return straight_overlap(np.array(one, dtype=float), np.array(other, dtype=float))
        return _outlines_overlap([corners(box) for box in one], [corners(box) for box in other])

    def fuse(self, marks: Sequence[Box], weights: Floats) -> Box:
        """Straight boxes by their four sides; rotated ones by centre, size and angle."""
        if all(box.rotation % 180 == 0 for box in marks):
            sides = np.array([(box.x, box.y, box.x + box.width, box.y + box.height) for box in marks])
            left, top, right, bottom = robust_mean(sides, weights)
            return Box(float(left), float(top), float(right - left), float(bottom - top))
        rows = [(box.x + box.width / 2, box.y + box.height / 2, box.width, box.height, box.rotation) for box in marks]
        x, y, width, height, rotation = _turned_mean(np.array(rows), weights)
        return Box(x - width / 2, y - height / 2, width, height, rotation)


@dataclass(frozen=True)
class EllipseShape:
    """Intersection over union of 64-cornered outlines; fused by centre, axes and angle."""

    same: float = 0.5

    def likeness(self, one: Sequence[Ellipse], other: Sequence[Ellipse]) -> Floats:
        return _outlines_overlap([rim(ellipse) for ellipse in one], [rim(ellipse) for ellipse in other])

    def fuse(self, marks: Sequence[Ellipse], weights: Floats) -> Ellipse:
        return Ellipse(*_turned_mean(np.array(marks, dtype=float), weights))


def straight_overlap(one: Floats, other: Floats) -> Floats:
    """(n, m): intersection over union of straight boxes, rows x, y, width, height, any further column unused."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum((one[:, :2] + one[:, 2:4])[:, None], (other[:, :2] + other[:, 2:4])[None])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    union = one[:, 2:4].prod(axis=1)[:, None] + other[:, 2:4].prod(axis=1)[None] - shared
    share: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return share


def corners(box: Box) -> Floats:
    """(4, 2): the corners of a rotated box, clockwise on the screen from the upper left one."""
    half = np.array([box.width, box.height]) / 2
    unit = np.array([(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)])
    around: Floats = _turned(unit * half, box.rotation) + np.array([box.x, box.y]) + half
    return around


def rim(ellipse: Ellipse) -> Floats:
    """(64, 2): points on the ellipse."""
    points = np.column_stack([ellipse.rx * np.cos(AROUND), ellipse.ry * np.sin(AROUND)])
    around: Floats = _turned(points, ellipse.rotation) + np.array([ellipse.x, ellipse.y])
    return around


def _turned(points: Floats, degrees: float) -> Floats:
    angle = np.deg2rad(degrees)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    turned: Floats = points @ turn
    return turned


def _outlines_overlap(one: Sequence[Floats], other: Sequence[Floats]) -> Floats:
    found = np.zeros((len(one), len(other)))
    frames_one, frames_other = (np.array([_frame(outline) for outline in each]) for each in (one, other))
    for i, j in zip(*np.nonzero(straight_overlap(frames_one, frames_other)), strict=True):
        found[i, j] = overlap(one[i], other[j])
    return found


def _frame(outline: Floats) -> Floats:
    """x, y, width, height around an outline."""
    low = outline.min(axis=0)
    return np.concatenate([low, outline.max(axis=0) - low])


def _turned_mean(rows: Floats, weights: Floats) -> tuple[float, float, float, float, float]:
    """Mean of rows x, y, two sizes, degrees. A figure turned by 90 degrees with its sizes exchanged is the same one,
    so each is first turned into the form nearest to the weightiest."""
    reference = rows[weights.argmax(), 4]
    turns = np.round((rows[:, 4] - reference) / 90).astype(int)
    rows = rows.copy()
    rows[:, 4] -= 90 * turns
    odd = turns % 2 == 1
    rows[odd, 2:4] = rows[odd, 3:1:-1]
    x, y, one, other, degrees = robust_mean(rows, weights).tolist()
    return x, y, one, other, (degrees + 180) % 360 - 180
