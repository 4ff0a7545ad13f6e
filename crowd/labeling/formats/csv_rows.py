"""CSV (RFC 4180, UTF-8): a header, then rows of as many cells.

Row numbers are a spreadsheet's: the header is row 1, and blank rows count though they are skipped.

Formula guard: a spreadsheet runs a cell that begins with ``= + - @``, a tab or a line break. The writer therefore puts
one apostrophe before a text which, after any apostrophes it has, begins so and is not simply a number. The reader, told
`guarded`, takes one apostrophe away from exactly such cells, so every text survives the round trip.
"""

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from crowd.labeling.errors import FormatError
from crowd.labeling.fields import listed, meant
from crowd.labeling.formats.lines import Lines
from crowd.labeling.formats.rows import DEFAULT, MAX_COLUMN_NAME, Limits, Row, RowError
from crowd.labeling.speech import joined, say

_DANGEROUS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_BEGINNINGS = frozenset("'=+-@\t\r\n＝＋－＠")  # one character each: most texts need no closer look
_PLAIN_NUMBER = re.compile(r"'*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_UNCLOSED = say("Perhaps a quotation mark is opened here and never closed.")


def read(
    stream: BinaryIO,
    limits: Limits = DEFAULT,
    *,
    required: Collection[str] = (),
    delimiter: str = ",",
    guarded: bool = False,
) -> Iterator[Row | RowError]:
    """Rows as dicts of column to cell text, exactly as written; names of columns are stripped.

    `required` columns must be in the header. Raises FormatError for a header that is missing, or has empty, doubled or
    too many names, for a row beyond `max_row_bytes` and for more rows than `max_rows`. One reader at a time per stream.
    """
    source, records = _begun(stream, limits, delimiter)
    header = _read_header(source, records, limits, delimiter)
    _require(header, required)
    for cells in _records(source, records):
        if source.record > limits.max_rows + 1:
            raise FormatError(source.record, None, say("There are more than %(most)s rows.", most=limits.max_rows))
        if isinstance(cells, RowError):
            yield cells
        elif cells:
            yield _row(source, header, [unguard(cell) for cell in cells] if guarded else cells)


def headless(stream: BinaryIO, limits: Limits = DEFAULT, *, delimiter: str = ",") -> Iterator[list[str]]:
    """The cells of each row of a file without a header, exactly as written; a blank row has none.

    Raises FormatError for the first row that cannot be read, and as `read` does.
    """
    source, records = _begun(stream, limits, delimiter)
    for cells in _records(source, records):
        if isinstance(cells, RowError):
            raise FormatError(source.record, None, cells.reason)
        if source.flaw:
            raise FormatError(source.record, None, source.flaw)
        if source.record > limits.max_rows:
            raise FormatError(source.record, None, say("There are more than %(most)s rows.", most=limits.max_rows))
        yield cells


def _begun(stream: BinaryIO, limits: Limits, delimiter: str) -> tuple[Lines, Iterator[list[str]]]:
    # The limit is the whole process's. Raising it is harmless: what bounds a cell here is max_row_bytes.
    csv.field_size_limit(max(csv.field_size_limit(), limits.max_row_bytes))
    source = Lines(stream, limits, _UNCLOSED)
    return source, csv.reader(source, delimiter=delimiter, strict=True)


def _records(source: Lines, records: Iterator[list[str]]) -> Iterator[list[str] | RowError]:
    while True:
        source.new_record()
        try:
            yield next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowError(number=source.record, column=None, reason=source.flaw or _said(error))


def _said(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end of data" in message:
        return say("A quotation mark is opened in this row and never closed.")
    if "expected after" in message:
        return say("After a closing quotation mark there is something else than the next cell.")
    if "new-line character" in message:
        return say("There is a line break of an old kind (CR alone) in this row.")
    return say("This row is not CSV: %(message)s.", message=message)


def _read_header(source: Lines, records: Iterator[list[str]], limits: Limits, delimiter: str) -> list[str]:
    first = next(_records(source, records), None)
    if isinstance(first, RowError):
        raise FormatError(1, None, first.reason)
    if first is None or not any(cell.strip() for cell in first):
        raise FormatError(1, None, say("There is no header: the first row must name the columns."))
    if source.flaw:
        raise FormatError(1, None, source.flaw)
    if len(first) > limits.max_columns:
        raise FormatError(
            1,
            None,
            say(
                "There are %(count)s columns; at most %(most)s are allowed.", count=len(first), most=limits.max_columns
            ),
        )
    header = [name.strip() for name in first]
    for number, name in enumerate(header):
        _check_name(name, number, header, delimiter)
    return header


def _check_name(name: str, number: int, header: Sequence[str], delimiter: str) -> None:
    if not name:
        raise FormatError(1, None, say("The column at position %(position)s has no name.", position=number + 1))
    if len(name) > MAX_COLUMN_NAME:
        raise FormatError(1, name[:40], say("A column's name has at most %(most)s characters.", most=MAX_COLUMN_NAME))
    if name in header[:number]:
        raise FormatError(1, name, say("Two columns have this name."))
    for other in ",;\t":
        if len(header) == 1 and other != delimiter and other in name:
            word = {",": say("comma"), ";": say("semicolon"), "\t": say("tab")}
            text = say(
                "The columns seem to be separated by a %(found)s, not by a %(wanted)s.",
                found=word[other],
                wanted=word.get(delimiter, delimiter),
            )
            raise FormatError(1, None, text)


def _require(header: Sequence[str], required: Collection[str]) -> None:
    for name in required:
        if name not in header:
            hint = meant(name, header) or say("The columns are %(names)s.", names=listed(header))
            raise FormatError(1, name, joined(say("This column is missing."), hint))


def _row(source: Lines, header: Sequence[str], cells: Sequence[str]) -> Row | RowError:
    if source.flaw:
        return RowError(number=source.record, column=None, reason=source.flaw)
    if len(cells) != len(header):
        reason = say(
            "This row has %(cells)s cells; the header has %(columns)s columns.", cells=len(cells), columns=len(header)
        )
        return RowError(number=source.record, column=None, reason=reason)
    return Row(number=source.record, data=dict(zip(header, cells, strict=True)))


def guard(text: str) -> str:
    """The text as a spreadsheet may have it: see the module's rule."""
    return f"'{text}" if text[:1] in _BEGINNINGS and _is_guarded_kind(text) else text


def unguard(text: str) -> str:
    """What `guard` was given."""
    return text[1:] if text.startswith("'") and _is_guarded_kind(text) else text


def _is_guarded_kind(text: str) -> bool:
    return bool(_DANGEROUS.match(text)) and not _PLAIN_NUMBER.fullmatch(text)


def lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, bom: bool = False) -> Iterator[bytes]:
    """The file, a piece a row, header first; columns that a row lacks are empty, others of it are left out.

    None is empty, true and false are words, lists and objects are JSON, numbers are written plainly. `bom` is for
    spreadsheets that take UTF-8 for something else.
    """
    # Both CR and LF in the line's end make the writer quote cells that hold either.
    write = csv.writer(_Encoded(), lineterminator="\r\n").writerow
    yield ("\ufeff" if bom else "").encode() + write([_cell(column) for column in columns])
    for row in rows:
        yield write([_cell(row.get(column)) for column in columns])


class _Encoded:
    """To write to: the writer's `writerow` returns what this does, the row's bytes."""

    def write(self, line: str) -> bytes:
        return line.encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return guard(str(value))


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], stream: BinaryIO, *, bom: bool = False) -> int:
    """Write the file to a stream of bytes, row by row; the number of rows written."""
    written = -1
    for line in lines(rows, columns, bom=bom):
        stream.write(line)
        written += 1
    return written
