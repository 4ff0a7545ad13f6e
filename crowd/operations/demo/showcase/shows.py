"""What is shown and what is true of it: a `Show` for every kind of data, each with its question."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from crowd.operations.demo.showcase import media
from crowd.operations.demo.showcase.media import Move, Shape, Tone

SEED = Path(__file__).parent / "seed"
PITCHES = {"low": 220.0, "high": 880.0}
SOUND_S, FILM_S, SENSOR_S = 8.0, 4.0, 60.0
GOLD, FIRST, REST = 2, 6, 6  # things with a known answer, those that the crowd works through, those that wait
COUNT = GOLD + FIRST + REST


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An item: its columns, the bytes of its file where it is one, and the right answers by question."""

    columns: Mapping[str, Any]
    truth: Mapping[str, Any]
    file: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Show:
    """`cents` is the reward, `seconds` what one task takes, `ending` that of its files, empty where it is words.

    `brought` makes the file that a simulated worker brings, where the question collects some: there is no truth then.
    """

    title: str
    description: str
    cents: int
    seconds: float
    config: Mapping[str, Any]
    things: Callable[[Random], Sequence[Thing]]
    ending: str = ""
    brought: Callable[[Random], bytes] | None = None

    @property
    def field(self) -> str:
        return str(self.config["data"].get("field", ""))


def _asking(name: str) -> dict[str, Any]:
    """The label config of a show, as a requester would send it."""
    found: dict[str, Any] = json.loads((SEED / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SEED / f"{name}-items.json").read_text(encoding="utf-8"))
    return found


def _pictures(random: Random) -> list[Thing]:
    """One to four shapes on a grid of six places; now and then none."""
    return [_picture(random, 0 if number % 7 == 3 else random.randint(1, 4)) for number in range(COUNT)]


def _picture(random: Random, count: int) -> Thing:
    places = random.sample(list(product(range(3), range(2))), count)
    shapes = [_shape(random, column * 160, row * 160) for column, row in places]
    boxes = [{"label": one.kind, "x": one.x, "y": one.y, "width": one.size, "height": one.size} for one in shapes]
    truth = {"seen": "yes", "shapes": boxes} if shapes else {"seen": "no"}
    return Thing(columns={}, truth=truth, file=media.picture(shapes))


def _shape(random: Random, x: int, y: int) -> Shape:
    size = random.randint(60, 120)
    room = 150 - size
    kind = random.choice(sorted(media.COLOURS))
    return Shape(kind=kind, x=x + 5 + random.randint(0, room), y=y + 5 + random.randint(0, room), size=size)


def _texts(random: Random) -> list[Thing]:
    """Sentences in which names stand marked as ``[Ada Lovelace|person]``."""
    return [_marked(row["text"]) for row in _rows("text")]


def _marked(marked: str) -> Thing:
    text, spans = "", []
    for plain, name, label in re.findall(r"([^\[]*)(?:\[([^|]*)\|([^\]]*)\])?", marked):
        text += plain
        if name:
            spans.append({"label": label, "start": len(text), "end": len(text) + len(name)})
            text += name
    return Thing(columns={"text": text}, truth={"names": spans})


def _sounds(random: Random) -> list[Thing]:
    return [_sound(random) for _number in range(COUNT)]


def _sound(random: Random) -> Thing:
    """Two or three tones with silence between them."""
    count = random.randint(2, 3)
    tones, truth = [], []
    for number in range(count):
        start = round(number * SOUND_S / count + random.uniform(0.2, 0.6), 2)
        end = round(start + random.uniform(0.8, 1.6), 2)
        label = random.choice(sorted(PITCHES))
        tones.append(Tone(start=start, end=end, pitch=PITCHES[label]))
        truth.append({"label": label, "start": start, "end": end})
    return Thing(columns={}, truth={"tones": truth}, file=media.sound(tones, SOUND_S))


def _films(random: Random) -> list[Thing]:
    return [_film(random, 1 + number % 2) for number in range(COUNT)]


def _film(random: Random, count: int) -> Thing:
    """Each block has a lane of its own, so that none hides another."""
    lane = media.FILM_HEIGHT / count
    names = random.sample(sorted(media.BLOCKS), count)
    moves = [_move(random, name, place * lane, lane) for place, name in enumerate(names)]
    tracks = [{"label": one.block, "keyframes": [_keyframe(one, 0), _keyframe(one, 1)]} for one in moves]
    return Thing(columns={}, truth={"blocks": tracks}, file=media.film(moves, FILM_S))


def _move(random: Random, name: str, top: float, lane: float) -> Move:
    left, right = random.uniform(0, 60), random.uniform(200, media.FILM_WIDTH - media.BLOCK)
    heights = [top + random.uniform(0, lane - media.BLOCK) for _end in range(2)]
    ends = [(left, heights[0]), (right, heights[1])]
    random.shuffle(ends)
    return Move(block=name, start=ends[0], end=ends[1])


def _keyframe(move: Move, share: float) -> dict[str, float]:
    """The last one a frame before the end, where the last picture stands."""
    last = 1 - 1 / (FILM_S * media.FRAMES_A_SECOND)
    x, y = (round(one + last * share * (other - one), 2) for one, other in zip(move.start, move.end, strict=True))
    return {"time": round(last * share * FILM_S, 2), "x": x, "y": y, "width": media.BLOCK, "height": media.BLOCK}


def _tables(random: Random) -> list[Thing]:
    """Rows with the sentence that they were copied from; `right` holds what was copied wrongly."""
    found = []
    for row in _rows("row"):
        columns = {name: str(row[name]) for name in ("name", "born", "town", "source")}
        record = {name: row["right"].get(name, row[name]) for name in ("name", "born", "town")}
        found.append(Thing(columns=columns, truth={"flags": {name: ["wrong"] for name in row["right"]}, "row": record}))
    return found


def _answers(random: Random) -> list[Thing]:
    """Two answers to a question, the better one on either side."""
    found = []
    for row in _rows("comparison"):
        sides = ["answer_a", "answer_b"]
        random.shuffle(sides)
        columns = {"prompt": row["prompt"], **dict(zip(sides, (row["better"], row["worse"]), strict=True))}
        truth = {"better": {"choice": sides[0], "reasons": row["reasons"]}, "helpful": row["helpful"]}
        found.append(Thing(columns=columns, truth=truth))
    return found


def _sensors(random: Random) -> list[Thing]:
    return [_sensor(random) for _number in range(COUNT)]


def _sensor(random: Random) -> Thing:
    """Two noisy channels at five values a second; one shakes, or falls, for some seconds of each."""
    noise = np.random.default_rng(random.getrandbits(32))
    time = np.arange(round(SENSOR_S * 5)) / 5
    channels = {name: noise.normal(0, 0.15, len(time)) for name in ("x", "y")}
    events = []
    for name in channels:
        start, label = round(random.uniform(5, 40), 1), random.choice(("fall", "shake"))
        end = round(start + random.uniform(5, 12), 1)
        inside = (time >= start) & (time <= end)
        channels[name][inside] += 2 * np.sin(4 * time[inside]) if label == "shake" else -2
        events.append({"label": label, "start": start, "end": end, "channel": name})
    values = {name: [round(float(one), 3) for one in channel] for name, channel in channels.items()}
    series = {"time": time.round(2).tolist(), "channels": values}
    return Thing(columns={"series": series}, truth={"events": sorted(events, key=lambda one: one["start"])})


def _prompts(random: Random) -> list[Thing]:
    agreed = {"consent": True}
    return [
        Thing(columns={"prompt": row["prompt"]}, truth={"words": {"text": row["words"]} | agreed, "picture": agreed})
        for row in _rows("collection")
    ]


def _drawing(random: Random) -> bytes:
    """What a simulated worker brings: two shapes on paper."""
    return media.picture([_shape(random, 0, 0), _shape(random, 160, 0)], width=320, height=160)


SHOWS: Sequence[Show] = (
    Show(
        title="Shapes in pictures",
        description="Draw a box around each circle, square and triangle. Some pictures are empty.",
        cents=4,
        seconds=12,
        config=_asking("image"),
        things=_pictures,
        ending="png",
    ),
    Show(
        title="Names in sentences",
        description="Mark the people, places and organisations that a sentence names.",
        cents=4,
        seconds=14,
        config=_asking("text"),
        things=_texts,
    ),
    Show(
        title="High and low tones",
        description="Listen to eight seconds and mark when a high or a low tone is heard.",
        cents=5,
        seconds=25,
        config=_asking("audio"),
        things=_sounds,
        ending="wav",
    ),
    Show(
        title="Moving blocks",
        description="Follow each block through a film of four seconds: a box where it begins, one where it ends.",
        cents=8,
        seconds=35,
        config=_asking("video"),
        things=_films,
        ending="webm",
    ),
    Show(
        title="Rows copied with slips",
        description="Compare a row with the sentence that it was copied from, and put right what is wrong.",
        cents=4,
        seconds=15,
        config=_asking("row"),
        things=_tables,
    ),
    Show(
        title="Which answer is better?",
        description="Two answers to one question: say which is better, why, and how helpful it is.",
        cents=5,
        seconds=20,
        config=_asking("comparison"),
        things=_answers,
    ),
    Show(
        title="What the sensor felt",
        description="Mark on which channel of a sensor something shakes or falls, and when.",
        cents=5,
        seconds=25,
        config=_asking("series"),
        things=_sensors,
    ),
    Show(
        title="Pictures of everyday things",
        description="Bring a drawing or photo of a thing and a sentence about it. People look at every one.",
        cents=15,
        seconds=60,
        config=_asking("collection"),
        things=_prompts,
        brought=_drawing,
    ),
)
