"""Smaller copies of large pictures, for the pages: a screen shows no more than they hold until somebody zooms in.

A copy lies beside its picture in the storage and leaves with it. It is made as the picture comes in; where there is
none, whoever asks first has it made. An empty one says that the picture is shown as it is. What is marked, stored and
exported counts in the pixels of the picture itself.
"""

import io
import os
from typing import IO, Protocol
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from PIL import Image

from crowd.projects import tiles

LONGEST = 2_560  # pixels of a copy's longer side: what the page has room for, on a screen with two dots a pixel
LARGEST = 1_000_000  # bytes of a picture that is shown as it is, however few its pixels: what the next task may take
QUALITY = 88
JPEG, WEBP = "image/jpeg", "image/webp"  # the latter keeps what can be seen through
_PLAIN = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")  # others are for the browser to make colours of


class Picture(Protocol):
    """A MediaFile, or what will be one."""

    @property
    def storage_name(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...


def is_large(picture: Picture) -> bool:
    """Whether pages show a copy. Never of one whose size is not known: its copy would be taken for the whole."""
    if picture.content_type not in (JPEG, "image/png", WEBP) or not picture.width or not picture.height:
        return False
    return max(picture.width, picture.height) > LONGEST or picture.size > LARGEST


def type_of(picture: Picture) -> str:
    return JPEG if picture.content_type == JPEG else WEBP


def name_of(storage_name: str) -> str:
    """Where the copy of a file lies, if it has one."""
    return f"{storage_name}.copy"


def found(picture: Picture) -> str | None:
    """The name of its copy in the storage, made if it is not there; None where the picture is shown as it is.

    Raises FileNotFoundError when the picture is gone.
    """
    name = name_of(picture.storage_name)
    try:
        return name if default_storage.size(name) else None
    except FileNotFoundError:
        pass
    with default_storage.open(picture.storage_name) as file:
        return keep(file, picture)


def remove(storage_name: str) -> None:
    """Delete a file, and its copy where it has one."""
    for name in (name_of(storage_name), storage_name):
        default_storage.delete(name)


def keep(file: IO[bytes], picture: Picture) -> str | None:
    """Make and store the copy; its name, or None where there is none that helps: of what is damaged, moves, has colours
    of print or of more than eight bits, or takes fewer bytes as it is."""
    name = name_of(picture.storage_name)
    content = _content(file, picture)
    _store(name, content)
    return name if content else None


def _content(file: IO[bytes], picture: Picture) -> bytes:
    """What is to be stored: of a picture that is shown as it is nothing, so that nobody tries again."""
    try:
        made = _made(file, type_of(picture)) if _is_plain(file) else b""
    except OSError:
        return b""
    return made if len(made) < picture.size else b""


def _store(name: str, content: bytes) -> None:
    """Whole or not at all: somebody may be asking for it. Where two made it at once, one is kept."""
    if isinstance(default_storage, FileSystemStorage):
        part = default_storage.save(f"{name}.{uuid4().hex}", ContentFile(content))
        os.replace(default_storage.path(part), default_storage.path(name))
    elif (kept := default_storage.save(name, ContentFile(content))) != name:  # a bucket shows no half of a file
        default_storage.delete(kept)


def _is_plain(file: IO[bytes]) -> bool:
    with tiles.opened(file) as picture:
        return picture.mode in _PLAIN and not getattr(picture, "is_animated", False)


def _made(file: IO[bytes], content_type: str) -> bytes:
    made = io.BytesIO()
    with tiles.upright(file, longest=LONGEST) as picture:
        mode = _mode(picture, content_type)
        is_as_described = mode == "L" or picture.mode not in ("1", "L", "LA")  # a profile of greys is for greys only
        profile = picture.info.get("icc_profile") if is_as_described else None
        seen = picture.convert(mode)
        seen.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        if content_type == JPEG:
            seen.save(made, "JPEG", quality=QUALITY, icc_profile=profile)
        else:
            seen.save(made, "WEBP", quality=QUALITY, method=2, icc_profile=profile)
    return made.getvalue()


def _mode(picture: Image.Image, content_type: str) -> str:
    if content_type == JPEG:
        return "L" if picture.mode == "L" else "RGB"
    return "RGBA" if picture.has_transparency_data else "RGB"
