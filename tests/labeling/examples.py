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
    before: Sequence[Mapping[str, Any]] = ()  # questions that it needs before it

    @property
    def question(self) -> dict[str, Any]:
        return {"id": "q", "kind": self.kind, "text": "Please mark.", **self.fields}

    @property
    def config(self) -> dict[str, Any]:
        column = {"data": {"kind": self.data, "field": "shown"}}
        return {
            **(column if self.data != "row" else {"data": {"kind": "row"}}),
            "questions": [*self.before, self.question],
        }

    @property
    def unit(self) -> dict[str, Any]:
        """The payload's unit, as it would be of a file of 200 x 100 pixels that plays 20 seconds."""
        media = {
            "image": {"media": 1, "width": 200, "height": 100},
            "audio": {"media": 1, "seconds": 20.0},
            "video": {"media": 1, "width": 200, "height": 100, "seconds": 20.0},
            "text": TEXT,
            "series": {"time": [0.0, 10.0, 20.0], "channels": {"x": [1, 2, 3], "y": [3, 2, 1]}},
        }
        return {"shown": media[self.data], **self.shown} if self.data in media else dict(self.shown)


def around(make: Callable[[float], Any], careless: Any) -> list[Any]:
    """Four careful answers, off by up to two units, and a careless one."""
    return [make(-1), make(0), make(1), make(2), careless]


def _box(off: float, **more: Any) -> dict[str, Any]:
    return {"label": "car", "x": 20.0 + off, "y": 10.0, "width": 60.0, "height": 40.0 - off, **more}


def _span(start: int, end: int, label: str = "person") -> dict[str, Any]:
    return {"label": label, "start": start, "end": end}


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

NODES = [["animal"], ["cat", "Cat", "animal"], ["dog", "Dog", "animal"], ["plant"], ["rose", "Rose", "plant"]]

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
        kind="taxonomy",
        data="text",
        fields={"nodes": NODES, "leaves": True},
        key="cat",
        answers=["cat", "cat", "dog", "cat", "rose"],
        bad="rose",
        wrong=[
            ("tulip", "q", "not one of the labels of the tree"),
            ("animal", "q", "choose one of them"),
            (["cat"], "q", "the id of a label"),
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
    Example(
        kind="rating",
        data="text",
        fields={"words": ["bad", "good"]},
        key=4,
        answers=[4, 4, 5, 4, 1],
        bad=1,
        wrong=[(0, "q", "not between 1 and 5"), (2.5, "q", "whole number"), (True, "q", "whole number")],
    ),
    Example(
        kind="transcript",
        data="audio",
        fields={},
        key="the quick brown fox jumps over the lazy dog",
        answers=[
            "the quick brown fox jumps over the lazy dog",
            "the quick brown fox jumped over the lazy dog",
            "the quick brow fox jumps over the lazy dog",
            "a quick brown fox jumps over the lazy dog",
            "something else",
        ],
        bad="something else entirely",
        wrong=[(3, "q", "must be text"), ("a\0b", "q", "NUL")],
    ),
    Example(
        kind="flags",
        data="row",
        shown={"name": "Ada", "born": "1815"},
        fields={"labels": ["wrong", "missing"], "columns": ["name", "born"]},
        key={"born": ["wrong"]},
        answers=[
            {"born": ["wrong"]},
            {"born": ["wrong"], "name": ["missing"]},
            {"born": ["wrong"]},
            {},
            {"name": ["wrong"]},
        ],
        bad={"name": ["wrong"]},
        wrong=[
            ({"bron": ["wrong"]}, "q.bron", "Did you mean 'born'"),
            ({"born": ["worng"]}, "q.born[0]", "Did you mean 'wrong'"),
            ({"born": ["wrong", "wrong"]}, "q.born", "given twice"),
            ([], "q", "an object of columns"),
        ],
    ),
    Example(
        kind="record",
        data="row",
        shown={"name": "Ada", "year": "1815"},
        fields={
            "fields": [
                {"name": "name", "required": True, "column": "name"},
                {"name": "born", "type": "integer", "minimum": 1000, "maximum": 2100, "column": "year"},
                {"name": "when", "type": "date"},
                {"name": "sex", "type": "choice", "labels": ["f", "m"]},
                {"name": "famous", "type": "flag"},
            ]
        },
        key={"name": "Ada Lovelace", "born": 1815, "sex": "f", "famous": True},
        answers=[
            {"name": "Ada Lovelace", "born": 1815, "sex": "f", "famous": True},
            {"name": "ada lovelace", "born": 1815, "sex": "f"},
            {"name": "Ada Lovelace", "born": 1851, "sex": "f", "famous": True},
            {"name": "Ada Lovelace", "born": 1815, "sex": "f", "famous": True},
            {"name": "Bob", "when": "2020-02-29", "sex": "m", "famous": False},
        ],
        bad={"name": "Bob", "sex": "m"},
        wrong=[
            ({"born": 1815}, "q.name", "filled in"),
            ({"name": "A", "born": 99}, "q.born", "not between 1,000 and 2,100"),
            ({"name": "A", "born": 1815.5}, "q.born", "whole number"),
            ({"name": "A", "when": "2021-02-29"}, "q.when", "not a date"),
            ({"name": "A", "sex": "x"}, "q.sex", "not one of the labels"),
            ({"name": "A", "famous": 1}, "q.famous", "true or false"),
            ({"nmae": "A"}, "q.nmae", "Did you mean 'name'"),
        ],
    ),
    Example(
        kind="pairwise",
        data="row",
        shown={"left": "4", "right": "5"},
        fields={"labels": ["left", "right"], "reasons": ["correct", "polite"], "comment": True},
        key={"choice": "left"},
        answers=[
            {"choice": "left", "reasons": ["correct"]},
            {"choice": "left", "reasons": ["correct", "polite"]},
            {"choice": "left"},
            {"choice": "left", "reasons": ["correct"], "comment": "It adds up."},
            {"choice": "tie"},
        ],
        bad={"choice": "right"},
        wrong=[
            ("middle", "q.choice", "not one of the labels"),
            ({"choice": "left", "reasons": ["polit"]}, "q.reasons[0]", "Did you mean 'polite'"),
            ({"choice": "left", "why": "x"}, "q.why", "not known"),
            ({"choice": "left", "comment": "x" * 5_001}, "q.comment", "5,001 characters"),
        ],
    ),
    Example(
        kind="ranking",
        data="row",
        shown={"a": "1", "b": "2", "c": "3"},
        fields={"labels": ["a", "b", "c"]},
        key=["a", "b", "c"],
        answers=[["a", "b", "c"], ["a", "c", "b"], ["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"]],
        bad=["c", "b", "a"],
        wrong=[
            (["a", "b"], "q", "'c' is missing"),
            (["a", "a", "b"], "q[1]", "given twice"),
            (["a", "b", "d"], "q[2]", "not one of the labels"),
        ],
    ),
    Example(
        kind="best-worst",
        data="row",
        shown={"a": "1", "b": "2", "c": "3"},
        fields={"labels": ["a", "b", "c"]},
        key={"best": "a", "worst": "c"},
        answers=[
            {"best": "a", "worst": "c"},
            {"best": "a", "worst": "b"},
            {"best": "a", "worst": "c"},
            {"best": "b", "worst": "c"},
            {"best": "c", "worst": "a"},
        ],
        bad={"best": "c", "worst": "a"},
        wrong=[
            ({"best": "a", "worst": "a"}, "q.worst", "cannot be the worst"),
            ({"best": "a"}, "q.worst", "name of a label"),
        ],
    ),
)


def ids(example: Example) -> str:
    return f"{example.kind}-{example.name}" if example.name else example.kind
