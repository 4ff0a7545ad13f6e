"""Segments and tracks as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowd.quality.kinds.marks import MarkJudge, rounded
from crowd.quality.segments import Segment, SegmentShape
from crowd.quality.tracks import Track, TrackShape, tracking_accuracy

SIDES = ("time", "x", "y", "width", "height")


def segments(settings: Mapping[str, Any]) -> MarkJudge[Segment]:
    """Where segments may not overlap, the more certain of two stays."""
    arrange = _sorted if settings.get("overlap", True) else _apart
    return MarkJudge(SegmentShape(), _segment, _written_segment, arrange)


def _segment(mark: Mapping[str, Any]) -> Segment:
    return Segment(mark["start"], mark["end"], mark.get("channel", ""))


def _written_segment(segment: Segment) -> dict[str, Any]:
    ends = {"start": rounded(segment.start), "end": rounded(segment.end)}
    return ends | ({"channel": segment.channel} if segment.channel else {})


def _sorted(marks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(marks, key=lambda one: (one["start"], one["end"]))


def _apart(marks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for mark in marks:
        beside = (other for other in kept if other.get("channel") == mark.get("channel"))
        if all(mark["end"] <= other["start"] or mark["start"] >= other["end"] for other in beside):
            kept.append(mark)
    return _sorted(kept)


@dataclass(frozen=True)
class TrackJudge(MarkJudge[Track]):
    """As all marks, but scored by the accuracy of tracking (MOTA)."""

    def score(self, answer: Sequence[Mapping[str, Any]], key: Sequence[Mapping[str, Any]]) -> float:
        return tracking_accuracy(self._marks(answer), self._marks(key))


def tracks(settings: Mapping[str, Any]) -> TrackJudge:
    return TrackJudge(TrackShape(), read_track, _written_track)


def read_track(mark: Mapping[str, Any]) -> Track:
    return [tuple(frame[side] for side in SIDES) for frame in mark["keyframes"]]


def _written_track(track: Track) -> dict[str, Any]:
    return {"keyframes": [dict(zip(SIDES, map(rounded, frame), strict=True)) for frame in track]}
