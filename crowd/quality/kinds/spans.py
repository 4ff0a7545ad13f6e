"""Spans as JSON: start, end in code points."""

from collections.abc import Mapping, Sequence
from typing import Any

from crowd.quality.kinds.marks import MarkJudge
from crowd.quality.segments import Segment, SegmentShape


def spans(settings: Mapping[str, Any]) -> MarkJudge[Segment]:
    """Merged ends are ones that somebody gave. Where spans may not overlap, the more certain of two stays."""
    shape = SegmentShape(whole=True)
    return MarkJudge(shape, read_span, write_span, _sorted if settings.get("overlap") else _apart)


def read_span(mark: Mapping[str, Any]) -> Segment:
    return Segment(mark["start"], mark["end"])


def write_span(span: Segment) -> dict[str, Any]:
    return {"start": int(span.start), "end": int(span.end)}


def _apart(marks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for mark in marks:
        if all(mark["end"] <= other["start"] or mark["start"] >= other["end"] for other in kept):
            kept.append(mark)
    return _sorted(kept)


def _sorted(marks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(marks, key=lambda one: (one["start"], one["end"]))
