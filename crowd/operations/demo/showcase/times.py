"""Recordings, films and series of a sensor, each with what happens when."""

from random import Random
from typing import Any

import numpy as np

from crowd.operations.demo.showcase import media
from crowd.operations.demo.showcase.media import Move, Tone
from crowd.operations.demo.showcase.thing import COUNT, Thing

PITCHES = {"low": 220.0, "high": 880.0}
SOUND_S, FILM_S, SENSOR_S = 8.0, 4.0, 60.0


def sounds(random: Random) -> list[Thing]:
    return [_sound(random) for _number in range(COUNT)]


def _sound(random: Random) -> Thing:
    """Two or three tones with silence between them."""
    count = random.randint(2, 3)
    tones, marks = [], []
    for number in range(count):
        start = round(number * SOUND_S / count + random.uniform(0.2, 0.6), 2)
        end = round(start + random.uniform(0.8, 1.6), 2)
        label = random.choice(sorted(PITCHES))
        tones.append(Tone(start=start, end=end, pitch=PITCHES[label]))
        marks.append({"label": label, "start": start, "end": end})
    truth = {"tones": marks, "count": count, "order": " ".join(str(one["label"]) for one in marks)}
    return Thing(truth=truth, files={"sound": media.sound(tones, SOUND_S)})


def spoken(random: Random) -> tuple[str, bytes]:
    """What a simulated worker records: three tones, as long as syllables."""
    tones = [Tone(start=0.4 * n, end=0.4 * n + 0.3, pitch=random.uniform(150, 350)) for n in range(3)]
    return "voice.wav", media.sound(tones, 1.5)


def films(random: Random) -> list[Thing]:
    return [_film(random, 1 + number % 2) for number in range(COUNT)]


def _film(random: Random, count: int) -> Thing:
    """Each block has a lane of its own, so that none hides another."""
    lane = media.FILM_HEIGHT / count
    names = random.sample(sorted(media.BLOCKS), count)
    moves = [_move(random, name, place * lane, lane) for place, name in enumerate(names)]
    tracks = [{"label": one.block, "keyframes": [_keyframe(one, 0), _keyframe(one, 1)]} for one in moves]
    return Thing(truth={"blocks": tracks}, files={"film": media.film(moves, FILM_S)})


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


def actions(random: Random) -> list[Thing]:
    return [_action(random) for _number in range(COUNT)]


def _action(random: Random) -> Thing:
    """A block rests, goes to the other side, and rests again."""
    begins, ends = random.uniform(0.2, 0.35), random.uniform(0.6, 0.8)
    places = [(20.0, 60.0), (240.0, 60.0)]
    random.shuffle(places)
    move = Move(block="blue block", start=places[0], end=places[1], begins=begins, ends=ends)
    times = [0.0, round(begins * FILM_S, 2), round(ends * FILM_S, 2), FILM_S - 0.1]
    marks = [
        {"label": label, "start": start, "end": end}
        for label, start, end in zip(("rests", "moves", "rests"), times, times[1:], strict=False)
    ]
    truth = {"way": "right" if places[0] < places[1] else "left", "moves": marks}
    return Thing(truth=truth, files={"film": media.film([move], FILM_S)})


def sensors(random: Random) -> list[Thing]:
    return [_sensor(random) for _number in range(COUNT)]


def _sensor(random: Random) -> Thing:
    """Two noisy channels at five values a second; one shakes, or falls, for some seconds of each."""
    noise = np.random.default_rng(random.getrandbits(32))
    time = np.arange(round(SENSOR_S * 5)) / 5
    channels = {name: noise.normal(0, 0.15, len(time)) for name in ("x", "y")}
    events: list[dict[str, Any]] = []
    for name in channels:
        start, label = round(random.uniform(5, 40), 1), random.choice(("fall", "shake"))
        end = round(start + random.uniform(5, 12), 1)
        inside = (time >= start) & (time <= end)
        channels[name][inside] += 2 * np.sin(4 * time[inside]) if label == "shake" else -2
        events.append({"label": label, "start": start, "end": end, "channel": name})
    values = {name: [round(float(one), 3) for one in channel] for name, channel in channels.items()}
    series = {"time": time.round(2).tolist(), "channels": values}
    return Thing(columns={"series": series}, truth={"events": sorted(events, key=lambda one: one["start"])})
