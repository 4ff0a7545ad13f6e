"""Media into our storage, checked by their first bytes, each under a name of our own."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from io import BytesIO
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, BinaryIO
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from crowd.labeling.errors import FormatError
from crowd.labeling.formats.rows import Limits
from crowd.labeling.speech import say
from crowd.projects import copies, media_types, tiles
from crowd.projects.errors import FetchRefused
from crowd.projects.fetch import fetch
from crowd.projects.imports import pdf
from crowd.projects.imports.documents import DPI, PAGE, Kept
from crowd.projects.imports.extent import extent_of
from crowd.projects.imports.rows import Stored
from crowd.projects.media_types import PDF_START

IN_MEMORY_BYTES = 1 << 20
CHUNK = 1 << 16
MAX_NAME = 255


class TooMuch(FormatError):
    """More than one import may bring: files from the web, or pages of documents."""


@dataclass
class Brought:
    """What an import has fetched from the web and drawn of documents so far, held to its limits; many threads count
    here. What a zip holds is counted when it is opened."""

    limits: Limits
    pages: int = 0
    bytes_drawn: int = 0
    bytes_fetched: int = 0
    _lock: Lock = field(default_factory=Lock)

    def drawn(self, size: int) -> None:
        """A page of a document. Raises TooMuch."""
        with self._lock:
            self.pages += 1
            self.bytes_drawn += size
            if self.pages > self.limits.max_rows:
                raise TooMuch(0, None, say("There are more than %(most)s rows.", most=self.limits.max_rows))
            self._hold(self.bytes_drawn, _("The pages of these PDFs come to more than %(most)s bytes."))

    def fetched(self, size: int) -> None:
        """A file from the web. Raises TooMuch."""
        with self._lock:
            self.bytes_fetched += size
            self._hold(self.bytes_fetched, _("The files at these addresses come to more than %(most)s bytes."))

    def _hold(self, total: int, sentence: str) -> None:
        if total > self.limits.max_total_bytes:
            raise TooMuch(0, None, sentence % {"most": f"{self.limits.max_total_bytes:,}"})


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Where the media of one import go. `is_cut`: its pictures become tiles, so that all of each must be readable."""

    kind: str
    folder: str
    brought: Brought
    is_cut: bool = False


def from_web(url: str, shelf: Shelf) -> list[Kept]:
    """Fetch a file and keep it; of a PDF that is shown as pictures its pages. Raises FetchRefused, TooMuch."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
        fetch(url, file)  # type: ignore[arg-type]  # a binary file in all but name
        shelf.brought.fetched(file.tell())
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return _keep_all(file, shelf, filename=name, url=url)


def from_archive(open_file: Callable[[], BinaryIO], name: str, shelf: Shelf) -> list[Kept]:
    """Keep a file of a zip; of a PDF that is shown as pictures its pages. Raises FetchRefused for another kind of file,
    FormatError for a damaged one, TooMuch."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
        with open_file() as content:
            shutil.copyfileobj(content, file, CHUNK)
        return _keep_all(file, shelf, filename=name.rpartition("/")[2], url="")


def _keep_all(file: IO[bytes], shelf: Shelf, *, filename: str, url: str) -> list[Kept]:
    file.seek(0)
    if shelf.kind != "image" or file.read(len(PDF_START)) != PDF_START:
        return [Kept(file=_keep(file, shelf, filename=filename, url=url, is_cut=shelf.is_cut))]
    found = []
    for page in pdf.pages(file):
        shelf.brought.drawn(len(page.picture))
        kept = _keep(BytesIO(page.picture), shelf, filename=f"{filename}#{page.number}", url=url)
        found.append(Kept(file=kept, columns={PAGE: page.number, DPI: page.dpi}))
    return found


def _keep(file: IO[bytes], shelf: Shelf, *, filename: str, url: str, is_cut: bool = False) -> Stored:
    content_type = _content_type(file, shelf.kind)
    name = f"{shelf.folder}/{uuid4().hex}{media_types.EXTENSIONS[content_type]}"
    extent = extent_of(file, shelf.kind)
    if is_cut:
        _check_whole(file)
    size, sha256 = measured(file)
    file.seek(0)
    kept = Stored(
        storage_name=default_storage.save(name, File(file, name=name)),
        filename=filename[:MAX_NAME],
        content_type=content_type,
        size=size,
        sha256=sha256,
        **asdict(extent),
        source_url=url,
    )
    if copies.is_large(kept) and not is_cut:
        copies.keep(file, kept)
    return kept


def _check_whole(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        tiles.check(file)
    except OSError as error:
        raise FetchRefused(_("This picture is damaged.")) from error


def _content_type(file: IO[bytes], kind: str) -> str:
    file.seek(0)
    head = file.read(media_types.HEAD_BYTES)
    found = media_types.sniff(head)
    if found not in media_types.KINDS[kind]:
        known = [media_types.EXTENSIONS[one][1:] for one in media_types.KINDS[kind]]
        names = ", ".join(sorted([*known, "pdf"] if kind == "image" else known))
        raise FetchRefused(_("By its content this is none of %(names)s.") % {"names": names})
    return found


def measured(file: IO[bytes]) -> tuple[int, str]:
    """Bytes, and their SHA-256."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
