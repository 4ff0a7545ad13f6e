"""Marks in a text, and in time."""

from typing import Any

from tests.labeling.examples.base import Example, around


def _span(start: int, end: int, label: str = "person") -> dict[str, Any]:
    return {"label": label, "start": start, "end": end}


def _stretch(start: float, end: float, label: str = "speech", **more: Any) -> dict[str, Any]:
    return {"label": label, "start": float(start), "end": float(end), **more}


STILL = {"x": 20.0, "y": 20.0, "width": 40.0, "height": 30.0}


def _track(off: float) -> dict[str, Any]:
    frames = ((1.0, 20.0), (8.0, 90.0), (12.0, 60.0))
    box = {"y": 20.0, "width": 40.0, "height": 30.0}
    return {
        "label": "car",
        "keyframes": [{"time": time, "x": min(x + off, 195.0), **box} for time, x in frames],
    }


ADA, CHARLES, LONDON = _span(0, 12), _span(22, 37), _span(41, 47, "place")


STRETCHES: tuple[Example, ...] = (
    Example(
        kind="spans",
        data="text",
        fields={"labels": ["person", "place"]},
        key=[ADA, CHARLES, LONDON],
        answers=[
            [ADA, CHARLES, LONDON],
            [ADA, CHARLES],
            [ADA, _span(22, 29), LONDON],
            [ADA, CHARLES, LONDON],
            [_span(13, 18, "place")],
        ],
        bad=[_span(13, 18, "place")],
        wrong=[
            ([_span(60, 90)], "q[0].end", "not between 0 and 67"),
            ([_span(5, 5)], "q[0].end", "before it begins"),
            ([_span(12, 13)], "q[0]", "only space"),
            ([_span(0, 12), _span(4, 18)], "q", "overlap at 4"),
            ([{"label": "person", "start": 0.5, "end": 3}], "q[0].start", "whole number"),
        ],
    ),
    Example(
        kind="relations",
        data="text",
        fields={"labels": ["wrote to", "lives in"], "of": "names"},
        before=[{"id": "names", "kind": "spans", "text": "Who?", "labels": ["person"], "required": False}],
        key=[{"label": "wrote to", "from": [0, 12], "to": [22, 37]}],
        answers=[
            [{"label": "wrote to", "from": [0, 12], "to": [22, 37]}],
            [{"label": "wrote to", "from": [0, 12], "to": [22, 37]}],
            [{"label": "wrote to", "from": [0, 3], "to": [22, 37]}],
            [{"label": "wrote to", "from": [0, 12], "to": [22, 37]}],
            [{"label": "lives in", "from": [22, 37], "to": [41, 47]}],
        ],
        bad=[{"label": "wrote to", "from": [22, 37], "to": [0, 12]}],
        wrong=[
            ([{"label": "wrote to", "from": [0, 12], "to": [0, 12]}], "q[0].to", "two different"),
            ([{"label": "wrote to", "from": 3, "to": [0, 12]}], "q[0].from", "its start and its end"),
            ([{"label": "wrote to", "from": [0, 10**400], "to": [0, 12]}], "q[0].from", "ends at 67"),
            ([{"label": "wrote to", "from": [5, 5], "to": [0, 12]}], "q[0].from", "no span"),
        ],
    ),
    Example(
        kind="segments",
        data="audio",
        fields={"labels": ["speech", "music"], "transcript": "optional", "overlap": False},
        key=[_stretch(2, 6, text="hello there"), _stretch(10, 15, "music")],
        answers=around(
            lambda off: [_stretch(2 + off / 10, 6, text="hello there"), _stretch(10, 15 + off / 10, "music")],
            [_stretch(7, 9, "music")],
        ),
        bad=[_stretch(7, 9, "music")],
        wrong=[
            ([_stretch(2, 21)], "q[0].end", "not between 0 and 20"),
            ([_stretch(6, 2)], "q[0].end", "before it begins"),
            ([_stretch(2, 6), _stretch(5, 8)], "q", "overlap"),
            ([_stretch(2, 6, channel="x")], "q[0].channel", "not known"),
        ],
    ),
    Example(
        kind="segments",
        name="channels",
        data="series",
        fields={"labels": ["anomaly"], "channels": ["x", "y"]},
        key=[_stretch(2, 6, "anomaly", channel="x")],
        answers=around(
            lambda off: [_stretch(2 + off / 10, 6, "anomaly", channel="x")], [_stretch(2, 6, "anomaly", channel="y")]
        ),
        bad=[_stretch(2, 6, "anomaly", channel="y")],
        wrong=[([_stretch(2, 6, "anomaly", channel="z")], "q[0].channel", "not one of the channels")],
    ),
    Example(
        kind="tracks",
        data="video",
        fields={"labels": ["car"]},
        key=[_track(0)],
        answers=around(lambda off: [_track(off)], [_track(60)]),
        bad=[_track(60)],
        wrong=[
            ([_track(0) | {"keyframes": []}], "q[0].keyframes", "1 to 5,000"),
            ([_track(0) | {"keyframes": _track(0)["keyframes"][::-1]}], "q[0].keyframes[1].time", "not after"),
            ([_track(150)], "q[0].keyframes[0].width", "outside the image"),
            ([_track(0) | {"keyframes": [{"time": 21.0}]}], "q[0].keyframes[0].time", "not between"),
            ([_track(0) | {"keyframes": [STILL | {"time": n / 100} for n in range(1_500)]}] * 34, "q", "51,000, of at"),
        ],
    ),
)
