"""Answers about a piece of an item, a tile of a picture or a part of a text, in places of the whole item: what exports
and whoever puts pieces together needs. Times are always those of the whole recording."""

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

Mark = dict[str, Any]


def is_placed(kind: str, data_kind: str) -> bool:
    """Whether answers to a question of this kind are places in what is cut of data of that kind."""
    return kind in _PLACED.get(data_kind, ())


def is_piece(data_kind: str, source: Mapping[str, Any]) -> bool:
    """Whether a task shows a piece of its item. A page of rows is none: each of its rows is answered by itself."""
    return data_kind in _PLACED and ("of" in source or "start" in source)


def on_whole(kind: str, data_kind: str, value: Any, source: Mapping[str, Any]) -> Any:
    """An answer to a question of this kind as if the whole item had been shown; `source` is the task's: of a tile `x`
    and `y`, and `of`, the whole's width and height; of a part of a text its `start`. Answers without a place stay."""
    moved = (_MOVED.get(kind) or _COUNTED.get(kind)) if is_placed(kind, data_kind) else None
    if moved is None or not isinstance(value, list) or not is_piece(data_kind, source):
        return value
    return [mark | moved(mark, source) for mark in value]


def frame_of(kind: str, data_kind: str, source: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """What a piece shows of its item: x, y of the corners of a tile in pixels; of time and text (start, 0, end, 0);
    None of what is no piece, and where answers of this kind have no place in what was cut."""
    if not is_placed(kind, data_kind) or not is_piece(data_kind, source):
        return None
    if "of" in source:
        return source["x"], source["y"], source["x"] + source["width"], source["y"] + source["height"]
    return source["start"], 0, source["end"], 0


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


def _span(mark: Mark, source: Mapping[str, Any]) -> Mark:
    return {end: mark[end] + source["start"] for end in ("start", "end")}


def _relation(mark: Mark, source: Mapping[str, Any]) -> Mark:
    return {end: [place + source["start"] for place in mark[end]] for end in ("from", "to")}


_MOVED: Mapping[str, Callable[[Mark, Mapping[str, Any]], Mark]] = {
    "boxes": _corner,
    "ellipses": _corner,
    "points": _corner,
    "polygons": _places,
    "polylines": _places,
    "keypoints": _places,
    "masks": _mask,
}
_COUNTED: Mapping[str, Callable[[Mark, Mapping[str, Any]], Mark]] = {"spans": _span, "relations": _relation}
_TIMED = ("segments", "tracks")
_PLACED: Mapping[str, Collection[str]] = {"image": _MOVED, "text": _COUNTED, "audio": _TIMED, "video": _TIMED}
