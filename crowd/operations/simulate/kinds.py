"""What somebody says to a question of any kind whose right answer is known. Pure: plain JSON in and out.

`skill`, from 0 to 1, is the share of closed questions that he answers rightly. What has a place is off by a normal
deviation of (1 - skill) of its own size, inside the item; of several marks he misses some and confuses some labels.
Only mistakes that people make: nobody draws outside of the picture, and every answer is one that the question accepts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Any

from crowd.labeling.conditions import is_asked
from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import Question
from crowd.labeling.scene import Scene

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FAR = 1_000_000.0  # pixels, seconds: where the item's own size is not known


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question, put to one person about one thing."""

    question: Any  # a Question; each kind below knows its own fields
    skill: float
    scene: Scene
    dice: Random

    @property
    def spread(self) -> float:
        return 1 - self.skill

    def slips(self, share: float = 1.0) -> bool:
        return self.dice.random() < share * self.spread

    def off(self, size: float) -> float:
        """A deviation for something of this size."""
        return self.dice.gauss(0, 1) * self.spread * size

    def other(self, names: Sequence[Any], right: Any) -> Any:
        """One of the others; the right one where there are none."""
        return self.dice.choice([name for name in names if name != right] or [right])

    @property
    def labels(self) -> list[str]:
        return sorted(self.question.label_names)


Says = Callable[[Asked, Any], Any]


def answer(
    config: LabelConfig, truth: Mapping[str, Any], *, skill: float, scene: Scene, dice: Random
) -> dict[str, Any]:
    """His answers to one unit, question by question: what his own earlier answers do not lead to is left out. He never
    slips towards a question that the truth leaves open: nothing is known that he could say there."""
    given: dict[str, Any] = {}
    for question in config.questions:
        if not is_asked(question.when, given):
            continue
        if question.id in truth:
            given[question.id] = says(question, truth[question.id], skill=skill, scene=scene, dice=dice, before=given)
        elif question.required and skill < 1:
            return answer(config, truth, skill=1.0, scene=scene, dice=dice)
    return given


def says(
    question: Question, truth: Any, *, skill: float, scene: Scene, dice: Random, before: Mapping[str, Any] | None = None
) -> Any:
    """His answer to one question; `before` are those that he gave before it in the same unit."""
    said = SAYS[question.kind](Asked(question=question, skill=skill, scene=scene, dice=dice), truth)
    return _joined(question, said, before or {}) if question.kind == "relations" else said


def _joined(question: Any, relations: list[dict[str, Any]], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Only what he marked can he join."""
    spans = {(span["start"], span["end"]) for span in before.get(question.of, ())}
    return [one for one in relations if {tuple(one["from"]), tuple(one["to"])} <= spans]


def _between(value: float, low: float, high: float | None) -> float:
    return round(min(max(value, low), FAR if high is None else high), 2)


# One value


def _choice(asked: Asked, truth: str) -> str:
    return str(asked.other(asked.labels, truth)) if asked.slips() else truth


def _multi_choice(asked: Asked, truth: list[str]) -> list[str]:
    said = [label.name for label in asked.question.labels if (label.name in truth) != asked.slips(0.5)]
    most = asked.question.at_most
    return said if asked.question.at_least <= len(said) <= (len(said) if most is None else most) else truth


def _number(asked: Asked, truth: float) -> float:
    moved = truth + (asked.off(max(abs(truth), 1.0)) if asked.slips() else 0.0)
    low, high = asked.question.minimum, asked.question.maximum
    said = _between(moved, -FAR if low is None else low, high)
    return round(said) if asked.question.integer else said


def _rating(asked: Asked, truth: int) -> int:
    step = asked.dice.choice((-1, 1)) if asked.slips() else 0
    return int(min(max(truth + step, asked.question.lowest), asked.question.highest))


def _words(asked: Asked, truth: str) -> str:
    """Some words with one letter struck wrong."""
    return " ".join(_mistyped(word, asked.dice) if asked.slips(0.5) else word for word in truth.split(" "))


def _mistyped(word: str, dice: Random) -> str:
    place = dice.randrange(max(len(word), 1))
    return word[:place] + dice.choice(LETTERS) + word[place + 1 :]


def _taxonomy(asked: Asked, truth: str) -> str:
    """A neighbour in the tree, where the tree is at hand."""
    tree = asked.question.tree
    if tree is None or not asked.slips():
        return truth
    inner = tree.parents if asked.question.leaves else ()
    return str(asked.other([name for name in asked.labels if name not in inner], truth))


# Marks


def _marks(shake: Says) -> Says:
    """Each mark of the truth: seen or missed, its place shaken, its label right or another."""

    def say(asked: Asked, truth: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen = [mark for mark in truth if not asked.slips(0.5)]
        seen = seen if len(seen) >= asked.question.at_least else truth
        return [_described(asked, shake(asked, mark)) for mark in seen]

    return say


def _described(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    label = asked.other(asked.labels, mark["label"]) if asked.slips(0.25) else mark["label"]
    read = {"text": _words(asked, mark["text"])} if "text" in mark else {}
    return {**mark, "label": label, **read}


def _frame(asked: Asked, box: dict[str, Any]) -> dict[str, Any]:
    """A box or one of a track's, moved and stretched inside the picture."""
    found = dict(box)
    for start, size, whole in (("x", "width", asked.scene.width), ("y", "height", asked.scene.height)):
        length = _between(box[size] * exp(asked.off(0.5)), min(box[size], asked.question.min_size or 1.0), whole)
        found[size] = length
        found[start] = _between(box[start] + asked.off(0.5 * box[size]), 0, (whole or FAR) - length)
    return found | ({"rotation": _turned(asked, box)} if "rotation" in box else {})


def _turned(asked: Asked, mark: dict[str, Any]) -> float:
    return _between(mark.get("rotation", 0.0) + asked.off(30), -180, 180)


def _place(asked: Asked, place: Sequence[float], size: float) -> list[float]:
    x, y = place
    return [
        _between(x + asked.off(size), 0, asked.scene.width),
        _between(y + asked.off(size), 0, asked.scene.height),
    ]


def _outline(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    """Every corner by itself, the less the smaller the whole."""
    size = max(max(axis) - min(axis) for axis in zip(*mark["points"], strict=True))
    return {**mark, "points": [_place(asked, place, 0.2 * size) for place in mark["points"]]}


def _point(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    x, y = _place(asked, (mark["x"], mark["y"]), asked.question.tolerance)
    return {**mark, "x": x, "y": y}


def _keypoints(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    size = asked.question.tolerance
    return {**mark, "points": {name: _place(asked, place, size) for name, place in mark["points"].items()}}


def _ellipse(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    x, y = _place(asked, (mark["x"], mark["y"]), 0.5 * min(mark["rx"], mark["ry"]))
    radii = {name: _between(mark[name] * exp(asked.off(0.5)), 1.0, None) for name in ("rx", "ry")}
    return {**mark, "x": x, "y": y, **radii} | ({"rotation": _turned(asked, mark)} if "rotation" in mark else {})


def _mask(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    """The whole of it some columns to one side, as far as there is room: runs go down the columns."""
    height, width = mark["size"]
    first, *inner, last = mark["counts"]
    if len(mark["counts"]) % 2 == 0:  # painted to the last pixel: no room on the right
        return mark
    by = round(asked.off(0.1 * width)) * height
    by = min(max(by, height - first), last - height) if first > height and last > height else 0
    return {**mark, "counts": [first + by, *inner, last - by]}


def _span(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    """Too short by a word's beginning: what is cut off never meets the next one."""
    text, start, end = asked.scene.text, mark["start"], mark["end"]
    if text is None or not asked.slips(0.5):
        return mark
    cut = text.rfind(" ", start + 1, end)
    least = max(asked.question.min_size, 1)
    return {**mark, "end": cut} if cut - start >= least and text[start:cut].strip() else mark


def _segment(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    """Begun too late, ended too early: so that it stays clear of its neighbours."""
    length = mark["end"] - mark["start"]
    room = max(length - max(asked.question.min_size, 0.05), 0.0)
    late, early = (min(abs(asked.off(0.3 * length)), 0.4 * room) for _end in range(2))
    return {**mark, "start": round(mark["start"] + late, 2), "end": round(mark["end"] - early, 2)}


def _track(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    return {**mark, "keyframes": [_frame(asked, frame) for frame in mark["keyframes"]]}


def _relation(asked: Asked, mark: dict[str, Any]) -> dict[str, Any]:
    return mark


# Rows and comparisons


def _flags(asked: Asked, truth: dict[str, list[str]]) -> dict[str, list[str]]:
    seen = {column: labels for column, labels in truth.items() if not asked.slips(0.5)}
    columns = asked.question.columns or tuple(asked.scene.columns)
    if columns and asked.slips(0.3):
        seen.setdefault(asked.dice.choice(columns), [asked.dice.choice(asked.labels)])
    return seen


def _record(asked: Asked, truth: dict[str, Any]) -> dict[str, Any]:
    fields = {field.name: field for field in asked.question.fields}
    return {name: _field(asked, fields[name], value) if asked.slips(0.5) else value for name, value in truth.items()}


def _field(asked: Asked, field: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if field.type in ("integer", "number"):
        low, high = field.minimum, field.maximum
        said = _between(value + asked.dice.choice((-1, 1)), -FAR if low is None else low, high)
        return round(said) if field.type == "integer" else said
    if field.type == "choice":
        return asked.other(field.labels, value)
    return _mistyped(value, asked.dice) if field.type == "text" else value


def _pairwise(asked: Asked, truth: dict[str, Any]) -> dict[str, Any]:
    choice = asked.other(asked.labels, truth["choice"]) if asked.slips() else truth["choice"]
    reasons = [reason for reason in truth.get("reasons", ()) if not asked.slips()]
    return {"choice": choice} | ({"reasons": reasons} if reasons else {})


def _ranking(asked: Asked, truth: list[str]) -> list[str]:
    """Neighbours taken for each other."""
    said = list(truth)
    for place in range(len(said) - 1):
        if asked.slips(0.7):
            said[place : place + 2] = said[place + 1], said[place]
    return said


def _best_worst(asked: Asked, truth: dict[str, str]) -> dict[str, str]:
    names = [name for name in asked.labels if name not in truth.values()]
    said = {end: asked.dice.choice(names) if names and asked.slips() else name for end, name in truth.items()}
    return said if said["best"] != said["worst"] else {"best": truth["worst"], "worst": truth["best"]}


def _contribution(asked: Asked, truth: dict[str, Any]) -> dict[str, Any]:
    """There is no right one: what he brings is the caller's, who has stored the file."""
    return truth


SAYS: Mapping[str, Says] = {
    "choice": _choice,
    "multi-choice": _multi_choice,
    "taxonomy": _taxonomy,
    "number": _number,
    "rating": _rating,
    "text": _words,
    "transcript": _words,
    "boxes": _marks(_frame),
    "polygons": _marks(_outline),
    "polylines": _marks(_outline),
    "points": _marks(_point),
    "keypoints": _marks(_keypoints),
    "ellipses": _marks(_ellipse),
    "masks": _marks(_mask),
    "spans": _marks(_span),
    "relations": _marks(_relation),
    "segments": _marks(_segment),
    "tracks": _marks(_track),
    "flags": _flags,
    "record": _record,
    "pairwise": _pairwise,
    "ranking": _ranking,
    "best-worst": _best_worst,
    "contribution": _contribution,
}
