"""What several pieces of one item show, told of the whole: see `base`. A kind is known by its name and settings."""

from collections.abc import Callable, Mapping
from typing import Any

from crowd.quality.seams.areas import BoxSeam, EllipseSeam, MaskSeam, PolygonSeam, RelationSeam, SegmentSeam, SpanSeam
from crowd.quality.seams.base import Frame, Piece, Seam, Whole, stitch
from crowd.quality.seams.lines import LineSeam, PointSeam, PoseSeam, TrackSeam

SEAMS: Mapping[str, Callable[[Mapping[str, Any]], Seam]] = {
    "boxes": lambda settings: BoxSeam(),
    "ellipses": lambda settings: EllipseSeam(),
    "polygons": lambda settings: PolygonSeam(),
    "masks": lambda settings: MaskSeam(),
    "points": lambda settings: PointSeam(settings["tolerance"]),
    "keypoints": lambda settings: PoseSeam(settings["tolerance"]),
    "polylines": lambda settings: LineSeam(settings["tolerance"]),
    "segments": lambda settings: SegmentSeam(),
    "spans": lambda settings: SpanSeam(),
    "relations": lambda settings: RelationSeam(),
    "tracks": lambda settings: TrackSeam(),
}


def seam_of(kind: str, settings: Mapping[str, Any]) -> Seam:
    """How marks of this kind of question are put together. KeyError for a kind without marks."""
    return SEAMS[kind](settings)


__all__ = ["SEAMS", "Frame", "Piece", "Seam", "Whole", "seam_of", "stitch"]
