"""A zip of files from a stranger: files and their columns come out, tricks do not."""

import io
import stat
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.errors import FormatError
from crowd.labeling.formats.rows import DEFAULT, Limits, RowError
from crowd.labeling.formats.zip_files import FileRow, read
from tests.labeling.streams import Sparing

Content = dict[str | zipfile.ZipInfo, bytes]


def make_zip(files: Content, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def entry(name: str, **fields: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def rows(data: bytes | Content, limits: Limits = DEFAULT, **options: Any) -> list[FileRow | RowError]:
    return list(read(io.BytesIO(data if isinstance(data, bytes) else make_zip(data)), limits, **options))


def reasons(data: bytes | Content, limits: Limits = DEFAULT) -> list[tuple[int, str]]:
    return [(row.number, row.reason) for row in rows(data, limits) if isinstance(row, RowError)]


def files(found: list[FileRow | RowError]) -> list[FileRow]:
    assert all(isinstance(row, FileRow) for row in found), found
    return [row for row in found if isinstance(row, FileRow)]


def fatal(data: bytes | Content, limits: Limits = DEFAULT) -> FormatError:
    with pytest.raises(FormatError) as caught:
        rows(data, limits)
    return caught.value


def test_every_file_is_a_row_with_its_content() -> None:
    found = files(rows({"a.png": b"one", "deep/er/b.png": b"two2"}))
    assert [(row.number, row.name, row.size, row.data) for row in found] == [
        (1, "a.png", 3, {"file": "a.png"}),
        (2, "deep/er/b.png", 4, {"file": "deep/er/b.png"}),
    ]
    assert [row.open().read() for row in found] == [b"one", b"two2"]
    assert files(rows({"a.png": b""}, column="image"))[0].data == {"image": "a.png"}


def test_folders_and_litter_are_no_files() -> None:
    found = rows({"x/": b"", "x/a.png": b"1", "__MACOSX/x/._a.png": b"", "x/.DS_Store": b"", "Thumbs.db": b""})
    assert [row.name for row in files(found)] == ["x/a.png"]


@pytest.mark.parametrize("folder", ["", "set one/"])
@pytest.mark.parametrize(
    ("name", "manifest"),
    [
        ("manifest.csv", b"file,gold\r\nb.png,dog\r\n./deep/a.png,cat\r\n"),
        ("manifest.jsonl", b'{"file": "b.png", "gold": "dog"}\n\n{"file": "deep/a.png", "gold": "cat"}\n'),
    ],
)
def test_a_manifest_gives_files_their_columns_and_their_order(folder: str, name: str, manifest: bytes) -> None:
    found = files(rows({folder + "deep/a.png": b"A", folder + name: manifest, folder + "b.png": b"B"}))
    assert [(row.data["file"], row.data["gold"], row.open().read()) for row in found] == [
        (f"{folder}b.png", "dog", b"B"),
        (f"{folder}deep/a.png", "cat", b"A"),
    ]


def test_manifest_and_files_must_agree() -> None:
    manifest = b"file,gold\na.pgn,x\n,x\na.png\na.png,x\n"
    assert reasons({"manifest.csv": manifest, "a.png": b"", "b.png": b""}) == [
        (2, "The manifest names 'a.pgn', which is not in the zip file. Did you mean 'a.png'?"),
        (3, "This row of the manifest names no file."),
        (4, "This row has 1 cells; the header has 2 columns."),
        (0, "The file 'b.png' is in the zip file, but not in its manifest."),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"manifest.csv": b"name\na\n"}, "In the manifest: This column is missing."),
        ({"manifest.csv": b"file,\xff\n"}, "In the manifest: The byte 0xFF"),
        ({"manifest.jsonl": b"[]"}, "In the manifest: This is a JSON list"),
        ({"manifest.csv": b"file\n", "manifest.jsonl": b""}, "two manifests"),
        ({entry("manifest.csv", external_attr=(stat.S_IFLNK | 0o777) << 16): b"/etc/passwd"}, "It is a link"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_the_end(content: Content, words: str) -> None:
    assert words in fatal(content).message


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "x/../../a.png",
        "/etc/passwd",
        "C:/a.png",
        "x\\..\\a.png",
        "./a.png",
        "x//a.png",
        "a\n.png",
        "x/ /a",
        "n" * 1025,
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_and_the_rest_is_read(name: str) -> None:
    found = rows({name: b"evil", "good.png": b"1"})
    assert isinstance(found[0], RowError)
    assert "not a plain path" in found[0].reason
    assert isinstance(found[1], FileRow)


@pytest.mark.parametrize("name", [b"good.png\0evil", b"\0ood.png-evil"])
def test_a_name_with_a_nul_in_it_is_refused(name: bytes) -> None:
    data = make_zip({"good.png-evil": b"1"}).replace(b"good.png-evil", name)
    assert "not a plain path" in reasons(data)[0][1]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(kind: int) -> None:
    assert "link or a device" in reasons({entry("a", external_attr=(kind | 0o777) << 16): b"/etc/passwd"})[0][1]


def test_an_ordinary_unix_file_is_not_a_link() -> None:
    assert len(files(rows({entry("a", external_attr=(stat.S_IFREG | 0o644) << 16): b"1"}))) == 1


def test_encrypted_files_are_refused() -> None:
    data = bytearray(make_zip({"a.png": b"1"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in reasons(bytes(data))[0][1]


def test_unusual_compression_is_refused() -> None:
    assert "unusual way" in reasons(make_zip({"a.png": b"1"}, zipfile.ZIP_LZMA))[0][1]


def test_two_files_of_one_name_are_not_both_taken() -> None:
    data = make_zip({"a": b"1", "b": b"2"}).replace(b"b", b"a")
    assert reasons(data) == [(2, "The file 'a' is refused. There are two files of this name.")]


def test_bombs_are_refused_before_anything_is_unpacked() -> None:
    zeros: Content = {"zeros": bytes(1 << 22)}
    assert "200 times its size" in reasons(zeros)[0][1]
    assert "at most 1,000 are allowed" in reasons(zeros, Limits(max_file_bytes=1_000))[0][1]
    assert "more than 1,000 bytes" in fatal(zeros, Limits(max_total_bytes=1_000)).message
    many: Content = {f"{number}": b"" for number in range(11)}
    assert len(rows(many, Limits(max_files=11))) == 11
    assert "more than 10 files" in fatal(many, Limits(max_files=10)).message


def test_a_directory_of_millions_is_not_taken_apart() -> None:
    many: Content = {f"folder{number}/": b"" for number in range(200)}
    assert "more than 10 files" in fatal(many, Limits(max_files=10)).message
    assert rows(many) == []
    data = bytearray(make_zip({"a": b""}))
    size = data.index(b"PK\x05\x06") + 12
    data[size : size + 4] = (90_000).to_bytes(4, "little")
    stream = Sparing(b"\0" * 100_000 + data)
    with pytest.raises(FormatError, match="too large"):
        list(read(stream, Limits(max_files=10)))


def test_a_file_that_lies_about_its_size_is_found_out_when_it_is_read() -> None:
    data = bytearray(make_zip({"a": b"x" * 100}))
    size = data.index(b"PK\x01\x02") + 24
    data[size : size + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FormatError, match="'a' in the zip file is damaged"):
        files(rows(bytes(data)))[0].open().read()


def test_a_damaged_file_is_named_when_it_is_read() -> None:
    content = bytes(range(256)) * 8
    data = bytearray(make_zip({"a": content}, zipfile.ZIP_STORED))
    data[data.index(content) + 700] ^= 0xFF
    row = files(rows(bytes(data)))[0]
    with pytest.raises(FormatError, match="'a' in the zip file is damaged"):
        row.open().read()


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"not a zip", make_zip({"a": b"1"})[:-5]], ids=["empty", "too short", "text", "cut off"]
)
def test_what_is_no_zip_is_called_so(data: bytes) -> None:
    assert "not a zip file, or it is damaged" in fatal(data).message


def read_all(data: bytes) -> None:
    for row in read(io.BytesIO(data), Limits(max_files=10)):
        if isinstance(row, FileRow):
            row.open().read()


WHOLE = make_zip({"manifest.csv": b"file,x\na,1\nb,2\n", "a": b"abc" * 50, "b": b"\0" * 99}, zipfile.ZIP_DEFLATED)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(WHOLE)))
def test_no_damage_does_more_than_be_refused(damage: list[tuple[int, int]], length: int) -> None:
    data = bytearray(WHOLE)
    for position, byte in damage:
        data[position] = byte
    for part in (bytes(data), bytes(data[:length])):
        with suppress(FormatError):
            read_all(part)


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for part in (data, WHOLE + data, data + WHOLE):
        with suppress(FormatError):
            read_all(part)
