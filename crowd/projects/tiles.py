"""The part of a picture that a task shows, cut out of its file when it is asked for: the file itself stays whole."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import IO, Any, Self

from PIL import Image, ImageOps

JPEG, PNG = "image/jpeg", "image/png"
QUALITY = 92
# What Pillow raises of bytes that are no picture, or whose EXIF is none; that a job is interrupted is not among it.
DAMAGED = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
_ONE_AT_A_TIME = Lock()  # a large picture takes hundreds of megabytes while it is unpacked


@dataclass(frozen=True, kw_only=True)
class Tile:
    """In natural pixels of the whole picture as it is seen, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, shown: Any) -> Self | None:
        """The tile that a payload's column shows (crowd.labeling.split); None where it shows the whole."""
        names = ("x", "y", "width", "height")
        return cls(**{name: int(shown[name]) for name in names}) if "x" in shown and "y" in shown else None

    @property
    def place(self) -> list[int]:
        return [self.x, self.y, self.width, self.height]


def type_of(content_type: str) -> str:
    """What a tile of such a picture is: what was drawn without loss stays so."""
    return JPEG if content_type == JPEG else PNG


def cut_out(file: IO[bytes], content_type: str, tile: Tile) -> bytes:
    """The tile as a file of `type_of` the whole's. Raises OSError for a damaged file."""
    is_jpeg = type_of(content_type) == JPEG
    stream = io.BytesIO()
    with upright(file) as picture:
        part = picture.crop((tile.x, tile.y, tile.x + tile.width, tile.y + tile.height))
        colours = picture.info.get("icc_profile")
        if is_jpeg:
            part.save(stream, "JPEG", quality=QUALITY, icc_profile=colours)
        else:
            part.save(stream, "PNG", icc_profile=colours)
    return stream.getvalue()


def check(file: IO[bytes]) -> None:
    """Raises OSError for a damaged file, of which not all tiles could be cut out."""
    with upright(file):
        pass


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Image.Image]:
    """The picture, not unpacked yet. Raises OSError for a damaged file, and for one too large to be unpacked."""
    try:
        file.seek(0)
        with Image.open(file) as picture:
            yield picture
    except DAMAGED as error:
        raise OSError("This picture is damaged.") from error


@contextmanager
def upright(file: IO[bytes], *, longest: int | None = None) -> Iterator[Image.Image]:
    """The picture unpacked, as it is seen. Raises OSError for a damaged file.

    Where its longer side need only have so many pixels, it may be unpacked to fewer than it has.
    """
    with _ONE_AT_A_TIME, opened(file) as picture:
        if longest:
            share = longest / max(picture.size)
            picture.draft(None, (round(picture.width * share), round(picture.height * share)))
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        yield picture
