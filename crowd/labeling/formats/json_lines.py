"""JSON Lines (UTF-8): one object a line. Row numbers are the file's line numbers; blank lines are skipped."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from crowd.labeling import strict_json
from crowd.labeling.errors import FormatError
from crowd.labeling.fields import kind_of
from crowd.labeling.formats.lines import Lines
from crowd.labeling.formats.rows import DEFAULT, MAX_COLUMN_NAME, Limits, Row, RowError


def read(stream: BinaryIO, limits: Limits = DEFAULT) -> Iterator[Row | RowError]:
    """Rows as the objects say, any JSON as value; no NaN, no key twice, nothing deeper than `max_depth`.

    Raises FormatError for a file that is one JSON list, a line beyond `max_row_bytes`, more lines than `max_rows`.
    """
    source = Lines(stream, limits)
    read_any = False
    while True:
        source.new_record()
        line = next(source, None)
        if line is None:
            return
        if source.record > limits.max_rows:
            raise FormatError(source.record, None, f"There are more than {limits.max_rows:,} rows.")
        if not line.strip() and not source.flaw:
            continue
        if not read_any and line.lstrip().startswith("["):
            raise FormatError(source.record, None, "This is a JSON list; in JSON Lines every line is one object.")
        read_any = True
        yield _row(source, line, limits)


def _row(source: Lines, line: str, limits: Limits) -> Row | RowError:
    if source.flaw:
        return RowError(number=source.record, column=None, reason=source.flaw)
    try:
        value = strict_json.loads(line, max_depth=limits.max_depth)
    except strict_json.JsonError as error:
        return RowError(number=source.record, column=None, reason=str(error))
    if not isinstance(value, dict):
        return RowError(number=source.record, column=None, reason=f"This must be an object, not {kind_of(value)}.")
    return _checked(source.record, value, limits)


def _checked(number: int, data: dict[str, Any], limits: Limits) -> Row | RowError:
    if len(data) > limits.max_columns:
        reason = f"There are {len(data):,} columns; at most {limits.max_columns:,} are allowed."
        return RowError(number=number, column=None, reason=reason)
    for name in data:
        if not name.strip() or len(name) > MAX_COLUMN_NAME:
            reason = f"A column needs a name of at most {MAX_COLUMN_NAME} characters."
            return RowError(number=number, column=name[:40], reason=reason)
    return Row(number=number, data=data)


def lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The file, a line a row. ValueError for NaN and infinity, which JSON does not have."""
    for row in rows:
        yield json.dumps(dict(row), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def write(rows: Iterable[Mapping[str, Any]], stream: BinaryIO) -> int:
    """Write the file to a stream of bytes, line by line; the number of rows written."""
    written = 0
    for line in lines(rows):
        stream.write(line)
        written += 1
    return written
