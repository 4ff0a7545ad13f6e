"""Points, keypoints, polylines, polygons, ellipses and masks as JSON."""

from collections.abc import Mapping
from typing import Any

from crowd.quality.boxes import Ellipse, EllipseShape
from crowd.quality.kinds.marks import MarkJudge, rounded
from crowd.quality.masks import Mask, MaskShape
from crowd.quality.points import Point, PointShape, Polyline, PolylineShape, Pose, PoseShape
from crowd.quality.polygons import Polygon, PolygonShape


def points(settings: Mapping[str, Any]) -> MarkJudge[Point]:
    return MarkJudge(
        PointShape(settings["tolerance"]),
        lambda mark: Point(mark["x"], mark["y"]),
        lambda point: {"x": rounded(point.x), "y": rounded(point.y)},
    )


def keypoints(settings: Mapping[str, Any]) -> MarkJudge[Pose]:
    order = list(settings["skeleton"])
    return MarkJudge(
        PoseShape(settings["tolerance"]),
        lambda mark: {name: Point(*place) for name, place in mark["points"].items()},
        lambda pose: {"points": {name: _place(pose[name]) for name in order if name in pose}},
    )


def polylines(settings: Mapping[str, Any]) -> MarkJudge[Polyline]:
    return MarkJudge(PolylineShape(settings["tolerance"]), _points, _written)


def polygons(settings: Mapping[str, Any]) -> MarkJudge[Polygon]:
    return MarkJudge(PolygonShape(), _points, _written)


def ellipses(settings: Mapping[str, Any]) -> MarkJudge[Ellipse]:
    return MarkJudge(EllipseShape(), read_ellipse, _written_ellipse)


def masks(settings: Mapping[str, Any]) -> MarkJudge[Mask]:
    return MarkJudge(
        MaskShape(),
        read_mask,
        lambda mask: {"size": [mask.height, mask.width], "counts": list(mask.counts)},
    )


def read_mask(mark: Mapping[str, Any]) -> Mask:
    return Mask(mark["size"][0], mark["size"][1], tuple(mark["counts"]))


def _points(mark: Mapping[str, Any]) -> list[Point]:
    return [Point(*place) for place in mark["points"]]


def _written(line: Polyline | Polygon) -> dict[str, Any]:
    return {"points": [_place(point) for point in line]}


def _place(point: Point) -> list[float]:
    return [rounded(point.x), rounded(point.y)]


def read_ellipse(mark: Mapping[str, Any]) -> Ellipse:
    return Ellipse(mark["x"], mark["y"], mark["rx"], mark["ry"], mark.get("rotation", 0.0))


def _written_ellipse(ellipse: Ellipse) -> dict[str, Any]:
    found = {name: rounded(value) for name, value in ellipse._asdict().items()}
    rotation = found.pop("rotation")
    return found | ({"rotation": rotation} if rotation else {})
