"""Polygons and masks turned into one another, and polygons merged by the vote of each pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Flags, Floats
from crowd.quality.geometry import area
from crowd.quality.masks import mask_overlap
from crowd.quality.points import Point

Polygon: TypeAlias = Sequence[Point]
"""Three corners or more, in order; the last joins the first."""


def fill(polygon: Polygon, height: int, width: int) -> Flags:
    """(height, width): the pixels whose centres are inside, by the even-odd rule; what is outside the image is cut."""
    corners = np.array(polygon, float)
    crossings = np.zeros((height, width + 1), np.int32)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        low, high = sorted((y0, y1))
        rows = np.arange(max(0, int(np.ceil(low - 0.5))), min(height, int(np.ceil(high - 0.5))))
        if len(rows):
            x = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            columns = np.clip(np.ceil(x - 0.5), 0, width).astype(int)
            np.add.at(crossings, (rows, columns), 1)
    inside: Flags = crossings.cumsum(axis=1)[:, :width] % 2 == 1
    return inside


def fill_points(outline: Floats, x: Floats, y: Floats) -> Flags:
    """Which of the points (n,) are inside an outline (m, 2), by the even-odd rule."""
    start, end = outline[:, None], np.roll(outline, -1, axis=0)[:, None]
    between = (start[..., 1] <= y) != (end[..., 1] <= y)
    rise = np.where(between, end[..., 1] - start[..., 1], 1.0)
    crossing = start[..., 0] + (y - start[..., 1]) * (end[..., 0] - start[..., 0]) / rise
    inside: Flags = (between & (crossing > x)).sum(axis=0) % 2 == 1
    return inside


def union(polygons: Sequence[Polygon], *, cell: float = 0.5, most: int = 2048) -> Polygon:
    """The largest outline of all that any of them has inside, to about a `cell` (pixels), larger ones less finely."""
    bounds = np.array([_bounds(polygon) for polygon in polygons])
    longest = float((bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0)).max())
    filled, corner, scale = PolygonShape(grid=min(most, max(1, int(longest / cell))))._filled(polygons)
    outlines = trace(np.any(filled, axis=0), tolerance=1.0)
    return [Point(*(corner + np.array(place) * scale).tolist()) for place in outlines[0]] if outlines else polygons[0]


def trace(pixels: Flags, tolerance: float = 0.0) -> list[list[Point]]:
    """The outlines of a mask, along the edges of its pixels, largest first; outer ones and those of holes.

    Pixels that touch only by a corner belong to different outlines. With a `tolerance`, corners within so many pixels
    of the straight line between their neighbours are left out (`simplified`).
    """
    steps = _steps(pixels)
    outlines = []
    while steps:
        outlines.append(_followed(steps))
    loops = [_without_straight_corners(outline) for outline in outlines]
    loops.sort(key=lambda loop: -area(loop))
    return [[Point(*corner) for corner in simplified(loop, tolerance).tolist()] for loop in loops]


def _steps(pixels: Flags) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Edges between a pixel of the mask and one outside, from corner to corner, the mask to the right of the way."""
    padded = np.pad(pixels, 1)
    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    sides = (
        (padded[1:-1, 1:-1] & ~padded[:-2, 1:-1], (0, 0), (1, 0)),  # upper
        (padded[1:-1, 1:-1] & ~padded[1:-1, 2:], (1, 0), (1, 1)),  # right
        (padded[1:-1, 1:-1] & ~padded[2:, 1:-1], (1, 1), (0, 1)),  # lower
        (padded[1:-1, 1:-1] & ~padded[1:-1, :-2], (0, 1), (0, 0)),  # left
    )
    for edges, start, end in sides:
        for y, x in zip(*(axis.tolist() for axis in np.nonzero(edges)), strict=True):
            steps.setdefault((x + start[0], y + start[1]), []).append((x + end[0], y + end[1]))
    return steps


def _followed(steps: dict[tuple[int, int], list[tuple[int, int]]]) -> Floats:
    """One closed way, taken out of the steps. Where two ways cross, the one that turns right: round the pixel."""
    first = here = next(iter(steps))
    way = [here]
    direction = (0, 0)
    while True:
        options = steps[here]
        following = max(options, key=lambda to: _turn(direction, (to[0] - here[0], to[1] - here[1])))
        options.remove(following)
        if not options:
            del steps[here]
        direction = (following[0] - here[0], following[1] - here[1])
        here = following
        if here == first:
            return np.array(way, float)
        way.append(here)


def _turn(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Above 0 for a turn to the right on the screen, where y goes down."""
    return one[0] * other[1] - one[1] * other[0]


def _without_straight_corners(loop: Floats) -> Floats:
    before, after = loop - np.roll(loop, 1, axis=0), np.roll(loop, -1, axis=0) - loop
    corners: Floats = loop[before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] != 0]
    return corners


def simplified(loop: Floats, tolerance: float) -> Floats:
    """A closed outline (n, 2) with fewer corners. D. Douglas and T. Peucker, The Canadian Cartographer 10, 1973."""
    if tolerance <= 0 or len(loop) < 5:
        return loop
    far = int(((loop - loop[0]) ** 2).sum(axis=1).argmax())
    keep = np.zeros(len(loop) + 1, bool)
    keep[[0, far, len(loop)]] = True
    closed = np.concatenate([loop, loop[:1]])
    waiting = [(0, far), (far, len(loop))]
    while waiting:
        low, high = waiting.pop()
        off = _off_line(closed[low + 1 : high], closed[low], closed[high])
        if len(off) and off.max() > tolerance:
            middle = low + 1 + int(off.argmax())
            keep[middle] = True
            waiting += [(low, middle), (middle, high)]
    return loop[keep[:-1]] if keep[:-1].sum() >= 3 else loop


def _off_line(points: Floats, start: Floats, end: Floats) -> Floats:
    way = end - start
    length = np.hypot(*way)
    if length == 0:
        return np.asarray(np.hypot(*(points - start).T))
    off: Floats = np.abs(way[0] * (points[:, 1] - start[1]) - way[1] * (points[:, 0] - start[0])) / length
    return off


@dataclass(frozen=True)
class PolygonShape:
    """Overlap by pixels, on a grid of at most `grid` cells a side laid over the polygons that are compared."""

    same: float = 0.5
    grid: int = 256

    def likeness(self, one: Sequence[Polygon], other: Sequence[Polygon]) -> Floats:
        found = np.zeros((len(one), len(other)))
        frames = [np.array([_bounds(polygon) for polygon in each]) for each in (one, other)]
        meets = (frames[0][:, None, :2] < frames[1][None, :, 2:]).all(axis=2) & (
            frames[1][None, :, :2] < frames[0][:, None, 2:]
        ).all(axis=2)
        for i, j in zip(*np.nonzero(meets), strict=True):
            found[i, j] = mask_overlap(*self._filled([one[i], other[j]])[0])
        return found

    def fuse(self, marks: Sequence[Polygon], weights: Floats) -> Polygon:
        """The largest outline of the pixels that workers of more than half of the weight have inside."""
        filled, corner, scale = self._filled(marks)
        for_it = np.einsum("n,nhw->hw", weights, np.array(filled, float))
        outlines = trace(for_it > weights.sum() / 2, tolerance=0.75)
        if not outlines:
            return marks[int(weights.argmax())]
        return [Point(*(corner + np.array(place) * scale).tolist()) for place in outlines[0]]

    def _filled(self, polygons: Sequence[Polygon]) -> tuple[list[Flags], npt.NDArray[np.float64], float]:
        """The polygons on one grid, the grid's upper left corner, and the side of its cells in pixels."""
        bounds = np.array([_bounds(polygon) for polygon in polygons])
        low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
        scale = max(float((high - low).max()) / self.grid, 1e-6)
        width, height = np.maximum(1, np.ceil((high - low) / scale)).astype(int).tolist()
        return [fill(((np.array(p, float) - low) / scale).tolist(), height, width) for p in polygons], low, scale


def _bounds(polygon: Polygon) -> Floats:
    corners = np.array(polygon, float)
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])
