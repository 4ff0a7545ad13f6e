"""Small files of each kind of media, made here: 200 x 100 pixels, 20 seconds."""

import io
import wave
from collections.abc import Callable, Mapping

import av
import numpy as np
from av.stream import Disposition
from PIL import Image

WIDTH, HEIGHT, SECONDS = 200, 100, 20


def picture(orientation: int = 1) -> tuple[str, bytes]:
    """A JPEG that is seen 200 x 100, however it lies in the file."""
    size = (HEIGHT, WIDTH) if orientation in (5, 6, 7, 8) else (WIDTH, HEIGHT)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.new("RGB", size, "green").save(file, "jpeg", exif=exif)
    return "one.jpg", file.getvalue()


def document(pages: int = 3) -> tuple[str, bytes]:
    """Pages of 200 x 100 points, one after the other brighter."""
    drawn = [Image.new("L", (WIDTH, HEIGHT), 60 * number) for number in range(pages)]
    file = io.BytesIO()
    drawn[0].save(file, "PDF", save_all=True, append_images=drawn[1:], resolution=72)
    return "one.pdf", file.getvalue()


def sound(format: int = 1, *, rate: int = 3000) -> tuple[str, bytes]:
    """Of 8 bits: linear, or as telephones speak (6: A-law, 7: mu-law). rate: samples a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(rate)
        written.writeframes(b"\x80" * rate * SECONDS)
    content = file.getvalue()
    return "one.wav", content[:20] + format.to_bytes(2, "little") + content[22:]


def film(name: str = "one.mp4", codec: str = "libx264", *, cover: bool = False) -> tuple[str, bytes]:
    """One frame a second; the cover, if any, is a square picture."""
    file = io.BytesIO()
    with av.open(file, "w", format=name.rpartition(".")[2]) as container:
        stream = container.add_stream(codec, rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        if cover:
            _add_cover(container)
        for number in range(SECONDS):
            container.mux(stream.encode(_frame(WIDTH, HEIGHT, number * 10)))
        container.mux(stream.encode())
    return name, file.getvalue()


def _add_cover(container: av.container.OutputContainer) -> None:
    cover = container.add_stream("mjpeg", rate=1)
    assert isinstance(cover, av.VideoStream)
    cover.width, cover.height, cover.pix_fmt, cover.disposition = 64, 64, "yuvj420p", Disposition.attached_pic
    container.mux([*cover.encode(_frame(64, 64, 200)), *cover.encode()])


def _frame(width: int, height: int, grey: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((height, width, 3), grey, np.uint8), format="rgb24")


FILES: Mapping[str, Callable[[], tuple[str, bytes]]] = {"image": picture, "audio": sound, "video": film}
