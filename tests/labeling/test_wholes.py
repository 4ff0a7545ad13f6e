"""Marks in a tile told in pixels of the whole picture, and tiles that together are the picture."""

from typing import Any

import numpy as np
import pytest

from crowd.labeling.split import cut, parse_split
from crowd.labeling.wholes import frame_of, on_whole

SOURCE = {"x": 30, "y": 10, "width": 20, "height": 15, "of": [64, 40]}


@pytest.mark.parametrize(
    ("kind", "mark", "moved"),
    [
        ("boxes", {"x": 1.5, "y": 2.0, "width": 3.0, "height": 4.0}, {"x": 31.5, "y": 12.0, "width": 3.0}),
        ("ellipses", {"x": 5.0, "y": 6.0, "rx": 2.0, "ry": 1.0}, {"x": 35.0, "y": 16.0, "rx": 2.0}),
        ("points", {"x": 0.0, "y": 0.0}, {"x": 30.0, "y": 10.0}),
        ("polygons", {"points": [[0, 0], [4, 0], [4, 4.25]]}, {"points": [[30, 10], [34, 10], [34, 14.25]]}),
        ("keypoints", {"points": {"nose": [1, 2]}}, {"points": {"nose": [31, 12]}}),
    ],
)
def test_marks_are_moved_by_where_the_tile_begins(kind: str, mark: Any, moved: Any) -> None:
    (found,) = on_whole(kind, "image", [{"label": "cat"} | mark], SOURCE)
    assert found.items() >= ({"label": "cat"} | moved).items()
    assert on_whole(kind, "image", [mark], {}) == [mark]


def test_what_has_no_place_stays_as_it_is() -> None:
    assert on_whole("choice", "image", "cat", SOURCE) == "cat"
    assert on_whole("multi-choice", "image", ["cat"], SOURCE) == ["cat"]
    assert on_whole("boxes", "image", None, SOURCE) is None


@pytest.mark.parametrize(("kind", "data_kind"), [("spans", "row"), ("spans", "audio"), ("segments", "text")])
def test_what_was_cut_by_another_measure_than_its_marks_stays_as_it_is(kind: str, data_kind: str) -> None:
    """Positions of rows and seconds are no code points."""
    source, mark = {"start": 2, "end": 4}, {"label": "cat", "start": 0, "end": 3}
    assert on_whole(kind, data_kind, [mark], source) == [mark]
    assert frame_of(kind, data_kind, source) is None
    assert on_whole("spans", "text", [mark], source) == [mark | {"start": 2, "end": 5}]


@pytest.mark.parametrize(
    "place", [SOURCE, SOURCE | {"x": 0, "y": 0}, SOURCE | {"x": 44, "y": 25}, {"x": 0, "y": 0, "of": [20, 15]}]
)
def test_a_mask_is_laid_where_its_tile_was(place: dict[str, Any]) -> None:
    painted = np.random.default_rng(3).random((15, 20)) < 0.6
    (found,) = on_whole("masks", "image", [{"size": [15, 20], "counts": runs(painted)}], place)
    width, height = place["of"]
    whole = np.zeros((height, width), bool)
    whole[place["y"] : place["y"] + 15, place["x"] : place["x"] + 20] = painted
    assert found == {"size": [height, width], "counts": runs(whole)}


def runs(pixels: Any) -> list[int]:
    """Down the columns, beginning with zeros (COCO)."""
    flat = pixels.T.reshape(-1)
    ends = [0, *(np.flatnonzero(np.diff(flat)) + 1).tolist(), len(flat)]
    counts = np.diff(ends).tolist()
    return [0, *counts] if flat[0] else counts


@pytest.mark.parametrize(
    ("width", "height", "size", "overlap"), [(200, 100, 64, 10), (129, 64, 64, 0), (300, 65, 64, 57)]
)
def test_tiles_cover_the_picture_and_each_brings_something_new(
    width: int, height: int, size: int, overlap: int
) -> None:
    split = parse_split({"by": "tiles", "size": size, "overlap": overlap}, data_kind="image")
    seen = np.zeros((height, width), int)
    for piece in cut(split, {"file": {"media": 1, "width": width, "height": height}}, "file"):
        place = piece.source
        part = seen[place["y"] : place["y"] + place["height"], place["x"] : place["x"] + place["width"]]
        assert part.shape == (place["height"], place["width"])
        assert (part == 0).any()
        part += 1
        shown = piece.payload["units"][0]["file"]
        assert shown == {"media": 1} | {name: place[name] for name in ("x", "y", "width", "height")}
    assert seen.all()


def test_a_picture_of_one_tile_stays_whole() -> None:
    item = {"file": {"media": 1, "width": 64, "height": 20}}
    (piece,) = cut(parse_split({"by": "tiles", "size": 64}), item, "file")
    assert (piece.payload["units"], piece.source) == ([item], {})
