"""Where uploads and their media stand in the storage, and how they leave it."""

import io
from collections.abc import Collection
from typing import IO, BinaryIO, cast
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from crowd.projects import copies
from crowd.projects.errors import TooLarge
from crowd.projects.models import MediaFile, Upload
from crowd.projects.states import ImportState


def keep(stream: BinaryIO, project_id: int) -> str:
    """Store an uploaded file, chunk by chunk; returns its name there. Raises TooLarge, and then keeps nothing."""
    name = f"uploads/{project_id}/{uuid4().hex}"
    limited = cast(IO[bytes], _Limited(stream, settings.CROWD_UPLOAD_LIMIT_BYTES))
    try:
        return default_storage.save(name, File(limited, name=name))
    except BaseException:
        default_storage.delete(name)
        raise


def media_folder(upload: Upload) -> str:
    """Every attempt has a folder of its own, so that what a given-up one left can be told apart."""
    return f"media/{upload.project_id}/{upload.pk}/{upload.attempt}"


def tidy(upload: Upload) -> None:
    """Delete the uploaded file, and media that no item points at; the caller knows that the import has ended.

    May be cut short and called again: the upload keeps its file's name until everything is gone.
    """
    for attempt in range(1, upload.attempt + 1):
        if upload.state != ImportState.DONE or attempt != upload.attempt:
            empty(f"media/{upload.project_id}/{upload.pk}/{attempt}")
        elif upload.rows_known or upload.rows_bad:  # their files were kept before that was known
            _weed(upload)
    if upload.storage_name:
        default_storage.delete(upload.storage_name)
        Upload.objects.filter(pk=upload.pk).update(storage_name="")
        upload.storage_name = ""


def _weed(upload: Upload) -> None:
    """Delete those of its files that no row points at."""
    folder = f"{media_folder(upload)}/"
    found = MediaFile.objects.filter(project=upload.project_id, storage_name__startswith=folder)
    names = set(found.values_list("storage_name", flat=True))
    empty(folder[:-1], but=names | set(map(copies.name_of, names)))


def empty(folder: str, *, but: Collection[str] = ()) -> None:
    """Delete the files of a folder, if there is one; `but` are the names of those that stay."""
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for path in (f"{folder}/{name}" for name in names):
        if path not in but:
            default_storage.delete(path)


class _Limited(io.RawIOBase):
    """A stream that ends in TooLarge instead of filling the disk."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(_("The file is larger than %(most)s bytes.") % {"most": self._limit})
        return data
