"""Pictures, sounds and films made from a list of what is in them. Whoever made them knows where everything is."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

PAPER, INK = (250, 248, 242), (60, 60, 70)
COLOURS = {"circle": (34, 102, 170), "square": (170, 102, 34), "triangle": (47, 143, 78)}
FINE = 2  # drawn so many times as large, then made smaller: smooth edges
WIDTH, HEIGHT = 480, 320  # of a picture
RATE = 8_000  # samples a second
FADE_S = 0.02  # or a tone would begin with a click
FILM_WIDTH, FILM_HEIGHT, FRAMES_A_SECOND = 320, 180, 12
BLOCK = 48
BLOCKS = {"blue block": (34, 102, 170), "orange block": (200, 110, 30)}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """`kind` is a key of COLOURS; x and y are the upper left corner of the square of `size` pixels that it fills."""

    kind: str
    x: int
    y: int
    size: int


@dataclass(frozen=True, kw_only=True)
class Tone:
    """Seconds, and hertz."""

    start: float
    end: float
    pitch: float


@dataclass(frozen=True, kw_only=True)
class Move:
    """A block (a key of BLOCKS) that moves evenly, from its upper left corner at the beginning to that at the end."""

    block: str
    start: tuple[float, float]
    end: tuple[float, float]


def picture(shapes: Sequence[Shape], *, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A PNG."""
    image = Image.new("RGB", (width * FINE, height * FINE), PAPER)
    for shape in shapes:
        _draw(ImageDraw.Draw(image), shape)
    file = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _draw(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    x0, y0, x1, y1 = (FINE * side for side in (shape.x, shape.y, shape.x + shape.size, shape.y + shape.size))
    fill = COLOURS[shape.kind]
    if shape.kind == "circle":
        pen.ellipse((x0, y0, x1, y1), fill, INK, FINE)
    elif shape.kind == "square":
        pen.rectangle((x0, y0, x1, y1), fill, INK, FINE)
    else:
        pen.polygon(((x0 + x1) / 2, y0, x1, y1, x0, y1), fill, INK, FINE)


def sound(tones: Sequence[Tone], seconds: float) -> bytes:
    """A WAV of one channel, silent between the tones."""
    samples = np.zeros(round(seconds * RATE))
    for tone in tones:
        first, last = round(tone.start * RATE), round(tone.end * RATE)
        samples[first:last] += _tone(last - first, tone.pitch)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes((samples * 12_000).astype("<i2").tobytes())
    return file.getvalue()


def _tone(count: int, pitch: float) -> npt.NDArray[np.float64]:
    """With a second harmonic, so that it sounds less like a test signal."""
    at = np.arange(count) / RATE
    fade = np.clip(np.minimum(at, at[::-1]) / FADE_S, 0, 1)
    wanted: npt.NDArray[np.float64] = fade * (np.sin(2 * pi * pitch * at) + 0.3 * np.sin(4 * pi * pitch * at))
    return wanted


def film(moves: Sequence[Move], seconds: float) -> bytes:
    """A WebM with a whole picture every second, so that a browser finds any frame quickly."""
    file, count = io.BytesIO(), round(seconds * FRAMES_A_SECOND)
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=FRAMES_A_SECOND, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = FILM_WIDTH, FILM_HEIGHT, "yuv420p"
        stream.gop_size = FRAMES_A_SECOND
        for number in range(count):
            frame = _frame(moves, number / count)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def _frame(moves: Sequence[Move], share: float) -> npt.NDArray[np.uint8]:
    """The picture after a share of the time."""
    pixels = np.full((FILM_HEIGHT, FILM_WIDTH, 3), PAPER, np.uint8)
    for move in moves:
        x, y = (round(one + share * (other - one)) for one, other in zip(move.start, move.end, strict=True))
        pixels[y : y + BLOCK, x : x + BLOCK] = BLOCKS[move.block]
    return pixels
