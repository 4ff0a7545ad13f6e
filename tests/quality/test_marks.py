"""What a worker draws: boxes, ellipses, points, poses, lines, segments, tracks, polygons and masks, merged and scored.

Each kind has a simulated crowd whose truth is known: careful workers, a careless one, one who misses much and one who
invents things. The merged marks must beat the best single worker.
"""

import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crowd.quality.boxes import Box, BoxShape, Ellipse, EllipseShape
from crowd.quality.geometry import area, overlap, robust_mean, weighted_median
from crowd.quality.marks import Mark, MarkVotes, MergeMarks, Shape, marks_right
from crowd.quality.mask_votes import MaskVotes, PixelVote, Staple, WeightedPixelVote
from crowd.quality.masks import Mask, MaskShape, dice, mask_overlap
from crowd.quality.points import Point, PointShape, PolylineShape, PoseShape, along
from crowd.quality.polygons import PolygonShape, fill, simplified, trace
from crowd.quality.segments import Segment, SegmentShape
from crowd.quality.tracks import TrackShape, tracking_accuracy

Rng = np.random.Generator
LABELS = ("car", "dog")
# (spread of places as a share of the thing's size, share missed, share mislabelled, invented a task)
CROWD = ((0.03, 0.1, 0.05, 0.1), (0.04, 0.15, 0.05, 0.2), (0.05, 0.1, 0.1, 0.1), (0.12, 0.2, 0.15, 0.3),
         (0.05, 0.5, 0.05, 0.0), (0.05, 0.1, 0.1, 1.5))  # fmt: skip


def box(rng: Rng) -> Box:
    return Box(*rng.uniform(0, 600, 2), *rng.uniform(40, 120, 2))


def shaken_box(thing: Box, spread: float, rng: Rng) -> Box:
    dx, dy = rng.normal(0, spread, 2) * (thing.width, thing.height)
    width, height = np.array([thing.width, thing.height]) * np.exp(rng.normal(0, spread, 2))
    return Box(thing.x + dx, thing.y + dy, width, height)


def turned_box(rng: Rng) -> Box:
    return box(rng)._replace(rotation=rng.uniform(-90, 90))


def shaken_turned_box(thing: Box, spread: float, rng: Rng) -> Box:
    """Also, now and then, the same box drawn from another corner."""
    moved = shaken_box(thing, spread, rng)._replace(rotation=thing.rotation + rng.normal(0, 60 * spread))
    if rng.random() < 0.3:
        x, y, width, height, rotation = moved
        middle = (x + width / 2, y + height / 2)
        moved = Box(middle[0] - height / 2, middle[1] - width / 2, height, width, rotation + 90)
    return moved


def ellipse(rng: Rng) -> Ellipse:
    (x, y), (rx, ry) = rng.uniform(50, 600, 2), rng.uniform(20, 60, 2)
    return Ellipse(x, y, rx, ry, rng.uniform(-90, 90))


def shaken_ellipse(thing: Ellipse, spread: float, rng: Rng) -> Ellipse:
    dx, dy = rng.normal(0, spread * 60, 2)
    rx, ry = np.array(thing[2:4]) * np.exp(rng.normal(0, spread, 2))
    return Ellipse(thing.x + dx, thing.y + dy, rx, ry, thing.rotation + rng.normal(0, 60 * spread))


def point(rng: Rng) -> Point:
    return Point(*rng.uniform(0, 1000, 2))


def shaken_point(thing: Point, spread: float, rng: Rng) -> Point:
    return Point(*(np.array(thing) + rng.normal(0, spread * 100, 2)))


def pose(rng: Rng) -> dict[str, Point]:
    centre = rng.uniform(0, 1000, 2)
    return {name: Point(*(centre + rng.uniform(-60, 60, 2))) for name in ("head", "hand", "foot")}


def shaken_pose(thing: dict[str, Point], spread: float, rng: Rng) -> dict[str, Point]:
    return {name: shaken_point(place, spread, rng) for name, place in thing.items() if rng.random() > spread}


def line(rng: Rng) -> list[Point]:
    start = rng.uniform(0, 900, 2)
    return [Point(*(start + step)) for step in np.cumsum(rng.uniform(-20, 60, (5, 2)), axis=0)]


def shaken_line(thing: list[Point], spread: float, rng: Rng) -> list[Point]:
    """Also, now and then, drawn from the other end."""
    moved = [shaken_point(place, spread, rng) for place in thing]
    return moved[::-1] if rng.random() < 0.3 else moved


def segment(rng: Rng) -> Segment:
    start = rng.uniform(0, 300)
    return Segment(start, start + rng.uniform(3, 9), str(rng.choice(["left", "right"])))


def shaken_segment(thing: Segment, spread: float, rng: Rng) -> Segment:
    start, end = np.array(thing[:2]) + rng.normal(0, spread * 6, 2)
    return Segment(start, max(end, start + 0.5), thing.channel)


def track(rng: Rng) -> list[tuple[float, ...]]:
    start, (x, y), (vx, vy) = rng.uniform(0, 5), rng.uniform(0, 400, 2), rng.uniform(-30, 30, 2)
    return [(start + t, x + vx * t + 4 * t * t, y + vy * t, 60.0, 40.0) for t in (0.0, 1.0, 2.0, 3.0)]


def shaken_track(thing: list[tuple[float, ...]], spread: float, rng: Rng) -> list[tuple[float, ...]]:
    shift = rng.normal(0, spread)
    return [(t + shift, *(np.array(frame) + rng.normal(0, spread * 40, 4) * (1, 1, 0.3, 0.3))) for t, *frame in thing]


def polygon(rng: Rng) -> list[Point]:
    centre, angles = rng.uniform(80, 600, 2), np.sort(rng.uniform(0, 2 * np.pi, 9))
    away = rng.uniform(35, 70, 9)
    return [Point(*(centre + r * np.array([np.cos(a), np.sin(a)]))) for r, a in zip(away, angles, strict=True)]


def shaken_polygon(thing: list[Point], spread: float, rng: Rng) -> list[Point]:
    return [Point(*(np.array(place) + rng.normal(0, spread * 80, 2))) for place in thing]


KINDS: dict[str, tuple[Shape[Any], Callable[[Rng], Any], Callable[[Any, float, Rng], Any]]] = {
    "box": (BoxShape(), box, shaken_box),
    "turned box": (BoxShape(), turned_box, shaken_turned_box),
    "ellipse": (EllipseShape(), ellipse, shaken_ellipse),
    "point": (PointShape(tolerance=8), point, shaken_point),
    "pose": (PoseShape(tolerance=12), pose, shaken_pose),
    "polyline": (PolylineShape(tolerance=12), line, shaken_line),
    "segment": (SegmentShape(), segment, shaken_segment),
    "track": (TrackShape(), track, shaken_track),
    "polygon": (PolygonShape(grid=96), polygon, shaken_polygon),
}


def simulated(kind: str, tasks: int, seed: int = 0) -> tuple[MarkVotes[Any], list[list[Mark[Any]]]]:
    """Answers of the crowd, and the truth of each task."""
    rng = np.random.default_rng(seed)
    _shape, new, shaken = KINDS[kind]
    truth = [[Mark(new(rng), str(rng.choice(LABELS))) for _ in range(rng.integers(1, 4))] for _ in range(tasks)]
    rows: list[tuple[int, int, list[Mark[Any]]]] = []
    for task, things in enumerate(truth):
        for worker, (spread, missed, mislabelled, invented) in enumerate(CROWD):
            seen = [
                Mark(
                    shaken(thing.geometry, spread, rng),
                    other(thing.label) if rng.random() < mislabelled else thing.label,
                )
                for thing in things
                if rng.random() > missed
            ]
            rows.append((task, worker, seen + [Mark(new(rng), "car") for _ in range(rng.poisson(invented))]))
    return MarkVotes.from_marks(*zip(*rows, strict=True)), truth


def other(label: str) -> str:
    return LABELS[1 - LABELS.index(label)]


def merged(votes: MarkVotes[Any], shape: Shape[Any]) -> list[list[Mark[Any]]]:
    return [[Mark(one.geometry, one.label) for one in found] for found in MergeMarks(shape).fit(votes).found]


def mean_right(
    shape: Shape[Any], answers: Sequence[Sequence[Mark[Any]]], truth: Sequence[Sequence[Mark[Any]]]
) -> float:
    return float(np.mean([marks_right(shape, said, key) for said, key in zip(answers, truth, strict=True)]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_merged_marks_beat_the_best_single_worker(kind: str) -> None:
    shape = KINDS[kind][0]
    votes, truth = simulated(kind, tasks=30)
    alone = [
        mean_right(shape, [marks for marks, by in zip(votes.marks, votes.worker, strict=True) if by == w], truth)
        for w in range(len(CROWD))
    ]
    together = mean_right(shape, merged(votes, shape), truth)
    assert together > max(alone) + 0.05, (together, alone)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_answers_does_not_matter(kind: str) -> None:
    shape = KINDS[kind][0]
    votes, _truth = simulated(kind, tasks=4)
    shuffled = np.random.default_rng(5).permutation(len(votes.marks)).tolist()
    again = MarkVotes.from_marks(
        [int(votes.task[i]) for i in shuffled],
        [int(votes.worker[i]) for i in shuffled],
        [votes.marks[i] for i in shuffled],
    )
    first = dict(zip(votes.tasks, merged(votes, shape), strict=True))
    second = dict(zip(again.tasks, merged(again, shape), strict=True))
    for task in first:
        assert len(first[task]) == len(second[task])
        assert marks_right(shape, first[task], second[task]) > 0.99


@pytest.mark.parametrize("kind", KINDS)
def test_one_worker_keeps_what_he_drew_and_an_equal_mark_is_fully_alike(kind: str) -> None:
    shape, new, _shaken = KINDS[kind]
    thing = new(np.random.default_rng(3))
    assert shape.likeness([thing], [thing])[0, 0] == pytest.approx(1)
    fit = MergeMarks(shape).fit(MarkVotes.from_marks(["t"], ["w"], [[Mark(thing, "dog")]]))
    (found,) = fit.found[0] + fit.doubtful[0]
    assert found.label == "dog"
    assert found.workers == ("w",)
    assert shape.likeness([found.geometry], [thing])[0, 0] > 0.95


def test_nothing_marked_by_anybody_is_an_answer() -> None:
    fit = MergeMarks(BoxShape()).fit(MarkVotes.from_marks(["t", "t"], ["a", "b"], [[], []]))
    assert fit.found == ((),)
    assert fit.things is None
    assert MergeMarks(BoxShape()).fit(MarkVotes.from_marks([], [], [])).found == ()


def test_a_thing_that_most_did_not_see_is_doubtful_and_a_worker_is_never_matched_with_himself() -> None:
    real, invented = Box(0, 0, 10, 10), Box(50, 50, 10, 10)
    answers = [[Mark(real)], [Mark(real)], [Mark(real), Mark(invented), Mark(Box(0, 0, 10, 11))]]
    fit = MergeMarks(BoxShape()).fit(MarkVotes.from_marks(["t"] * 3, "abc", answers))
    assert [one.workers for one in fit.found[0]] == [("a", "b", "c")]
    assert [one.workers for one in fit.doubtful[0]] == [("c",), ("c",)]


def test_a_worker_twice_on_a_task_is_named() -> None:
    with pytest.raises(ValueError, match="answer at position 1: 'a' answered 't' before"):
        MarkVotes.from_marks(["t", "t"], ["a", "a"], [[], []])


def test_boxes_by_hand() -> None:
    alike = BoxShape().likeness([Box(0, 0, 10, 10)], [Box(5, 0, 10, 10), Box(20, 20, 1, 1)])
    assert alike[0].tolist() == pytest.approx([50 / 150, 0])
    turned = BoxShape().likeness([Box(0, 0, 20, 10)], [Box(5, -5, 10, 20, 90), Box(0, 0, 20, 10, 90)])
    assert turned[0].tolist() == pytest.approx([1, 100 / 300])


def test_marks_against_a_key_by_hand() -> None:
    """One box found half, one missed, one too many, one with the wrong label."""
    key = [Mark(Box(0, 0, 10, 10), "dog"), Mark(Box(50, 0, 10, 10), "dog"), Mark(Box(0, 50, 10, 10), "car")]
    said = [Mark(Box(0, 0, 10, 5), "dog"), Mark(Box(90, 90, 5, 5), "dog"), Mark(Box(0, 50, 10, 10), "dog")]
    assert marks_right(BoxShape(), said, key) == pytest.approx(0.5 / 3)
    assert marks_right(BoxShape(), key, key) == 1
    assert marks_right(BoxShape(), [], []) == 1
    assert marks_right(BoxShape(), [], key) == 0


def test_poses_and_segments_by_hand() -> None:
    """One of two keypoints, one tolerance away: exp(-1/2) over the two that either shows."""
    one, two = {"head": Point(0, 0), "hand": Point(9, 9)}, {"head": Point(3, 4)}
    assert PoseShape(tolerance=5).likeness([one], [two])[0, 0] == pytest.approx(np.exp(-0.5) / 2)
    alike = SegmentShape().likeness([Segment(0, 4, "a")], [Segment(2, 6, "a"), Segment(0, 4, "b")])
    assert alike[0].tolist() == pytest.approx([2 / 6, 0])
    spans = SegmentShape(whole=True).fuse([Segment(0, 4), Segment(0, 5), Segment(1, 5)], np.ones(3))
    assert spans == Segment(0, 5)


def test_tracking_accuracy_by_hand() -> None:
    """Ten frames: found for five, then taken for another thing's track (a switch) for five."""
    still = [(0.0, 0.0, 0.0, 10.0, 10.0), (0.9, 0.0, 0.0, 10.0, 10.0)]
    halves = [[(0.0, 0.0, 0.0, 10.0, 10.0), (0.4, 0.0, 0.0, 10.0, 10.0)], [(0.5, 0.0, 0.0, 10.0, 10.0), still[1]]]
    key = [Mark(still)]
    assert tracking_accuracy(key, key) == 1
    assert tracking_accuracy([Mark(halves[0])], key) == pytest.approx(0.5)
    assert tracking_accuracy([Mark(half) for half in halves], key) == pytest.approx(0.9)
    assert tracking_accuracy([Mark(still), Mark(still)], key) == 0
    assert tracking_accuracy([], []) == 1


masks = arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@settings(max_examples=60, deadline=None)
@given(masks)
def test_run_lengths_and_outlines_give_the_same_mask_back(pixels: np.ndarray[Any, Any]) -> None:
    mask = Mask.from_pixels(pixels)
    assert (mask.pixels == pixels).all()
    assert mask.area == pixels.sum()
    height, width = pixels.shape
    filled = np.zeros_like(pixels)
    for outline in trace(pixels):
        filled ^= fill(outline, height, width)
    assert (filled == pixels).all()


def test_what_comparing_costs_follows_what_was_drawn_and_not_the_size_of_the_item() -> None:
    side = 10_000
    masks = [Mask(side, side, (start, 50, side * side - start - 50)) for start in range(0, 400, 20)]
    tracks = [[(at, 0.0, 0.0, 9.0, 9.0), (at + 1.0, 5.0, 0.0, 9.0, 9.0)] for at in (0.0, 0.5, 999_999.0)]
    tracemalloc.start()
    alike = MaskShape().likeness(masks, masks)
    fused = MaskShape().fuse(masks[:3], np.array([1.0, 1.0, 1.0]))
    together = TrackShape().likeness(tracks, tracks)
    accuracy = tracking_accuracy([Mark(track) for track in tracks], [Mark(track) for track in tracks])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert alike[0, :4].tolist() == pytest.approx([1, 30 / 70, 10 / 90, 0])
    assert fused == Mask(side, side, (20, 50, side * side - 70))
    assert (np.diag(together).tolist(), together[0, 1] > 0, together[0, 2], accuracy) == ([1, 1, 1], True, 0, 1)
    assert peak < 50_000_000  # unpacked, the masks alone are 2 GB
    assert MaskShape().likeness([Mask(2, 2, (0, 4))], [Mask(1, 4, (0, 4))]) == 0  # images of different size


def test_a_mask_as_coco_writes_it() -> None:
    """Down the columns, zeros first: COCO's own example of a 3 x 3 image."""
    assert Mask.from_pixels(np.array([[0, 1, 1], [0, 1, 0], [0, 0, 0]], bool)).counts == (3, 2, 1, 1, 2)
    assert Mask.from_pixels(np.ones((2, 2), bool)).counts == (0, 4)
    with pytest.raises(ValueError, match="3 x 3 pixels"):
        Mask(3, 3, (4, 4))


def test_masks_by_hand() -> None:
    one, two = np.array([[1, 1, 0, 0]], bool), np.array([[0, 1, 1, 0]], bool)
    assert mask_overlap(one, two) == pytest.approx(1 / 3)
    assert dice(one, two) == pytest.approx(1 / 2)
    assert MaskShape().fuse([Mask.from_pixels(one), Mask.from_pixels(two)], np.array([3.0, 1])).counts == (0, 2, 2)


def masked_crowd(kinds: str, seed: int = 0, tasks: int = 10) -> tuple[MaskVotes, list[Any]]:
    """Discs by careful, loose (too much, to a random side), tight, random and empty painters, a letter each."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:90, :120]
    rows, truth = [], []
    for task in range(tasks):
        cx, cy, r = rng.uniform(40, 80), rng.uniform(35, 55), rng.uniform(12, 20)
        truth.append((x - cx) ** 2 + (y - cy) ** 2 < r * r)
        for worker, kind in enumerate(kinds):
            (dx, dy), size, side = rng.normal(0, 1.5, 2), np.exp(rng.normal(0, 0.04)), rng.uniform(0, 2 * np.pi)
            size *= {"l": 1.4, "t": 0.75, "e": 0.0}.get(kind, 1.0)
            if kind == "l":
                dx, dy = dx + 5 * np.cos(side), dy + 5 * np.sin(side)
            if kind == "r":
                dx, dy = rng.uniform(-40, 40, 2)
            rows.append((task, worker, Mask.from_pixels((x - cx - dx) ** 2 + (y - cy - dy) ** 2 < (size * r) ** 2)))
    return MaskVotes.from_masks(*zip(*rows, strict=True)), truth


def mean_overlap(masks: Sequence[Mask], truth: Sequence[Any]) -> float:
    return float(np.mean([mask_overlap(mask.pixels, right) for mask, right in zip(masks, truth, strict=True)]))


@pytest.mark.parametrize("kinds", ["cccccc", "cccl", "ccctt", "cccro", "ccclll"])
def test_merged_masks_beat_the_best_single_worker(kinds: str) -> None:
    votes, truth = masked_crowd(kinds)
    alone = [mean_overlap([m for m, w in zip(votes.masks, votes.worker, strict=True) if w == worker], truth)
             for worker in range(len(kinds))]  # fmt: skip
    assert mean_overlap(WeightedPixelVote().fit(votes).consensus, truth) > max(alone)


def test_two_careful_painters_are_found_among_three_who_paint_nothing_or_anything() -> None:
    """The plain vote keeps nothing; the weighted one and STAPLE learn whom to believe."""
    votes, truth = masked_crowd("cceer")
    vote, weighted, staple = (method.fit(votes) for method in (PixelVote(), WeightedPixelVote(), Staple()))
    assert mean_overlap(vote.consensus, truth) < 0.2
    assert mean_overlap(weighted.consensus, truth) > 0.8
    assert mean_overlap(staple.consensus, truth) > 0.8
    assert staple.sensitivity[:2].min() > 0.8 > staple.sensitivity[2:].max()
    assert vote.sensitivity.shape == (5,)


def test_masks_of_different_sizes_are_named_and_empty_ones_are_an_answer() -> None:
    small, large = Mask(1, 4, (4,)), Mask(2, 4, (8,))
    with pytest.raises(ValueError, match="mask at position 1 is 2 x 4, others of 't' are 1 x 4"):
        MaskVotes.from_masks(["t", "t"], ["a", "b"], [small, large])
    for method in (Staple(), PixelVote(), WeightedPixelVote()):
        assert method.fit(MaskVotes.from_masks(["t", "t"], ["a", "b"], [small, small])).consensus == (small,)


def test_geometry_by_hand() -> None:
    square = np.array([(0.0, 0), (2, 0), (2, 2), (0, 2)])
    assert area(square) == 4
    assert overlap(square, square[::-1] + 1) == pytest.approx(1 / 7)
    assert weighted_median(np.array([[1.0], [2], [9]]), np.array([1.0, 1, 1])) == 2
    assert robust_mean(np.array([[1.0], [1.1], [0.9], [50]]), np.ones(4))[0] == pytest.approx(1, abs=0.05)
    assert along([Point(0, 0), Point(2, 0), Point(2, 2)], 3).tolist() == [[0, 0], [2, 0], [2, 2]]
    assert len(simplified(np.array([(0.0, 0), (5, 0.1), (10, 0), (10, 10), (0, 10)]), 0.5)) == 4
