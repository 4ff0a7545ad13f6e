"""An uploaded file as a stream of rows, each with its media."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import activate, get_language
from django.utils.translation import gettext as _

from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import FormatError
from crowd.labeling.formats import csv_rows, json_lines, zip_files
from crowd.labeling.formats.rows import Limits, Row, RowError
from crowd.labeling.formats.zip_files import FILE_COLUMN, FileRow
from crowd.projects.errors import FetchRefused
from crowd.projects.imports import media
from crowd.projects.imports.documents import Kept, items_of
from crowd.projects.imports.options import MEDIA_KINDS, Options
from crowd.projects.imports.rows import Prepared, RowFault

FORMATS = ("csv", "jsonl", "zip")
FETCHES_AT_ONCE = 8
LOOKED_AFTER_S = 5.0  # while a file takes longer than that, `alive` is called in between
LIMITS = Limits()
Pair = tuple[Row, Prepared]


def rows(format: str, stream: BinaryIO, config: LabelConfig, options: Options) -> Iterator[Row | RowError]:
    """The rows of a file in one of FORMATS. Raises FormatError where it cannot be read any further."""
    if format == "csv":
        required = options.required(config)
        yield from csv_rows.read(
            stream, LIMITS, required=required, delimiter=options.delimiter, guarded=options.guarded
        )
    elif format == "jsonl":
        yield from json_lines.read(stream, LIMITS)
    elif config.data.kind in MEDIA_KINDS:
        yield from zip_files.read(stream, LIMITS, column=options.media_column(config), beside=config.data.beside)
    elif config.data.kind == "text":
        yield from (_with_text(row, config.data.field) for row in zip_files.read(stream, LIMITS))
    else:
        raise FormatError(0, None, _("A zip holds images, audio, video or texts; send rows as CSV or JSON Lines."))


@dataclass(frozen=True)
class MediaGetter:
    """Gets the media of rows into our storage: from the zip they stand in, one by one, or from the web.

    `alive` is called after every file, and while one takes long.
    """

    shelf: media.Shelf
    columns: Mapping[str, str]  # shown column to the one that says where its file is
    options: Options
    alive: Callable[[], None]

    def get(self, pairs: list[Pair]) -> Iterator[Sequence[Prepared | RowError]]:
        """Each row with its media, in order, of a document once a page; RowError where its media cannot be had. Raises
        FormatError where there are too many."""
        is_zip = any(isinstance(row, FileRow) for row, _prepared in pairs)
        language = get_language() or settings.LANGUAGE_CODE  # a thread starts without one
        with ThreadPoolExecutor(1 if is_zip else FETCHES_AT_ONCE, initializer=activate, initargs=(language,)) as pool:
            found = deque(pool.submit(self._one, pair) for pair in pairs)
            try:
                while found:
                    yield self._watched(found.popleft())
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _watched(self, found: Future[Sequence[Prepared | RowError]]) -> Sequence[Prepared | RowError]:
        while not wait([found], timeout=LOOKED_AFTER_S).done:
            self.alive()
        self.alive()
        return found.result()

    def _one(self, pair: Pair) -> Sequence[Prepared | RowError]:
        row, prepared = pair
        kept: dict[str, Sequence[Kept]] = {}
        for shown, wanted in prepared.wanted.items():
            try:
                kept[shown] = self._kept(row, wanted, is_first=not kept)
            except FetchRefused as error:
                return [RowError(number=row.number, column=self.columns[shown], reason=str(error.message))]
            except media.TooMuch:
                raise
            except FormatError as error:
                return [RowError(number=row.number, column=self.columns[shown], reason=error.message)]
        try:
            return items_of(prepared, kept, self.options)
        except RowFault as fault:
            return [RowError(number=row.number, column=fault.column, reason=fault.reason)]

    def _kept(self, row: Row, wanted: str, *, is_first: bool) -> Sequence[Kept]:
        if isinstance(row, FileRow):
            file = row if is_first or row.beside is None else row.beside
            return media.from_archive(file.open, file.name, self.shelf)
        return media.from_web(wanted, self.shelf)


def _with_text(row: FileRow | RowError, field: str) -> Row | RowError:
    """A text file in a zip: its content becomes the column that is shown."""
    if isinstance(row, RowError):
        return row
    if row.size > LIMITS.max_row_bytes:
        return RowError(number=row.number, column=FILE_COLUMN, reason=_("This text is too large."))
    try:
        with row.open() as content:
            text = content.read().decode("utf-8-sig")
    except FormatError as error:
        return RowError(number=row.number, column=FILE_COLUMN, reason=error.message)
    except UnicodeDecodeError as error:
        reason = _("This is not UTF-8: byte %(position)s.") % {"position": error.start + 1}
        return RowError(number=row.number, column=FILE_COLUMN, reason=reason)
    if "\x00" in text:
        return RowError(number=row.number, column=FILE_COLUMN, reason=_("There is a NUL character in this text."))
    return Row(number=row.number, data={**row.data, field: text})
