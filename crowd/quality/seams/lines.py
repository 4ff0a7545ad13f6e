"""What is given by places, across a seam: points, keypoints, lines through a picture, tracks through a film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Any

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.kinds.times import read_track
from crowd.quality.points import PointShape, PoseShape, closeness
from crowd.quality.seams.base import Ends, Frame, JsonMark, Part, Seam, seen_whole, shared
from crowd.quality.tracks import Track, at, overlaps

ALIKE = 0.3
REACH = 2.2  # tolerances from which on two points are not the same any more
STEPS = 24


@dataclass(frozen=True)
class PointSeam(Seam):
    """In the strip that two tiles share, within its tolerance."""

    tolerance: float

    def slack(self, frame: Frame) -> float:
        return self.tolerance * REACH

    def bounds(self, mark: JsonMark) -> Frame:
        return mark["x"], mark["y"], mark["x"], mark["y"]

    def alike(self, one: Part, other: Part) -> float:
        if not _overlap(one, other):
            return 0.0
        close = float(closeness(np.subtract(one.around[:2], other.around[:2]), self.tolerance))
        return close if close >= PointShape.same else 0.0

    def join(self, parts: Sequence[Part]) -> JsonMark:
        return parts[0].mark


def _overlap(one: Part, other: Part) -> bool:
    """Whether anything at all is seen in both."""
    strip = shared(one, other)
    return strip is not None and strip[0] < strip[2] and strip[1] < strip[3]


@dataclass(frozen=True)
class PoseSeam(PointSeam):
    """The keypoints that both tiles show are near each other; of those that one shows, that one's."""

    def bounds(self, mark: JsonMark) -> Frame:
        x, y = zip(*mark["points"].values(), strict=True)
        return min(x), min(y), max(x), max(y)

    def alike(self, one: Part, other: Part) -> float:
        mine, theirs = one.mark["points"], other.mark["points"]
        both = mine.keys() & theirs.keys()
        if not both or not _overlap(one, other):
            return 0.0
        off = np.array([np.subtract(mine[name], theirs[name]) for name in both])
        close = float(closeness(off, self.tolerance).mean())
        return close if close >= PoseShape.same else 0.0

    def join(self, parts: Sequence[Part]) -> JsonMark:
        points: dict[str, Any] = {}
        for part in parts:
            points = points | {name: place for name, place in part.mark["points"].items() if name not in points}
        return {"label": parts[0].mark["label"], "points": points}


@dataclass(frozen=True)
class LineSeam(Seam):
    """Two lines are one where an end of each lies on the other, in the strip that both tiles show; the whole goes on
    from the edge of one tile with what the other has beyond it. One line may cross a seam again and again; at each of
    its ends it goes on in one line of a tile, so that of two beside each other each stays one, and of a fork's branches
    the nearer one; the others are told beside it, and so is what could not be put onto its end."""

    tolerance: float

    def slack(self, frame: Frame) -> float:
        return self.tolerance

    def bounds(self, mark: JsonMark) -> Frame:
        x, y = zip(*mark["points"], strict=True)
        return min(x), min(y), max(x), max(y)

    def alike(self, one: Part, other: Part) -> float:
        return max(alike for alike, _ends in self.meetings(one, other))

    def meetings(self, one: Part, other: Part) -> list[tuple[float, Ends]]:
        """By the end of one that the other goes on from: 0 its beginning, 1 its end."""
        ways = product(zip((1, 0), _both_ways(one), strict=True), zip((0, 1), _both_ways(other), strict=True))
        off = [((end, begin), self._off(mine, theirs)) for (end, mine), (begin, theirs) in ways]
        return [(1 / (1 + far) if far <= self.tolerance else 0.0, ends) for ends, far in off]

    def apart(self, one: Part, other: Part) -> bool:
        return False

    def join(self, parts: Sequence[Part]) -> JsonMark:
        return self.joined(parts)[0][0]

    def joined(self, parts: Sequence[Part]) -> list[tuple[JsonMark, Sequence[Part]]]:
        """The longest line that they come to; others are told beside it where they leave it, as branches do."""
        lines = [_Line.of(part) for part in parts]
        while found := min(self._meeting(lines), key=lambda met: met[0], default=None):
            _off, one, other, joined = found
            lines = [joined, *(line for place, line in enumerate(lines) if place not in (one, other))]
        first, *others = sorted(lines, key=lambda line: -line.length)
        told = [first]
        for line in others:
            if not self._lies_on(line, told):
                told.append(line)
            else:
                told[0] = replace(told[0], parts=(*told[0].parts, *line.parts))
        return [(line.mark, line.parts) for line in told]

    def _lies_on(self, line: _Line, told: Sequence[_Line]) -> bool:
        return all(min(_distance(point, one.points) for one in told) <= self.tolerance for point in line.points)

    def _meeting(self, lines: Sequence[_Line]) -> Iterator[tuple[float, int, int, _Line]]:
        for one, other in permutations(range(len(lines)), 2):
            for mine, theirs in product(lines[one].ways(), lines[other].ways()):
                off = self._off(mine, theirs)
                if mine.last.frame != theirs.first.frame and off <= self.tolerance:
                    yield off, one, other, mine.going_on(theirs)

    def _off(self, one: _Line, other: _Line) -> float:
        """How far the end of one and the beginning of the other are from the other line; inf outside the strip."""
        end, begin = one.points[-1], other.points[0]
        if not (_in(end, other.first.frame, self.tolerance) and _in(begin, one.last.frame, self.tolerance)):
            return np.inf
        return max(_distance(end, other.points), _distance(begin, one.points))


@dataclass(frozen=True)
class _Line:
    """points (n, 2), what it was put together of, and the parts whose pieces show its beginning and its end."""

    points: Floats
    parts: tuple[Part, ...]
    first: Part
    last: Part

    @classmethod
    def of(cls, part: Part) -> _Line:
        return cls(np.array(part.mark["points"], float), (part,), part, part)

    @property
    def length(self) -> float:
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    @property
    def mark(self) -> JsonMark:
        return {"label": self.parts[0].mark["label"], "points": [[round(x, 2), round(y, 2)] for x, y in self.points]}

    def ways(self) -> tuple[_Line, _Line]:
        return self, replace(self, points=self.points[::-1], first=self.last, last=self.first)

    def going_on(self, other: _Line) -> _Line:
        """This one, and what the other has from where it leaves the piece at this one's end."""
        parts = (*self.parts, *other.parts)
        beyond = [not _in(point, self.last.frame, 0.011) for point in other.points]
        if not any(beyond):
            return replace(self, parts=parts)
        points = np.concatenate([self.points, other.points[beyond.index(True) :]])
        return _Line(points, parts, self.first, other.last)


def _both_ways(part: Part) -> tuple[_Line, _Line]:
    return _Line.of(part).ways()


def _in(point: Floats, frame: Frame, slack: float) -> bool:
    x0, y0, x1, y1 = frame
    return bool(x0 - slack <= point[0] <= x1 + slack and y0 - slack <= point[1] <= y1 + slack)


def _distance(point: Floats, line: Floats) -> float:
    """From a point to the nearest place of a line (n, 2)."""
    start, way = line[:-1], np.diff(line, axis=0)
    length = np.maximum((way**2).sum(axis=1), 1e-12)
    along = np.clip(((point - start) * way).sum(axis=1) / length, 0, 1)
    return float(np.hypot(*(start + along[:, None] * way - point).T).min())


class TrackSeam(Seam):
    """In the time that two clips share the boxes overlap; without overlap, where one ends and the other begins."""

    def slack(self, frame: Frame) -> float:
        return max(0.1, 0.01 * (frame[2] - frame[0]))

    def bounds(self, mark: JsonMark) -> Frame:
        return mark["keyframes"][0]["time"], 0.0, mark["keyframes"][-1]["time"], 0.0

    def alike(self, one: Part, other: Part) -> float:
        strip = shared(one, other)
        if strip is None:
            return 0.0
        low = max(strip[0], min(one.reach[0], other.reach[0]))
        high = min(strip[2], max(one.reach[2], other.reach[2]))
        if low > high:
            return 0.0
        times = np.linspace(low, high, STEPS)
        alike = float(overlaps(*(_boxes(part, times) for part in (one, other))).mean())
        return alike if alike >= ALIKE else 0.0

    def join(self, parts: Sequence[Part]) -> JsonMark:
        if whole := seen_whole(parts):
            return whole
        frames: list[Any] = []
        for part in sorted(parts, key=lambda one: one.frame):
            frames += [one for one in part.mark["keyframes"] if not frames or one["time"] > frames[-1]["time"]]
        return {"label": parts[0].mark["label"], "keyframes": frames}


def _boxes(part: Part, times: Floats) -> Floats:
    """(n, 4): its box at each time; where it is cut off it stays to the edge; elsewhere none."""
    track: Track = read_track(part.mark)
    held = np.clip(times, track[0][0], track[-1][0])
    boxes = at(track, np.where((times >= part.reach[0]) & (times <= part.reach[2]), held, np.inf))
    return np.nan_to_num(boxes)
