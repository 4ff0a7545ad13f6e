"""JSON Lines: read line by line, every bad line named."""

import io
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.errors import FormatError
from crowd.labeling.formats import json_lines
from crowd.labeling.formats.json_lines import read, write
from crowd.labeling.formats.rows import DEFAULT, Limits, Row, RowError
from tests.labeling.streams import Endless
from tests.labeling.test_strict_json import storable, values


def rows(text: str | bytes, limits: Limits = DEFAULT) -> list[Row | RowError]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read(io.BytesIO(data), limits))


def test_rows_have_the_numbers_of_their_lines() -> None:
    found = rows('\ufeff{"a": 1}\r\n\n  \n{"b": [true, null, "é"]}')
    assert found == [Row(number=1, data={"a": 1}), Row(number=4, data={"b": [True, None, "é"]})]


def test_a_bad_line_is_named_and_the_next_one_is_read() -> None:
    lines = [
        b'{"a": 1',
        b"[1]",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": "\xff"}',
        b'{"a": [[[[1]]]]}',
        b'{" ": 1}',
        b'{"a": 1, "b": 2, "c": 3}',
        b"\0",
        b'{"a": 1}',
    ]
    found = rows(b"\n".join(lines), Limits(max_depth=4, max_columns=2))
    reasons = [row.reason for row in found if isinstance(row, RowError)]
    assert [row.number for row in found] == list(range(1, 11))
    assert found[-1] == Row(number=10, data={"a": 1})
    words = ["not JSON", "not a list", "twice", "NaN", "0xFF at position 48", "too deep", "a name", "3 columns", "NUL"]
    for reason, word in zip(reasons, words, strict=True):
        assert word in reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'\n[\n{"a": 1}\n]', "a JSON list"),
        ("{}\n".encode("utf-16"), "UTF-16"),
        (b'{"a": "' + b"x" * 200 + b'"}', "longer than 100 bytes"),
        (b"{}\n" * 4, "more than 3 rows"),
    ],
)
def test_a_file_of_another_kind_or_beyond_the_limits_is_the_end(text: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        rows(text, Limits(max_row_bytes=100, max_rows=3))


def test_an_endless_line_is_refused_without_reading_it() -> None:
    stream = Endless(b'{"a": 1}\n{')
    reader = read(stream, Limits(max_row_bytes=1_000))
    assert next(reader) == Row(number=1, data={"a": 1})
    with pytest.raises(FormatError) as caught:
        next(reader)
    assert caught.value.row == 2
    assert stream.given <= 2_000


def test_what_json_does_not_have_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write([{"a": float("nan")}], io.BytesIO())


@settings(deadline=None)
@given(st.lists(st.dictionaries(storable.filter(str.strip), values, max_size=3)))
def test_what_is_written_is_read_again(given_rows: list[dict[str, Any]]) -> None:
    stream = io.BytesIO()
    assert write(given_rows, stream) == len(given_rows)
    assert [row.data for row in rows(stream.getvalue()) if isinstance(row, Row)] == given_rows
    assert b"".join(json_lines.lines(given_rows)) == stream.getvalue()


@settings(deadline=None)
@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"{", b"}", b'"', b":", b"1", b"\n", b"[", b"\\u"])).map(b"".join)
)
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for start in (b"", b"{}\n"):
        with suppress(FormatError):
            found = rows(start + data, Limits(max_row_bytes=30, max_rows=4))
            assert all(isinstance(row, Row | RowError) for row in found)
