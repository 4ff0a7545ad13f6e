"""What was marked on an item, to be looked at: each answer is a layer over it, beside what they were merged to.

The layers are drawn by the tools of the task page in their read-only mode (`templates/web/tools/_layers.html`), each
switched on and off by itself and told as a list. Kinds that mark nothing need none: their answers are words.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crowd.consensus.models import Consensus
from crowd.web.asking import Asked, Unit
from crowd.web.tools import MARKS, MASKS, RELATIONS, SEGMENTS, SPANS, STRETCHES, TRACKS

DRAWN = frozenset({MARKS, MASKS, SPANS, RELATIONS, SEGMENTS, STRETCHES, TRACKS})
MOST = 40  # of more answers to one task the page would be heavy, and nobody tells them apart
TONES = (1, 0, 3, 4, 7, 5, 9)  # label colours that are not like the accent, in which what is settled is drawn
ON = 6  # the others are there to be switched on


@dataclass(frozen=True)
class Source:
    """Who says what: the values of each unit by question, in the words of the version that is shown. `settled`: what
    was merged, or is known; the others are answers."""

    name: str
    units: Sequence[Mapping[str, Any]]
    note: str = ""
    settled: bool = False


@dataclass(frozen=True)
class Drawn:
    """One question's marks in a layer; `value` is the answer as JSON."""

    question: Asked
    value: str
    count: int


@dataclass(frozen=True)
class Layer:
    """`lane` is its place among the `lanes` of the unit, where layers would else hide each other."""

    id: str
    name: str
    note: str
    tone: str
    on: bool
    settled: bool
    lane: int
    lanes: int
    drawn: Sequence[Drawn]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.drawn)


def looked_at(units: Sequence[Unit], sources: Sequence[Source]) -> list[tuple[Unit, list[Layer]]]:
    """Each unit with its layers, in the order of the sources; none where nothing is marked in it."""
    return [(unit, _layers(unit, sources[:MOST])) for unit in units]


def by_unit(merged: Iterable[Consensus], units: int) -> list[dict[str, Any]]:
    """What a task's answers came to, as the values of each unit."""
    found: list[dict[str, Any]] = [{} for _ in range(units)]
    for one in merged:
        found[one.unit][one.question] = one.value
    return found


def _layers(unit: Unit, sources: Sequence[Source]) -> list[Layer]:
    asked = [one for one in unit.questions if one.tool in DRAWN]
    said = [(one, one.units[unit.number]) for one in sources if asked and unit.number < len(one.units)]
    return [_layer(unit, asked, one, values, lane, len(said)) for lane, (one, values) in enumerate(said)]


def _layer(
    unit: Unit, asked: Sequence[Asked], source: Source, values: Mapping[str, Any], lane: int, lanes: int
) -> Layer:
    tone = "var(--accent)" if source.settled else f"var(--label-{TONES[lane % len(TONES)]})"
    drawn = [_drawn(one, values[id], tone) for one in asked if (id := str(one.facts["id"])) in values]
    name = f"layer-{unit.number}-{lane}"
    on = source.settled or lane < ON
    return Layer(name, source.name, source.note, tone, on, source.settled, lane, lanes, drawn)


def _drawn(question: Asked, value: Any, tone: str) -> Drawn:
    """The question with its labels in the colour of the layer: on one item, colour says who."""
    choices = [replace(one, tone=tone, key="") for one in question.choices]
    return Drawn(replace(question, choices=choices), json.dumps(value, ensure_ascii=False), len(value))
