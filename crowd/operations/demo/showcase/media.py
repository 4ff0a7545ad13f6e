"""Pictures, sounds and films made from a list of what is in them. Whoever made them knows where everything is."""

import io
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

PAPER, INK = (250, 248, 242), (60, 60, 70)
ASPHALT, LEAVES, BOARD = (150, 150, 158), (47, 143, 78), (24, 92, 60)
Place = tuple[int, int]
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
class Street:
    """The places that a road goes through, those of a figure (head, hip, both feet), and the middles of trees."""

    road: Sequence[Place]
    figure: Sequence[Place]
    trees: Sequence[Place]


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A board with words, by its upper left corner and its size."""

    words: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Move:
    """A block (a key of BLOCKS) that moves evenly from one upper left corner to another, resting before `begins` and
    after `ends`: shares of the film."""

    block: str
    start: tuple[float, float]
    end: tuple[float, float]
    begins: float = 0
    ends: float = 1


def picture(shapes: Sequence[Shape], *, width: int = WIDTH, height: int = HEIGHT, blur: float = 0) -> bytes:
    """A PNG; the larger `blur`, the less sharp."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for shape in shapes:
            _draw(pen, shape)

    return _drawn(draw, width, height, blur)


def street(what: Street) -> bytes:
    """A PNG."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        pen.line([_fine(one) for one in what.road], ASPHALT, 14 * FINE, "curve")
        for tree in what.trees:
            pen.circle(_fine(tree), 11 * FINE, LEAVES)
        head, hip, *feet = [_fine(one) for one in what.figure]
        for bone in [(head, hip), *((hip, foot) for foot in feet)]:
            pen.line(bone, INK, 4 * FINE)
        pen.circle(head, 9 * FINE, INK)

    return _drawn(draw, WIDTH, HEIGHT)


def signs(boards: Sequence[Sign]) -> bytes:
    """A PNG."""
    letters = ImageFont.load_default(20 * FINE)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for one in boards:
            corners = [_fine((one.x, one.y)), _fine((one.x + one.width, one.y + one.height))]
            pen.rectangle((*corners[0], *corners[1]), BOARD)
            middle = _fine((one.x + one.width // 2, one.y + one.height // 2))
            pen.text(middle, one.words, PAPER, letters, anchor="mm")

    return _drawn(draw, WIDTH, HEIGHT)


def _fine(place: Place) -> Place:
    return FINE * place[0], FINE * place[1]


def _drawn(draw: Callable[[ImageDraw.ImageDraw], None], width: int, height: int, blur: float = 0) -> bytes:
    image = Image.new("RGB", (width * FINE, height * FINE), PAPER)
    draw(ImageDraw.Draw(image))
    made = image.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    (made.filter(ImageFilter.GaussianBlur(blur)) if blur else made).save(file, "PNG")
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
        stream.codec_context.thread_count = 1  # so small a picture takes longer with several
        for number in range(count):
            frame = _frame(moves, number / count)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def _frame(moves: Sequence[Move], share: float) -> npt.NDArray[np.uint8]:
    """The picture after a share of the time."""
    pixels = np.full((FILM_HEIGHT, FILM_WIDTH, 3), PAPER, np.uint8)
    for move in moves:
        done = min(max((share - move.begins) / (move.ends - move.begins), 0), 1)
        x, y = (round(one + done * (other - one)) for one, other in zip(move.start, move.end, strict=True))
        pixels[y : y + BLOCK, x : x + BLOCK] = BLOCKS[move.block]
    return pixels
