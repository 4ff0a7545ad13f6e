"""Segments of a line: stretches of time in audio, video and sensor data, and spans of characters in a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.geometry import robust_mean, weighted_median


class Segment(NamedTuple):
    """From start to end (> start): seconds, or code points with the end past the last one. Segments on different
    channels have nothing in common."""

    start: float
    end: float
    channel: str = ""


@dataclass(frozen=True)
class SegmentShape:
    """Intersection over union of time. With `whole`, for characters, the merged ends are ones that somebody gave."""

    same: float = 0.5
    whole: bool = False

    def likeness(self, one: Sequence[Segment], other: Sequence[Segment]) -> Floats:
        ends = [np.array([(each.start, each.end) for each in side], dtype=float) for side in (one, other)]
        shared = np.minimum(ends[0][:, None, 1], ends[1][None, :, 1]) - np.maximum(
            ends[0][:, None, 0], ends[1][None, :, 0]
        )
        shared = np.clip(shared, 0, None)
        union = (ends[0][:, 1] - ends[0][:, 0])[:, None] + (ends[1][:, 1] - ends[1][:, 0])[None] - shared
        share: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        return share * [[a.channel == b.channel for b in other] for a in one]

    def fuse(self, marks: Sequence[Segment], weights: Floats) -> Segment:
        ends = np.array([(mark.start, mark.end) for mark in marks], dtype=float)
        if not self.whole:
            start, end = robust_mean(ends, weights).tolist()
            return Segment(start, end, marks[0].channel)
        middle = weighted_median(ends, weights)
        start, end = (ends[np.abs(ends[:, i] - middle[i]).argmin(), i] for i in (0, 1))
        return Segment(int(start), int(end), marks[0].channel)
