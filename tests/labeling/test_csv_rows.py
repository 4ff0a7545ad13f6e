"""CSV: read row by row, every bad row named, and nothing written that a spreadsheet would run."""

import csv
import io
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.errors import FormatError
from crowd.labeling.formats import csv_rows
from crowd.labeling.formats.csv_rows import guard, read, unguard, write
from crowd.labeling.formats.rows import DEFAULT, Limits, Row, RowError
from tests.labeling.streams import Endless


def rows(text: str | bytes, limits: Limits = DEFAULT, **options: Any) -> list[Row | RowError]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read(io.BytesIO(data), limits, **options))


def only_data(found: list[Row | RowError]) -> list[dict[str, Any]]:
    assert all(isinstance(row, Row) for row in found), found
    return [row.data for row in found if isinstance(row, Row)]


def fatal(text: str | bytes, limits: Limits = DEFAULT, **options: Any) -> FormatError:
    with pytest.raises(FormatError) as caught:
        rows(text, limits, **options)
    return caught.value


def test_rows_have_the_numbers_a_spreadsheet_shows() -> None:
    found = rows('id,text\n1,"two\nlines, and ""quotes"""\n\n3, spaced \n')
    assert found == [
        Row(number=2, data={"id": "1", "text": 'two\nlines, and "quotes"'}),
        Row(number=4, data={"id": "3", "text": " spaced "}),
    ]


@pytest.mark.parametrize("text", ["\ufeffa,b\r\n1,2\r\n", " a , b \n1,2", '\ufeff"a","b"\n1,2\n\n\n'])
def test_byte_order_marks_crlf_and_spaces_around_names_do_no_harm(text: str) -> None:
    assert only_data(rows(text)) == [{"a": "1", "b": "2"}]


def test_a_bad_row_is_named_and_the_next_one_is_read() -> None:
    found = rows(b'a,b\n1\n1,2,3\n\xe9,2\n1,\0\n"x"y,2\n1\r2,3\nlast,row\n')
    assert [(row.number, row.reason) for row in found if isinstance(row, RowError)] == [
        (2, "This row has 1 cells; the header has 2 columns."),
        (3, "This row has 3 cells; the header has 2 columns."),
        (4, "The byte 0xE9 at position 13 of the file is not UTF-8; save the file as UTF-8."),
        (5, "There is a NUL byte at position 19 of the file."),
        (6, "After a closing quotation mark there is something else than the next cell."),
        (7, "There is a line break of an old kind (CR alone) in this row."),
    ]
    assert found[-1] == Row(number=8, data={"a": "last", "b": "row"})


def test_a_wrong_byte_in_the_second_line_of_a_row_spoils_that_row_only() -> None:
    found = rows(b'a\n"one\n\xff"\ntwo\n')
    assert [type(row) for row in found] == [RowError, Row]


def test_a_quotation_mark_left_open_is_said_so() -> None:
    assert "never closed" in getattr(rows('a,b\n1,"2\n3,4\n')[0], "reason", "")
    error = fatal('a\n"' + "x\n" * 100, Limits(max_row_bytes=50))
    assert error.row == 2
    assert "longer than 50 bytes. Perhaps a quotation mark" in error.message


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        (b"", None, "no header"),
        (b"\n1,2\n", None, "no header"),
        (b",,\n", None, "no header"),
        (b"a,,c\n", None, "position 2 has no name"),
        (b"a,b, a\n", "a", "Two columns"),
        (b"a;b\n1;2\n", None, "separated by a semicolon, not by a comma"),
        (b"a\tb\n", None, "separated by a tab"),
        (b"a,\xff\n", None, "0xFF at position 3"),
        (b"a,b\0\n", None, "NUL"),
        (b'a,"b\n', None, "never closed"),
        (b"a" * 201 + b"\n", "a" * 40, "at most 200"),
        (b",".join(b"%d" % n for n in range(1001)), None, "1,001 columns"),
    ],
)
def test_a_header_that_makes_no_sense_is_the_end(text: bytes, column: str | None, words: str) -> None:
    error = fatal(text)
    assert (error.row, error.column) == (1, column)
    assert words in error.message


@pytest.mark.parametrize(
    ("encoding", "words"), [("utf-16", "UTF-16"), ("utf-32", "UTF-32"), ("utf-16-be", None), ("utf-16-le", None)]
)
def test_another_encoding_is_called_by_its_name_where_it_says_it(encoding: str, words: str | None) -> None:
    error = fatal("a,b\n1,2\n".encode(encoding))
    assert (words or "NUL") in error.message


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF-"])
def test_what_is_no_text_at_all_is_called_what_it_is(start: bytes) -> None:
    error = fatal(start + b"\n1\n")
    assert error.row == 0
    assert "not text" in error.message or "compressed" in error.message


def test_a_column_that_must_be_there_is_missed() -> None:
    error = fatal("txt,id\n", required=["text"])
    assert str(error) == "row 1, column 'text': This column is missing. Did you mean 'txt'?"
    assert only_data(rows("text\na\n", required=["text"])) == [{"text": "a"}]


def test_an_endless_row_is_refused_without_reading_it() -> None:
    stream = Endless(b"a,b\n1,")
    with pytest.raises(FormatError, match="longer than 100,000 bytes") as caught:
        list(read(stream, Limits(max_row_bytes=100_000)))
    assert caught.value.row == 2
    assert stream.given <= 200_000


def test_a_cell_may_be_as_long_as_a_row() -> None:
    long = "x" * 1_000_000
    assert only_data(rows(f"a\n{long}\n")) == [{"a": long}]


def test_there_is_an_end_to_rows() -> None:
    assert len(rows("a\n1\n2\n", Limits(max_rows=2))) == 2
    assert fatal("a\n1\n2\n3\n", Limits(max_rows=2)).row == 4


def test_other_separators_may_be_asked_for() -> None:
    assert only_data(rows("a;b\n1;2,5\n", delimiter=";")) == [{"a": "1", "b": "2,5"}]


def test_rows_are_read_as_they_are_asked_for() -> None:
    stream = Endless(b"a\n" + b"1\n" * 10)
    reader = read(stream, Limits(max_row_bytes=1_000))
    assert next(reader) == Row(number=2, data={"a": "1"})
    assert stream.given <= 10


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'-5", "'-5"),
        ("-5", "-5"),
        ("+4.5e-3", "+4.5e-3"),
        ("-", "'-"),
        ("it's", "it's"),
        ("'quoted'", "'quoted'"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, written: str) -> None:
    assert guard(text) == written
    assert unguard(written) == text


def test_values_are_written_plainly() -> None:
    stream = io.BytesIO()
    row = {"n": -3, "x": -0.5, "none": None, "yes": True, "list": ["a", 1], "text": "=1", "more": "left out"}
    assert write([row, {}], ["n", "x", "none", "yes", "list", "text"], stream) == 2
    assert stream.getvalue().decode() == ('n,x,none,yes,list,text\r\n-3,-0.5,,true,"[""a"", 1]",\'=1\r\n,,,,,\r\n')


def test_a_mark_for_spreadsheets_comes_once_and_is_read_over() -> None:
    data = b"".join(csv_rows.lines([{"a": "é"}], ["a"], bom=True))
    assert data.startswith(b"\xef\xbb\xbfa")
    assert only_data(rows(data)) == [{"a": "é"}]


tricky = st.text(st.sampled_from("a'=+-@1.\t\r\n\",;é\U0001f600＝ "), max_size=8)
storable = tricky | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.tuples(storable, storable)))
def test_what_is_written_is_read_again(cells: list[tuple[str, str]]) -> None:
    given_rows = [{"a": a, "b": b} for a, b in cells]
    data = b"".join(csv_rows.lines(given_rows, ["a", "b"]))
    assert only_data(rows(data, guarded=True)) == given_rows
    for row in csv.reader(io.StringIO(data.decode(), newline="")):
        assert not any(cell[:1] in tuple("=@\t\r\n＝") for cell in row)


@settings(deadline=None)
@given(storable)
def test_the_guard_is_taken_off_exactly(text: str) -> None:
    assert unguard(guard(text)) == text


@settings(deadline=None)
@given(
    st.binary(max_size=80) | st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"a", b"\xff"])).map(b"".join)
)
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for start in (b"", b"a,b\n"):
        with suppress(FormatError):
            numbers = [row.number for row in rows(start + data, Limits(max_row_bytes=40, max_rows=5))]
            assert numbers == sorted(set(numbers))
