"""Answers about a tile of a picture, in pixels of the whole picture: what exports and whoever joins tiles needs."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

Mark = dict[str, Any]


def on_whole(kind: str, value: Any, source: Mapping[str, Any]) -> Any:
    """An answer to a question of this kind as if the whole picture had been shown; `source` is the task's: `x` and `y`
    of the tile, and `of`, the whole's width and height. Answers without a place stay as they are."""
    if kind not in _MOVED or "of" not in source or not isinstance(value, list):
        return value
    return [mark | _MOVED[kind](mark, source) for mark in value]


def _corner(mark: Mark, source: Mapping[str, Any]) -> Mark:
    return {axis: round(mark[axis] + source[axis], 2) for axis in ("x", "y")}


def _places(mark: Mark, source: Mapping[str, Any]) -> Mark:
    points = mark["points"]
    if isinstance(points, Mapping):
        return {"points": {name: _place(one, source) for name, one in points.items()}}
    return {"points": [_place(one, source) for one in points]}


def _place(place: list[float], source: Mapping[str, Any]) -> list[float]:
    return [round(place[0] + source["x"], 2), round(place[1] + source["y"], 2)]


def _mask(mark: Mark, source: Mapping[str, Any]) -> Mark:
    """Runs go down the columns, of the tile and of the whole (COCO)."""
    width, height = source["of"]
    painted: list[list[int]] = []  # first pixel and the one after the last, of the whole
    for first, after in _stretches(mark["counts"], mark["size"][0]):
        column, row = divmod(first, mark["size"][0])
        start = (column + source["x"]) * height + row + source["y"]
        if painted and painted[-1][1] == start:
            painted[-1][1] = start + after - first
        else:
            painted.append([start, start + after - first])
    ends = [0, *(end for pair in painted for end in pair), width * height]
    counts = [after - before for before, after in pairwise(ends)]
    return {"size": [height, width], "counts": counts if counts[-1] else counts[:-1]}


def _stretches(counts: Iterable[int], height: int) -> Iterable[tuple[int, int]]:
    """The painted pixels as stretches within one column each."""
    at = 0
    for number, run in enumerate(counts):
        start, at = at, at + run
        while number % 2 and start < at:
            after = min(at, (start // height + 1) * height)
            yield start, after
            start = after


_MOVED: Mapping[str, Callable[[Mark, Mapping[str, Any]], Mark]] = {
    "boxes": _corner,
    "ellipses": _corner,
    "points": _corner,
    "polygons": _places,
    "polylines": _places,
    "keypoints": _places,
    "masks": _mask,
}
