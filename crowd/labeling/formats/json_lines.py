"""JSON Lines (UTF-8): one object a line. Row numbers are the file's line numbers; blank lines are skipped."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from crowd.labeling import strict_json
from crowd.labeling.errors import FormatError
from crowd.labeling.fields import kind_of
from crowd.labeling.formats.lines import Lines
from crowd.labeling.formats.rows import DEFAULT, MAX_COLUMN_NAME, Limits, Row, RowError
from crowd.labeling.speech import say


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
            raise FormatError(source.record, None, say("There are more than %(most)s rows.", most=limits.max_rows))
        if not line.strip() and not source.flaw:
            continue
        if not read_any and line.lstrip().startswith("["):
            raise FormatError(source.record, None, say("This is a JSON list; in JSON Lines every line is one object."))
        read_any = True
        yield _row(source, line, limits)


def _row(source: Lines, line: str, limits: Limits) -> Row | RowError:
    if source.flaw:
        return RowError(number=source.record, column=None, reason=source.flaw)
    try:
        value = strict_json.loads(line, max_depth=limits.max_depth)
    except strict_json.JsonError as error:
        return RowError(number=source.record, column=None, reason=error.message)
    if not isinstance(value, dict):
        return RowError(
            number=source.record, column=None, reason=say("This must be an object, not %(kind)s.", kind=kind_of(value))
        )
    return _checked(source.record, value, limits)


def _checked(number: int, data: dict[str, Any], limits: Limits) -> Row | RowError:
    if len(data) > limits.max_columns:
        reason = say(
            "There are %(count)s columns; at most %(most)s are allowed.", count=len(data), most=limits.max_columns
        )
        return RowError(number=number, column=None, reason=reason)
    for name in data:
        if not name.strip() or len(name) > MAX_COLUMN_NAME:
            reason = say("A column needs a name of at most %(most)s characters.", most=MAX_COLUMN_NAME)
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
