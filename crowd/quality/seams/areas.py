"""What has an extent, across a seam: boxes, ellipses, polygons and masks; segments of time and spans of text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from crowd.quality.arrays import Flags, Floats
from crowd.quality.boxes import corners, rim
from crowd.quality.kinds.boxes import read_box
from crowd.quality.kinds.outlines import read_ellipse, read_mask
from crowd.quality.kinds.sets import RelationShape, read_relation
from crowd.quality.masks import Mask
from crowd.quality.points import Point
from crowd.quality.polygons import fill_points, union
from crowd.quality.seams.base import Frame, JsonMark, Part, Seam, seen_whole, shared, texts

STEPS = 24  # a side, at which two marks are compared
ALIKE = 0.3  # intersection over union in the shared strip
INSIDE = 0.5  # of an outline: the share of the smaller part that the other covers
APART = 0.1  # the same of two outlines of one piece, from which on they are two things
DIGITS = 2


class AreaSeam(Seam):
    """Compared at points of the strip that both pieces show: which of them each mark covers."""

    several: ClassVar[bool] = False  # whether a seam may cut one thing into several marks of a piece
    least: ClassVar[float] = 2.0  # pixels
    share: ClassVar[float] = 0.01  # of a piece's longer side
    within: ClassVar[float] = 0.25  # how far inside its own piece a mark is looked at

    def slack(self, frame: Frame) -> float:
        return max(self.least, self.share * max(frame[2] - frame[0], frame[3] - frame[1]))

    @abstractmethod
    def bounds(self, mark: JsonMark) -> Frame: ...

    @abstractmethod
    def covers(self, part: Part, x: Floats, y: Floats) -> Flags:
        """Which of the points (n,) the mark covers, drawn out to the edges at which it is cut off."""

    @abstractmethod
    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        """The geometry of parts none of which shows all."""

    def alike(self, one: Part, other: Part) -> float:
        mine, theirs, both = self._counts(one, other)
        alike = both / (mine + theirs - both) if both else 0.0
        smaller, least = (one, mine) if mine < theirs else (other, theirs)
        if self.several and not smaller.is_whole:  # maybe one of several that the seam cut it into
            return alike if both >= INSIDE * least else 0.0
        return alike if alike >= ALIKE else 0.0

    def apart(self, one: Part, other: Part) -> bool:
        if not self.several or one.is_whole or other.is_whole:
            return True
        mine, theirs, both = self._counts(one, other)
        return both > APART * min(mine, theirs)

    def _counts(self, one: Part, other: Part) -> tuple[int, int, int]:
        """How many of the points one covers, the other, and both."""
        points = _points(one, other)
        if points is None:
            return 0, 0, 0
        mine, theirs = (self._covered(part, *points) for part in (one, other))
        return int(np.count_nonzero(mine)), int(np.count_nonzero(theirs)), int(np.count_nonzero(mine & theirs))

    def _covered(self, part: Part, x: Floats, y: Floats) -> Flags:
        x0, y0, x1, y1 = part.frame
        inner = self.within
        return self.covers(part, np.clip(x, x0 + inner, x1 - inner), np.clip(y, y0 + inner, y1 - inner))

    def join(self, parts: Sequence[Part]) -> JsonMark:
        return seen_whole(parts) or {"label": parts[0].mark["label"]} | self.union(parts) | texts(parts)


def _points(one: Part, other: Part) -> tuple[Floats, Floats] | None:
    """(n,) each: where the two are compared, in the part of the shared strip that either reaches."""
    strip = shared(one, other)
    if strip is None:
        return None
    low = np.maximum(np.minimum(one.reach[:2], other.reach[:2]), strip[:2])
    high = np.minimum(np.maximum(one.reach[2:], other.reach[2:]), strip[2:])
    if (low > high).any():
        return None
    steps = (np.arange(STEPS) + 0.5) / STEPS
    x, y = (a + (b - a) * steps if b > a else np.array([a]) for a, b in zip(low, high, strict=True))
    grid = np.meshgrid(x, y)
    return grid[0].reshape(-1), grid[1].reshape(-1)


class BoxSeam(AreaSeam):
    def bounds(self, mark: JsonMark) -> Frame:
        return _around(corners(read_box(mark)))

    def covers(self, part: Part, x: Floats, y: Floats) -> Flags:
        if part.mark.get("rotation"):
            return fill_points(corners(read_box(part.mark)), x, y)
        x0, y0, x1, y1 = part.reach
        return (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)

    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        """The straight box around all, or the one turned as the most certain is."""
        rotation = parts[0].mark.get("rotation", 0.0)
        if not rotation:
            x0, y0, x1, y1 = _around(np.array([part.reach for part in parts], float).reshape(-1, 2))
            return _straight(x0, y0, x1, y1)
        angle = np.deg2rad(rotation)
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        x0, y0, x1, y1 = _around(np.concatenate([corners(read_box(part.mark)) for part in parts]) @ turn.T)
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2]) @ turn
        half = np.array([(x1 - x0) / 2, (y1 - y0) / 2])
        return _straight(*(middle - half), *(middle + half)) | {"rotation": rotation}


def _straight(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    sides = {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}
    return {name: round(float(value), DIGITS) for name, value in sides.items()}


def _around(points: Floats) -> Frame:
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return x0, y0, x1, y1


class EllipseSeam(AreaSeam):
    """An ellipse is drawn as a whole, beyond the edge of its piece too."""

    def bounds(self, mark: JsonMark) -> Frame:
        return _around(rim(read_ellipse(mark)))

    def covers(self, part: Part, x: Floats, y: Floats) -> Flags:
        return fill_points(rim(read_ellipse(part.mark)), x, y)

    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        largest = max(parts, key=lambda part: part.mark["rx"] * part.mark["ry"]).mark
        return {name: value for name, value in largest.items() if name != "text"}


class PolygonSeam(AreaSeam):
    several = True

    def bounds(self, mark: JsonMark) -> Frame:
        return _around(np.array(mark["points"], float))

    def covers(self, part: Part, x: Floats, y: Floats) -> Flags:
        return fill_points(_drawn_out(part), x, y)

    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        outline = union([[Point(*place) for place in _drawn_out(part).tolist()] for part in parts])
        return {"points": [[round(x, DIGITS), round(y, DIGITS)] for x, y in outline]}


def _drawn_out(part: Part) -> Floats:
    """Its corners, those near an edge at which it is cut off moved onto it; never all of them: of what is thinner than
    that those on its outer half."""
    points = np.array(part.mark["points"], float)
    for axis, side, outward in ((0, 0, -1), (1, 1, -1), (0, 2, 1), (1, 3, 1)):
        if part.cut[side]:
            at, edge = points[:, axis], part.frame[side]
            is_outer = (at - (part.around[axis] + part.around[axis + 2]) / 2) * outward > 0
            points[is_outer & (np.abs(at - edge) <= part.slack), axis] = edge
    return points


class MaskSeam(AreaSeam):
    several = True
    within = 0.5

    def bounds(self, mark: JsonMark) -> Frame:
        height, ends = mark["size"][0], read_mask(mark).edges.reshape(-1, 2)
        if not len(ends):
            return 0.0, 0.0, 0.0, 0.0
        columns = ends[:, 0].min() // height, (ends[:, 1].max() - 1) // height + 1
        high = (ends[:, 1] - 1) // height > ends[:, 0] // height  # goes round into the next column
        top = 0 if high.any() else int((ends[:, 0] % height).min())
        bottom = height if high.any() else int(((ends[:, 1] - 1) % height).max()) + 1
        return float(columns[0]), float(top), float(columns[1]), float(bottom)

    def covers(self, part: Part, x: Floats, y: Floats) -> Flags:
        pixel = np.floor(x).astype(np.int64) * part.mark["size"][0] + np.floor(y).astype(np.int64)
        inside: Flags = np.searchsorted(read_mask(part.mark).edges, pixel, side="right") % 2 == 1
        return inside

    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        whole = Mask.union([read_mask(part.mark) for part in parts])
        return {"size": [whole.height, whole.width], "counts": list(whole.counts)}


class SegmentSeam(AreaSeam):
    """Seconds; segments on different channels have nothing in common."""

    least = 0.05
    within = 0.005

    def bounds(self, mark: JsonMark) -> Frame:
        return mark["start"], 0.0, mark["end"], 0.0

    def covers(self, part: Part, x: Floats, y: Floats) -> Flags:
        return (part.reach[0] <= x) & (x <= part.reach[2])

    def alike(self, one: Part, other: Part) -> float:
        return super().alike(one, other) if one.mark.get("channel") == other.mark.get("channel") else 0.0

    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        ends = {"start": min(part.reach[0] for part in parts), "end": max(part.reach[2] for part in parts)}
        channel = parts[0].mark.get("channel")
        return ends | ({"channel": channel} if channel else {})


class SpanSeam(SegmentSeam):
    """Code points: nothing is near an edge that is not at it."""

    least = 0.0
    share = 0.0
    within = 0.25

    def union(self, parts: Sequence[Part]) -> dict[str, Any]:
        return {name: int(end) for name, end in super().union(parts).items()}


@dataclass(frozen=True)
class RelationSeam(Seam):
    """Of two spans of a text. One whose ends both overlap those of another is the same."""

    def slack(self, frame: Frame) -> float:
        return 0.0

    def bounds(self, mark: JsonMark) -> Frame:
        ends = [*mark["from"], *mark["to"]]
        return min(ends), 0.0, max(ends), 0.0

    def alike(self, one: Part, other: Part) -> float:
        shape = RelationShape()
        alike = float(shape.likeness([read_relation(one.mark)], [read_relation(other.mark)])[0, 0])
        return alike if alike >= shape.same else 0.0

    def join(self, parts: Sequence[Part]) -> JsonMark:
        return parts[0].mark
