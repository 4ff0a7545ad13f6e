"""A whole cut into pieces that overlap or meet, and each piece's marks clipped to it: together they are the whole's.

The clipping here is done by hand; how alike marks are across a seam is crowd.quality.seams' own matter.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.split import cut, parse_split
from crowd.labeling.wholes import frame_of
from crowd.quality.masks import Mask, mask_overlap
from crowd.quality.polygons import fill
from crowd.quality.seams import SEAMS, Piece, seam_of, stitch
from tests.labeling.examples import EXAMPLES

Mark = dict[str, Any]
Frame = tuple[float, float, float, float]
SIZES = st.sampled_from([(100, 0), (100, 20), (100, 50), (128, 7)])
WIDTH, HEIGHT = 330, 250


def tiles(size: int, overlap: int, *, width: int = WIDTH, height: int = HEIGHT) -> list[Frame]:
    item = {"file": {"media": 1, "width": width, "height": height}}
    split = parse_split({"by": "tiles", "size": size, "overlap": overlap})
    return [frame_of("boxes", "image", piece.source) or (0, 0, width, height) for piece in cut(split, item, "file")]


def clips(size: float, overlap: float, seconds: float) -> list[Frame]:
    split = parse_split({"by": "seconds", "size": size, "overlap": overlap})
    pieces = cut(split, {"file": {"seconds": seconds}}, "file")
    return [frame_of("segments", "audio", piece.source) or (0, 0, 0, 0) for piece in pieces]


def stitched(
    kind: str, frames: list[Frame], marks: list[Mark], clip: Callable[[Mark, Frame], list[Mark]], **said: Any
) -> list[Mark]:
    """Each piece marks what it shows of each of the marks; each of them has a sureness of its own."""
    pieces = []
    for frame in frames:
        parts = [part for mark in marks for part in clip(mark, frame)]
        pieces.append(Piece(frame, parts, [0.5 + 0.001 * len(parts)] * len(parts)))
    return [dict(one.mark) for one in stitch(seam_of(kind, said), pieces)]


def clipped_box(box: Mark, frame: Frame) -> list[Mark]:
    """Less than a pixel of it nobody marks."""
    x0, y0 = max(box["x"], frame[0]), max(box["y"], frame[1])
    x1, y1 = min(box["x"] + box["width"], frame[2]), min(box["y"] + box["height"], frame[3])
    if x1 - x0 < 1 or y1 - y0 < 1:
        return []
    place = {"x": x0, "y": y0, "width": round(x1 - x0, 2), "height": round(y1 - y0, 2)}
    return [box | place]


@st.composite
def boxes(draw: st.DrawFn) -> list[Mark]:
    """One in each field of a board that keeps them six pixels apart, of any size that fits there."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    wide, high = WIDTH / columns - 6, HEIGHT / rows - 6
    unit = st.floats(0, 1, width=32)
    found = []
    for field in range(columns * rows):
        width, height = (round(8 + draw(unit) * (most - 8), 2) for most in (wide, high))
        x = round(field % columns * (wide + 6) + draw(unit) * (wide - width), 2)
        y = round(field // columns * (high + 6) + draw(unit) * (high - height), 2)
        label = draw(st.sampled_from(["car", "dog"]))
        found.append({"label": label, "x": x, "y": y, "width": width, "height": height})
    return found


@given(boxes(), SIZES)
@settings(max_examples=60)
def test_boxes_clipped_to_tiles_and_stitched_are_the_boxes(whole: list[Mark], size: tuple[int, int]) -> None:
    found = stitched("boxes", tiles(*size), whole, clipped_box)
    assert len(found) == len(whole)
    for mark in whole:
        assert any(
            mark["label"] == one["label"]
            and all(one[side] == pytest.approx(mark[side], abs=2.02) for side in ("x", "y", "width", "height"))
            for one in found
        ), (mark, found)


def test_two_things_at_a_seam_stay_two_and_each_mark_says_which_tiles_show_it() -> None:
    """Of other labels; beside each other along the seam; one that ends in the strip and one that begins there."""
    left, right = (0.0, 0.0, 100.0, 100.0), (80.0, 0.0, 180.0, 100.0)

    def box(x: float, y: float, width: float, height: float = 10, label: str = "car") -> Mark:
        return {"label": label, "x": x, "y": y, "width": width, "height": height}

    pieces = [
        Piece(left, [box(60, 0, 40), box(60, 20, 40), box(70, 40, 18), box(50, 60, 50)], [0.9, 0.8, 0.7, 0.6]),
        Piece(right, [box(80, 0, 40, label="dog"), box(80, 31, 40), box(90, 40, 30), box(80, 60, 40)], [0.5] * 4),
    ]
    found = stitch(seam_of("boxes", {}), pieces)
    assert [one.pieces for one in found] == [(0,), (0,), (0,), (0, 1), (1,), (1,), (1,)]
    assert (found[3].mark, found[3].sure) == (box(50, 60, 70), 0.6)


@pytest.mark.parametrize("rotation", [30.0, -75.0])
def test_turned_boxes_and_ellipses_are_told_once(rotation: float) -> None:
    """Seen whole in the strip; or drawn on beyond the edge of each tile, as far as it was guessed."""
    box = {"label": "car", "x": 85.0, "y": 40.0, "width": 10.0, "height": 6.0, "rotation": rotation}
    oval = {"label": "car", "x": 90.0, "y": 40.0, "rx": 5.0, "ry": 3.0, "rotation": rotation}
    frames = tiles(100, 20, width=180, height=90)
    assert stitched("boxes", frames, [box], lambda mark, frame: [mark]) == [box]
    assert stitched("ellipses", frames, [oval], lambda mark, frame: [mark]) == [oval]
    pieces = [
        Piece(frame, [box | {"x": x, "width": 60.0, "rotation": 10.0}], [1.0])
        for frame, x in zip(frames, (55, 65), strict=True)
    ]
    (long,) = stitch(seam_of("boxes", {}), pieces)
    assert (long.mark["rotation"], long.pieces) == (10.0, (0, 1))
    assert 68 < long.mark["width"] < 72


@pytest.mark.parametrize("size", [(100, 0), (100, 30), (64, 11)])
def test_masks_and_polygons_are_joined_by_what_they_cover_also_where_a_seam_cuts_them_in_several(
    size: tuple[int, int],
) -> None:
    """A horseshoe, of which a tile may show only the two ends."""
    corners = [[60, 40], [280, 40], [280, 80], [105, 80], [105, 180], [280, 180], [280, 220], [60, 220]]
    pixels = fill([tuple(map(float, corner)) for corner in corners], HEIGHT, WIDTH)  # type: ignore[misc]

    def mask(mark: Mark, frame: Frame) -> list[Mark]:
        part = np.zeros_like(pixels)
        inside = np.s_[int(frame[1]) : int(frame[3]), int(frame[0]) : int(frame[2])]
        part[inside] = pixels[inside]
        found = Mask.from_pixels(part)
        return [mark | {"size": [HEIGHT, WIDTH], "counts": list(found.counts)}] if found.area else []

    (painted,) = stitched("masks", tiles(*size), [{"label": "shoe"}], mask)
    assert painted["counts"] == list(Mask.from_pixels(pixels).counts)

    halves = [(0.0, 0.0, 200.0, HEIGHT), (200.0 - size[1], 0.0, WIDTH, HEIGHT)]
    right = 200.0 - size[1]
    arms = [[[right, y], [280, y], [280, y + 40], [right, y + 40]] for y in (40, 180)]
    bow = [[60, 40], [200, 40], [200, 80], [105, 80], [105, 180], [200, 180], [200, 220], [60, 220]]
    pieces = [
        Piece(halves[0], [{"label": "shoe", "points": bow}], [0.9]),
        Piece(halves[1], [{"label": "shoe", "points": arm} for arm in arms], [0.8, 0.8]),
    ]
    (outline,) = stitch(seam_of("polygons", {}), pieces)
    joined = fill(outline.mark["points"], HEIGHT, WIDTH)
    assert mask_overlap(joined, pixels) > 0.985


def test_a_polygon_that_one_tile_shows_whole_is_that_one() -> None:
    square = {"label": "a", "points": [[84, 10], [96, 10], [96, 30], [84, 30]]}
    shaken = {"label": "a", "points": [[85, 11], [95, 10], [96, 31], [84, 30]]}
    frames = tiles(100, 20, width=180, height=90)
    pieces = [Piece(frames[0], [shaken], [0.6]), Piece(frames[1], [square], [0.9])]
    assert [one.mark for one in stitch(seam_of("polygons", {}), pieces)] == [square]


@pytest.mark.parametrize("overlap", [0, 20])
def test_a_polygon_thinner_than_what_counts_as_at_the_edge_is_told_once(overlap: int) -> None:
    """Of a crack along the seam one tile has a pixel and a half, near its edge from corner to corner."""
    frames = tiles(100, overlap, width=200 - overlap, height=90)

    def crack(x0: float, x1: float) -> Mark:
        return {"label": "crack", "points": [[x0, 10], [x1, 10], [x1, 80], [x0, 80]]}

    parts = [crack(98.5, 100), crack(100, 103)] if overlap == 0 else [crack(98.5, 99.5), crack(98.3, 99.6)]
    pieces = [Piece(frame, [part], [0.9]) for frame, part in zip(frames, parts, strict=True)]
    (whole,) = stitch(seam_of("polygons", {}), pieces)
    x, y = np.array(whole.mark["points"]).T
    assert (y.min(), y.max()) == pytest.approx((10, 80), abs=0.5)
    assert (x.min(), x.max()) == pytest.approx((98.3, 99.6) if overlap else (98.5, 103), abs=0.5)


def test_outlines_that_cover_each_other_at_a_seam_stay_as_many_as_they_are() -> None:
    """Across the seam, and two whole in its strip, one of them seen by one tile only; two that overlap across it."""
    frames: list[Frame] = [(0, 0, 100, 100), (60, 0, 160, 100)]

    def person(x0: float, y0: float, x1: float, y1: float) -> Mark:
        return {"label": "person", "points": [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]}

    def shape(mark: Mark, frame: Frame) -> list[Mark]:
        (x0, y0), _, (x1, y1), _ = mark["points"]
        return [person(max(x0, frame[0]), y0, min(x1, frame[2]), y1)]

    across, child, twin = person(50, 0, 130, 40), person(70, 5, 80, 35), person(40, 60, 120, 95)
    beside = person(45, 70, 125, 100)
    assert stitched("polygons", frames, [across, child, twin, beside], shape) == [across, child, twin, beside]
    alone = [Piece(frames[0], shape(across, frames[0]), [0.9]), Piece(frames[1], [child], [0.9])]
    assert [one.mark for one in stitch(seam_of("polygons", {}), alone)] == [*alone[0].marks, child]

    def mask(mark: Mark, frame: Frame) -> list[Mark]:
        outline = shape(mark, frame)[0]["points"]
        pixels = fill([tuple(map(float, corner)) for corner in outline], 100, 160)  # type: ignore[misc]
        return [{"label": "person", "size": [100, 160], "counts": list(Mask.from_pixels(pixels).counts)}]

    whole: Frame = (0, 0, 160, 100)
    masks = [part for mark in (across, child, twin, beside) for part in mask(mark, whole)]
    assert stitched("masks", frames, [across, child, twin, beside], mask) == masks


def test_points_and_poses_in_the_strip_are_told_once() -> None:
    frames = tiles(100, 20, width=180, height=90)

    def pose(**points: list[float]) -> Mark:
        return {"label": "man", "points": points}

    left, right = {"label": "a", "x": 90.0, "y": 10.0}, {"label": "a", "x": 91.0, "y": 10.0}
    alone = {"label": "a", "x": 70.0, "y": 10.0}
    points = [Piece(frames[0], [left, alone], [0.6, 0.6]), Piece(frames[1], [right], [0.9])]
    assert [one.mark for one in stitch(seam_of("points", {"tolerance": 3.0}), points)] == [right, alone]
    poses = [
        Piece(frames[0], [pose(head=[90, 10], hand=[60, 20])], [0.6]),
        Piece(frames[1], [pose(head=[91, 10], foot=[140, 30])], [0.9]),
    ]
    (man,) = stitch(seam_of("keypoints", {"tolerance": 3.0}), poses)
    assert man.mark["points"] == {"head": [91, 10], "foot": [140, 30], "hand": [60, 20]}


@pytest.mark.parametrize("overlap", [0, 20])
def test_a_line_that_goes_over_a_seam_and_back_is_one_line(overlap: int) -> None:
    frames = tiles(100, overlap, width=200 - overlap, height=100)
    begin = frames[1][0]
    out = {"label": "road", "points": [[10, 20], [100, 20]]}
    bend = {"label": "road", "points": [[begin, 20], [150, 20], [150, 70], [begin, 70]]}
    back = {"label": "road", "points": [[100, 70], [30, 70]]}
    other = {"label": "road", "points": [[begin, 45], [170, 45]]}
    pieces = [Piece(frames[0], [out, back], [0.9, 0.9]), Piece(frames[1], [bend, other], [0.9, 0.9])]
    found = [one.mark["points"] for one in stitch(seam_of("polylines", {"tolerance": 4.0}), pieces)]
    way = [[10, 20], [100, 20], [150, 20], [150, 70], [begin, 70], [30, 70]]
    assert len(found) == 2
    assert other["points"] in found
    assert found[0] in (way, way[::-1])


@pytest.mark.parametrize("overlap", [0, 20])
def test_lanes_nearer_to_each_other_than_the_tolerance_and_branches_of_a_fork_are_all_told(overlap: int) -> None:
    frames = tiles(100, overlap, width=200 - overlap, height=100)
    begin = frames[1][0]

    def line(*points: list[float]) -> Mark:
        return {"label": "lane", "points": list(points)}

    lanes = [line([10, y], [150, y]) for y in (50, 56)]
    left, right = [line([10, y], [100, y]) for y in (50, 56)], [line([begin, y + 1], [150, y]) for y in (50, 56)]
    seam = seam_of("polylines", {"tolerance": 10.0})
    found = stitch(seam, [Piece(frames[0], left, [0.9] * 2), Piece(frames[1], right, [0.8] * 2)])
    ends = [sorted((one.mark["points"][0], one.mark["points"][-1])) for one in found]
    assert ends == [one["points"] for one in lanes]

    fork = [line([begin, 22], [150, 5]), line([begin, 20], [150, 45])]
    pieces = [Piece(frames[0], [line([10, 20], [100, 20])], [0.9]), Piece(frames[1], fork, [0.9] * 2)]
    ends = [sorted((one.mark["points"][0], one.mark["points"][-1])) for one in stitch(seam, pieces)]
    assert len(ends) == 2
    assert {tuple(map(tuple, one)) for one in ends} in (
        {((10, 20), (150, 5)), ((begin, 20), (150, 45))},
        {((10, 20), (150, 45)), ((begin, 22), (150, 5))},
    )


@pytest.mark.parametrize("overlap", [0, 20])
def test_a_line_that_forks_where_four_tiles_meet_keeps_its_branches_and_a_straight_one_stays_one(overlap: int) -> None:
    frames = tiles(100, overlap, width=200 - overlap, height=200 - overlap)
    middle = 100 - overlap / 2
    ends = {"trunk": (20, 20), "right": (170, 60), "down": (60, 170)}

    def clipped(mark: Mark, frame: Frame) -> list[Mark]:
        """Its points inside, and where it leaves the tile."""
        (start, end), (x0, y0, x1, y1) = np.array(mark["points"], float), frame
        inside = [at for at in (start + (end - start) * step for step in np.linspace(0, 1, 2_001))
                  if x0 <= at[0] <= x1 and y0 <= at[1] <= y1]  # fmt: skip
        seen = len(inside) > 1 and np.hypot(*(inside[-1] - inside[0])) >= 1
        return [mark | {"points": [inside[0].tolist(), inside[-1].tolist()]}] if seen else []

    def told(*marks: Mark) -> list[list[list[float]]]:
        return [one["points"] for one in stitched("polylines", frames, list(marks), clipped, tolerance=4.0)]

    fork = [{"label": "lane", "points": [[middle, middle], list(end)]} for end in ends.values()]
    found = told(*fork)
    assert {tuple(end) for line in found for end in (line[0], line[-1])} >= set(ends.values())
    assert len(found) == 2
    (straight,) = told({"label": "lane", "points": [[20, 20], [170, 172]]})
    assert sorted((straight[0], straight[-1])) == [[20, 20], [170, 172]]


@given(st.data(), st.sampled_from([(10.0, 0.0), (10.0, 2.5), (7.0, 3.0)]))
@settings(max_examples=40)
def test_segments_and_tracks_clipped_to_clips_and_stitched_are_the_ones(
    data: st.DataObject, size: tuple[float, float]
) -> None:
    ends = sorted(data.draw(st.sets(st.integers(0, 45), min_size=2, max_size=8)))
    whole = [
        {"label": "siren", "start": float(one), "end": other - 0.3, "channel": "ab"[place % 2]}
        for place, (one, other) in enumerate(pairwise(ends))
    ]

    def clip(mark: Mark, frame: Frame) -> list[Mark]:
        start, end = max(mark["start"], frame[0]), min(mark["end"], frame[2])
        return [mark | {"start": start, "end": end}] if end - start > 0.2 else []

    def moving(mark: Mark, frame: Frame) -> list[Mark]:
        def keyframe(time: float) -> Mark:
            return {"time": round(time, 3), "x": 4 * time, "y": 9.0, "width": 30.0, "height": 20.0}

        return [{"label": "car", "keyframes": [keyframe(part["start"]), keyframe(part["end"])]} for part in
                clip(mark, frame)]  # fmt: skip

    frames = clips(*size, 46)
    found = stitched("segments", frames, whole, clip)
    times = sorted((one["start"], one["end"]) for one in found)
    assert times == [(pytest.approx(one["start"], abs=0.21), pytest.approx(one["end"], abs=0.21)) for one in whole]
    tracks = stitched("tracks", frames, whole, moving)
    told = sorted((one["keyframes"][0]["time"], one["keyframes"][-1]["time"]) for one in tracks)
    assert told == [(pytest.approx(one["start"], abs=0.21), pytest.approx(one["end"], abs=0.21)) for one in whole]
    for track in tracks:
        assert all(frame["x"] == pytest.approx(4 * frame["time"], abs=0.1) for frame in track["keyframes"])


def test_what_is_said_over_a_seam_is_told_once_with_its_words() -> None:
    frames = clips(10, 2, 18)
    said = [{"label": "ann", "start": 4.0, "end": 10.0, "text": "we are all of us here"},
            {"label": "ann", "start": 8.0, "end": 13.0, "text": "of us here and well"}]  # fmt: skip
    pieces = [Piece(frame, [mark], [0.9]) for frame, mark in zip(frames, said, strict=True)]
    (found,) = stitch(seam_of("segments", {}), pieces)
    assert found.mark == {"label": "ann", "start": 4.0, "end": 13.0, "text": "we are all of us here and well"}


def test_names_and_relations_in_the_overlap_of_two_parts_of_a_text_are_told_once() -> None:
    frames: list[Frame] = [(0, 0, 40, 0), (30, 0, 70, 0)]
    names = [
        [{"label": "PER", "start": 3, "end": 8}, {"label": "ORG", "start": 31, "end": 36}],
        [{"label": "ORG", "start": 31, "end": 36}, {"label": "PER", "start": 37, "end": 45}],
    ]
    pieces = [Piece(frame, marks, [0.9] * 2) for frame, marks in zip(frames, names, strict=True)]
    assert [one.mark for one in stitch(seam_of("spans", {}), pieces)] == [*names[0], names[1][1]]
    works = {"label": "works", "from": [31, 36], "to": [37, 40]}
    pieces = [Piece(frame, [works], [0.9]) for frame in frames]
    assert [one.mark for one in stitch(seam_of("relations", {}), pieces)] == [works]


def test_every_kind_of_mark_has_a_seam_and_its_examples_pass_through_it_unharmed() -> None:
    marks = {example.kind: example for example in EXAMPLES if isinstance(example.key, list) and example.key
             and isinstance(example.key[0], dict)}  # fmt: skip
    assert marks.keys() == SEAMS.keys()
    for kind, example in marks.items():
        said = next(one for one in example.config["questions"] if one["id"] == "q")
        seam = seam_of(kind, {"tolerance": 10.0} | said)
        one = Piece((0, 0, 1e4, 1e4), example.key, [1.0] * len(example.key))
        assert [whole.mark for whole in stitch(seam, [one])] == example.key
        assert stitch(seam, []) == []
