"""What workers bring: checked by its content like media of requesters. Pictures are freed of what they tell about their
maker; recordings, videos and documents are kept as they are."""

import shutil
from dataclasses import asdict
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO
from uuid import uuid4

import av
from av.error import FFmpegError
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from crowd.kernel.errors import BadInput
from crowd.labeling.kinds.contribution import Contribution
from crowd.projects import copies, media_types
from crowd.projects.errors import FetchRefused, TooLarge
from crowd.projects.imports.extent import Extent, extent_of
from crowd.projects.imports.media import CHUNK, IN_MEMORY_BYTES, MAX_NAME, measured
from crowd.projects.imports.rows import Stored
from crowd.projects.media_types import PDF, PDF_START
from crowd.projects.tiles import DAMAGED

MOST_PIXELS = 60_000_000  # each is unpacked once, to be written anew
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def keep(stream: BinaryIO, *, question: Contribution, folder: str, filename: str) -> Stored:
    """Store a file for a question. Raises BadInput for another kind of file, a damaged, too short or too long one,
    TooLarge; then nothing is kept."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as whole, SpooledTemporaryFile(IN_MEMORY_BYTES) as clean:
        _copy(stream, whole, question.max_bytes)
        content_type = _content_type(whole, question.takes)
        extent = _extent(whole, question)
        _without_traces(whole, clean, content_type)
        size, sha256 = measured(clean)
        clean.seek(0)
        name = f"{folder}/{uuid4().hex}{EXTENSIONS[content_type]}"
        kept = Stored(
            storage_name=default_storage.save(name, File(clean, name=name)),
            filename=filename.rpartition("/")[2].rpartition("\\")[2][:MAX_NAME],
            content_type=content_type,
            size=size,
            sha256=sha256,
            **asdict(extent),
        )
        if copies.is_large(kept):
            copies.keep(clean, kept)
        return kept


def _copy(stream: BinaryIO, file: IO[bytes], most: int) -> None:
    left = most
    while chunk := stream.read(min(CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise TooLarge(_("A file has at most %(most)s bytes.") % {"most": f"{most:,}"})
        file.write(chunk)


def _content_type(file: IO[bytes], takes: str) -> str:
    file.seek(0)
    head = file.read(media_types.HEAD_BYTES)
    found = PDF if head.startswith(PDF_START) else media_types.sniff(head)
    if takes == "audio" and found == "video/webm" and not _has_picture(file):
        return "audio/webm"  # as browsers record it
    if found not in TAKEN[takes]:
        names = ", ".join(sorted(EXTENSIONS[one][1:] for one in TAKEN[takes]))
        raise BadInput(errors={"file": _("By its content this is none of %(names)s.") % {"names": names}})
    return found


def _has_picture(file: IO[bytes]) -> bool:
    file.seek(0)
    try:
        with av.open(file, mode="r") as container:
            return bool(container.streams.video)
    except (FFmpegError, OSError, ValueError):
        return True


def _extent(file: IO[bytes], question: Contribution) -> Extent:
    try:
        extent = extent_of(file, question.takes)
    except FetchRefused as error:
        raise BadInput(errors={"file": str(error.message)}) from error
    if question.takes == "document":
        return extent
    if question.takes == "image":
        if (extent.width or 0) * (extent.height or 0) > MOST_PIXELS:
            sentence = _("This picture has more than %(most)s pixels.") % {"most": f"{MOST_PIXELS:,}"}
            raise BadInput(errors={"file": sentence})
        return extent
    if extent.seconds is None or not question.min_seconds <= extent.seconds <= question.max_seconds:
        said = {"n": round(extent.seconds or 0, 1), "low": question.min_seconds, "high": question.max_seconds}
        sentence = _("It plays %(n)s seconds; from %(low)s to %(high)s are asked for.") % said
        raise BadInput(errors={"file": sentence})
    return extent


def _without_traces(file: IO[bytes], clean: IO[bytes], content_type: str) -> None:
    """Pictures lose EXIF, XMP and comments (place, camera, name) and stand upright; all else stays as it is."""
    file.seek(0)
    if content_type not in PICTURES:
        shutil.copyfileobj(file, clean, CHUNK)
        return
    try:
        clean.write(_bare(file, PICTURES[content_type]))
    except DAMAGED as error:
        raise BadInput(errors={"file": _("This picture is damaged.")}) from error


def _bare(file: IO[bytes], format: str) -> bytes:
    with Image.open(file) as picture:
        upright = ImageOps.exif_transpose(picture)
        bare = (
            upright if upright.mode in ("RGB", "RGBA", "L", "LA", "P", "CMYK", "1", "I;16") else upright.convert("RGB")
        )
        profile = picture.info.get("icc_profile")
        bare.info = {name: value for name, value in bare.info.items() if name == "transparency"}
        kept = BytesIO()
        bare.save(kept, format, quality=95, icc_profile=profile)
    return kept.getvalue()


TAKEN = {
    "image": frozenset(PICTURES),
    "audio": media_types.KINDS["audio"] | {"audio/webm"},
    "video": media_types.KINDS["video"],
    "document": frozenset({PDF}),
}
EXTENSIONS = media_types.EXTENSIONS | {PDF: ".pdf", "audio/webm": ".weba"}
