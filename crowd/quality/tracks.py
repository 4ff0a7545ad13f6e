"""Tracks: a box through a video, given at keyframes and moved in a straight line between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.boxes import straight_overlap
from crowd.quality.geometry import robust_mean, weighted_median
from crowd.quality.marks import Mark

Keyframe: TypeAlias = tuple[float, float, float, float, float]
"""seconds, x, y, width, height"""

Track: TypeAlias = Sequence[Keyframe]
"""Keyframes in rising time. The thing enters at the first and leaves after the last."""


def at(track: Track, times: Floats) -> Floats:
    """(n, 4): the box at each time, nan before the track enters and after it leaves."""
    frames = np.array(track, float)
    boxes = np.column_stack([np.interp(times, frames[:, 0], frames[:, side]) for side in range(1, 5)])
    boxes[(times < frames[0, 0] - 1e-9) | (times > frames[-1, 0] + 1e-9)] = np.nan
    return boxes


@dataclass(frozen=True)
class TrackShape:
    """Mean overlap over the frames in which either is there, `rate` frames a second."""

    rate: float = 10.0
    same: float = 0.3

    def __post_init__(self) -> None:
        if not self.rate > 0:
            raise ValueError(f"rate={self.rate}: wanted frames a second above 0")

    def likeness(self, one: Sequence[Track], other: Sequence[Track]) -> Floats:
        times = frame_times([*one, *other], self.rate)
        first, second = ([Path.of(track, times) for track in tracks] for tracks in (one, other))
        return np.array([[_mean_overlap(a, b) for b in second] for a in first]).reshape(len(one), len(other))

    def fuse(self, marks: Sequence[Track], weights: Floats) -> Track:
        """Enters and leaves at the middle of what was said; keyframes where anybody had one, boxes fused by side."""
        ends = weighted_median(np.array([(track[0][0], track[-1][0]) for track in marks]), weights)
        given = {frame[0] for track in marks for frame in track if ends[0] < frame[0] < ends[1]}
        times = np.array([ends[0], *sorted(given), ends[1]] if ends[1] > ends[0] else [ends[0]])
        boxes = np.stack([_held(track, times) for track in marks])
        boxes[:, :, 2:] += boxes[:, :, :2]
        fused = np.array([robust_mean(boxes[:, place], weights) for place in range(len(times))])
        fused[:, 2:] -= fused[:, :2]
        return [(float(time), *map(float, box)) for time, box in zip(times, fused, strict=True)]  # type: ignore[misc]


def _held(track: Track, times: Floats) -> Floats:
    """The box at each time, its first and last one before and after the track."""
    frames = np.array(track, float)
    return at(track, np.clip(times, frames[0, 0], frames[-1, 0]))


class Path(NamedTuple):
    """A track's boxes (n, 4) in the frames from `start` on: only those in which it is there."""

    start: int
    boxes: Floats

    @classmethod
    def of(cls, track: Track, times: Floats) -> Self:
        start, end = np.searchsorted(times, (track[0][0] - 1e-9, track[-1][0] + 1e-9)).tolist()
        return cls(start, at(track, times[start:end]))

    @property
    def end(self) -> int:
        return self.start + len(self.boxes)

    def at(self, frame: int) -> Floats:
        box: Floats = self.boxes[frame - self.start]
        return box

    def between(self, start: int, end: int) -> Floats:
        return self.boxes[start - self.start : end - self.start]


def frame_times(tracks: Sequence[Track], rate: float) -> Floats:
    """Middle of every frame in which any track is there, `rate` a second from the first moment on."""
    first = min(track[0][0] for track in tracks)
    frames = [_frames(track, first, rate) for track in tracks]
    times: Floats = first + np.unique(np.concatenate(frames)) / rate
    return times


def _frames(track: Track, first: float, rate: float) -> Floats:
    start, end = (track[0][0] - first) * rate, (track[-1][0] - first) * rate
    return np.arange(np.ceil(start - 1e-6), np.floor(end + 0.5) + 1)


def _mean_overlap(one: Path, other: Path) -> float:
    start, end = max(one.start, other.start), min(one.end, other.end)
    if end <= start:
        return 0.0
    shared = overlaps(one.between(start, end), other.between(start, end)).sum()
    return float(shared / (len(one.boxes) + len(other.boxes) - (end - start)))


def overlaps(one: Floats, other: Floats) -> Floats:
    """(n,): overlap of boxes row by row."""
    low = np.maximum(one[:, :2], other[:, :2])
    high = np.minimum(one[:, :2] + one[:, 2:], other[:, :2] + other[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = one[:, 2:].prod(axis=1) + other[:, 2:].prod(axis=1) - shared
    share: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return share


def tracking_accuracy(
    answer: Sequence[Mark[Track]], key: Sequence[Mark[Track]], *, rate: float = 10.0, same: float = 0.5
) -> float:
    """1 - (misses + false boxes + switches) / boxes of the key, over all frames, at least 0; nothing and nothing: 1.

    MOTA: K. Bernardin and R. Stiefelhagen, Evaluating Multiple Object Tracking Performance, EURASIP JIVP 2008. A box
    of the key keeps its partner from the frame before while they still overlap by `same` and labels are equal.
    """
    if not key:
        return float(not answer)
    times = frame_times([mark.geometry for mark in (*answer, *key)], rate)
    paths = [[Path.of(mark.geometry, times) for mark in marks] for marks in (answer, key)]
    partner: dict[int, int] = {}
    wrong = boxes = 0
    for frame in range(len(times)):
        given, known = ([i for i, path in enumerate(each) if path.start <= frame < path.end] for each in paths)
        pairs = _frame_pairs(answer, key, paths, frame, given, known, partner, same)
        switched = sum(partner.get(mine, theirs) != theirs for mine, theirs in pairs.items())
        partner |= pairs
        wrong += len(known) - len(pairs) + len(given) - len(pairs) + switched
        boxes += len(known)
    return max(0.0, 1 - wrong / boxes) if boxes else float(wrong == 0)


def _frame_pairs(
    answer: Sequence[Mark[Track]],
    key: Sequence[Mark[Track]],
    paths: Sequence[Sequence[Path]],
    frame: int,
    given: Sequence[int],
    known: Sequence[int],
    partner: dict[int, int],
    same: float,
) -> dict[int, int]:
    """Key place to answer place in one frame: partners stay together, the rest by overlap, best first."""
    if not given or not known:
        return {}
    alike = straight_overlap(
        np.array([paths[1][j].at(frame) for j in known]), np.array([paths[0][i].at(frame) for i in given])
    )
    options = []
    for row, j in enumerate(known):
        for column, i in enumerate(given):
            if alike[row, column] >= same and answer[i].label == key[j].label:
                options.append((partner.get(j) != i, -alike[row, column], j, i))
    pairs: dict[int, int] = {}
    for _stranger, _alike, j, i in sorted(options):
        if j not in pairs and i not in pairs.values():
            pairs[j] = i
    return pairs
