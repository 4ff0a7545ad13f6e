"""One example of each kind of question that is judged: what is asked, a key, five answers, one that misses.

Of the five the first four are careful, each off by a little in his own way; the fifth is careless. What they come to
together is nearer to the key than most of them (`tests/consensus/test_kinds.py`), and what is wrong is refused with its
place (`tests/labeling/test_kinds.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TEXT = "Ada Lovelace wrote to Charles Babbage in London. 👩‍💻 She was right."


@dataclass(frozen=True)
class Example:
    """`shown` is what the unit shows beside a media file; `wrong` are values, each with the place and a word."""

    kind: str
    data: str
    fields: Mapping[str, Any]
    key: Any
    answers: Sequence[Any]
    bad: Any
    wrong: Sequence[tuple[Any, str, str]]
    shown: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""  # where a kind has several examples

    @property
    def question(self) -> dict[str, Any]:
        return {"id": "q", "kind": self.kind, "text": "Please mark.", **self.fields}

    @property
    def config(self) -> dict[str, Any]:
        column = {"data": {"kind": self.data, "field": "shown"}}
        return {**(column if self.data != "row" else {"data": {"kind": "row"}}), "questions": [self.question]}

    @property
    def unit(self) -> dict[str, Any]:
        """The payload's unit, as it would be of a file of 200 x 100 pixels that plays 20 seconds."""
        media = {
            "image": {"media": 1, "width": 200, "height": 100},
            "audio": {"media": 1, "seconds": 20.0},
            "video": {"media": 1, "width": 200, "height": 100, "seconds": 20.0},
            "text": TEXT,
        }
        return {"shown": media[self.data], **self.shown} if self.data in media else dict(self.shown)


def around(make: Callable[[float], Any], careless: Any) -> list[Any]:
    """Four careful answers, off by up to two units, and a careless one."""
    return [make(-1), make(0), make(1), make(2), careless]


def _box(off: float, **more: Any) -> dict[str, Any]:
    return {"label": "car", "x": 20.0 + off, "y": 10.0, "width": 60.0, "height": 40.0 - off, **more}


def _span(start: int, end: int, label: str = "person") -> dict[str, Any]:
    return {"label": label, "start": start, "end": end}


ADA, CHARLES, LONDON = _span(0, 12), _span(22, 37), _span(41, 47, "place")

EXAMPLES: tuple[Example, ...] = (
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
)


def ids(example: Example) -> str:
    return f"{example.kind}-{example.name}" if example.name else example.kind
