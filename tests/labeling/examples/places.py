"""Marks in a picture."""

from typing import Any

from tests.labeling.examples.base import Example, around


def _box(off: float, **more: Any) -> dict[str, Any]:
    return {"label": "car", "x": 20.0 + off, "y": 10.0, "width": 60.0, "height": 40.0 - off, **more}


def _square(off: float) -> dict[str, Any]:
    sides = (20.0 + off, 10.0), (80.0 + off, 10.0), (80.0 + off, 50.0), (20.0 + off, 50.0)
    return {"label": "leaf", "points": [list(side) for side in sides]}


def _line(off: float) -> dict[str, Any]:
    return {"label": "lane", "points": [[10.0, 10.0 + off], [60.0, 20.0 + off], [120.0, 40.0 + off]]}


def _hand(off: float) -> dict[str, Any]:
    return {"label": "hand", "points": {"wrist": [50.0 + off, 20.0], "thumb": [60.0 + off, 30.0]}}


def _ellipse(off: float) -> dict[str, Any]:
    return {"label": "cell", "x": 60.0 + off, "y": 50.0, "rx": 30.0 + off, "ry": 20.0, "rotation": 15.0}


def _mask(off: int) -> dict[str, Any]:
    """A rectangle of 30 columns and 40 rows, drawn `off` columns farther to the right."""
    first = 100 * (20 + off) + 10
    runs = [first, *[40, 60] * 29, 40]
    return {"label": "water", "size": [100, 200], "counts": [*runs, 20_000 - sum(runs)]}


PLACES: tuple[Example, ...] = (
    Example(
        kind="boxes",
        data="image",
        fields={"labels": ["car", "bus"], "rotation": True, "min_size": 3},
        key=[_box(0), {"label": "bus", "x": 120.0, "y": 30.0, "width": 50.0, "height": 30.0, "rotation": 20.0}],
        answers=around(
            lambda off: [
                _box(off),
                {"label": "bus", "x": 120.0 + off, "y": 30.0, "width": 50.0, "height": 30.0, "rotation": 20.0 + off},
            ],
            [{"label": "bus", "x": 0.0, "y": 0.0, "width": 15.0, "height": 15.0}],
        ),
        bad=[{"label": "bus", "x": 0.0, "y": 0.0, "width": 15.0, "height": 15.0}],
        wrong=[
            ("car", "q", "a list of marks"),
            ([_box(0, x=150.0)], "q[0].width", "outside the image"),
            ([_box(0, y=-4)], "q[0].y", "not between"),
            ([_box(0), _box(0, x=float("nan"))], "q[1].x", "finite"),
            ([_box(0, width=True)], "q[0].width", "a number"),
            ([_box(0, width=2.0)], "q[0]", "smaller"),
            ([_box(0, width=0)], "q[0]", "no size"),
            ([_box(0, label="cra")], "q[0].label", "Did you mean 'car'"),
            ([_box(0, colour="red")], "q[0].colour", "not known"),
            ([_box(0)] * 50_000, "q", "At most 1,000 marks"),
            ([_box(0, rotation=-361)], "q[0].rotation", "not between"),
        ],
    ),
    Example(
        kind="boxes",
        name="ocr",
        data="image",
        fields={"labels": ["line"], "transcript": "required"},
        key=[_box(0, label="line", text="EXIT 12")],
        answers=[
            [_box(0, label="line", text="EXIT 12")],
            [_box(1, label="line", text="EXIT 12")],
            [_box(-1, label="line", text="EXIT 21")],
            [_box(2, label="line", text="EXIT 12")],
            [_box(0, label="line", text="exit")],
        ],
        bad=[_box(0, label="line", text="no way")],
        wrong=[
            ([_box(0, label="line")], "q[0].text", "missing"),
            ([_box(0, label="line", text=3)], "q[0].text", "must be text"),
            ([_box(0, label="line", text="a", rotation=10)], "q[0].rotation", "straight"),
        ],
    ),
    Example(
        kind="polygons",
        data="image",
        fields={"labels": ["leaf"], "min_size": 2},
        key=[_square(0)],
        answers=around(lambda off: [_square(off)], [_square(60)]),
        bad=[_square(60)],
        wrong=[
            ([{"label": "leaf", "points": [[1, 1], [5, 5]]}], "q[0].points", "3 to 5,000"),
            ([{"label": "leaf", "points": [[1, 1], [5, 5], [9, 9]]}], "q[0].points", "no size"),
            ([{"label": "leaf", "points": [[1, 1], [5, 5], [9, 109]]}], "q[0].points[2][1]", "not between"),
            ([{"label": "leaf", "points": [[1, 1], [5, 5], [9]]}], "q[0].points[2]", "x and y"),
            ([{"label": "leaf", "points": [[1, 1], [1.5, 1], [1, 1.5]]}], "q[0]", "smaller"),
            ([{"label": "leaf", "points": [[1, 1], [9, 1], [1, 9]] * 1_500}] * 12, "q", "54,000, of at most 50,000"),
        ],
    ),
    Example(
        kind="polylines",
        data="image",
        fields={"labels": ["lane"], "tolerance": 5},
        key=[_line(0)],
        answers=around(lambda off: [_line(off)], [_line(50)]),
        bad=[_line(50)],
        wrong=[([{"label": "lane", "points": [[1, 1]]}], "q[0].points", "2 to 5,000")],
    ),
    Example(
        kind="points",
        data="image",
        fields={"labels": ["seed"]},
        key=[{"label": "seed", "x": 40.0, "y": 40.0}, {"label": "seed", "x": 140.0, "y": 60.0}],
        answers=around(
            lambda off: [{"label": "seed", "x": 40.0 + off, "y": 40.0}, {"label": "seed", "x": 140.0, "y": 60.0 + off}],
            [{"label": "seed", "x": 90.0, "y": 5.0}],
        ),
        bad=[],
        wrong=[([{"label": "seed", "x": 201, "y": 4}], "q[0].x", "not between 0 and 200")],
    ),
    Example(
        kind="keypoints",
        data="image",
        fields={"labels": ["hand"], "skeleton": ["wrist", "thumb", "index"], "edges": [["wrist", "thumb"]]},
        key=[_hand(0)],
        answers=around(lambda off: [_hand(off)], [_hand(60)]),
        bad=[_hand(60)],
        wrong=[
            ([{"label": "hand", "points": {"tumb": [1, 1]}}], "q[0].points.tumb", "Did you mean 'thumb'"),
            ([{"label": "hand", "points": {}}], "q[0].points", "No keypoint"),
            ([{"label": "hand", "points": {"thumb": None}}], "q[0].points", "No keypoint"),
            ([{"label": "hand", "points": [[1, 1]]}], "q[0].points", "object of keypoints"),
            ([{"label": "hand", "points": {"thumb": [1, 500]}}], "q[0].points.thumb[1]", "not between"),
        ],
    ),
    Example(
        kind="ellipses",
        data="image",
        fields={"labels": ["cell"]},
        key=[_ellipse(0)],
        answers=around(lambda off: [_ellipse(off)], [_ellipse(-28)]),
        bad=[_ellipse(-28)],
        wrong=[
            ([_ellipse(0) | {"rx": 0}], "q[0]", "no size"),
            ([_ellipse(0) | {"rotation": 361}], "q[0].rotation", "not between"),
        ],
    ),
    Example(
        kind="masks",
        data="image",
        fields={"labels": ["water"]},
        key=[_mask(0)],
        answers=around(lambda off: [_mask(int(off))], [_mask(45)]),
        bad=[_mask(45)],
        wrong=[
            ([_mask(0) | {"size": [100, 100]}], "q[0].size", "100 × 200"),
            ([_mask(0) | {"counts": [5, 5]}], "q[0].counts", "add up to 10"),
            ([_mask(0) | {"counts": [5, 0, 19_995]}], "q[0].counts", "above 0"),
            ([_mask(0) | {"counts": [20_000]}], "q[0]", "no size"),
            ([_mask(0) | {"counts": "~~~"}], "q[0].counts", "compressed"),
            ([_mask(0) | {"counts": [1] * 200_001}], "q[0].counts", "200,000 runs"),
            ([_mask(0) | {"counts": [1] * 20_000}] * 11, "q", "220,000, of at most 200,000"),
        ],
    ),
)
