"""A zip of files: each file is a row, with the columns that a manifest in the zip gives it.

The manifest is ``manifest.csv`` or ``manifest.jsonl`` at the top (or in the one folder that holds everything); its
column `file` names files by their path from there. Row numbers are the manifest's; without a manifest, the files'
places in the archive, from 1. Nothing is written to disk, so a hostile path can do no harm here; it is refused all the
same, because somebody will use it as a name later. There is no writer: exports are rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

from crowd.labeling.errors import FormatError
from crowd.labeling.fields import meant, shown
from crowd.labeling.formats import csv_rows, json_lines
from crowd.labeling.formats.archive import Archive, Member
from crowd.labeling.formats.rows import DEFAULT, Limits, Row, RowError
from crowd.labeling.speech import joined, say

FILE_COLUMN = "file"


@dataclass(frozen=True, kw_only=True)
class FileRow(Row):
    """A row that is a file: its path in the zip, its size in bytes, and `open` for its content.

    The stream that `open` gives raises FormatError where the content is damaged, at the latest at its end, where the
    checksum is compared. It needs the zip's own stream to be open still. `beside`: the second file of a pair.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    beside: "FileRow | None" = None


def read(
    stream: BinaryIO, limits: Limits = DEFAULT, *, column: str = FILE_COLUMN, beside: str = ""
) -> Iterator[FileRow | RowError]:
    """The files of a zip in a seekable stream, as rows whose `column` is the file's path in the zip. With `beside`, the
    manifest's column of that name is the path of a second file.

    A file with an unsafe name, a link, an encrypted file, one of a size or ratio beyond the limits: RowError. Raises
    FormatError for a file that is no zip, a damaged directory, too many files, too large a total, two manifests.
    """
    archive = Archive(stream, limits)
    files, manifests = _sorted_out(archive.members)
    if len(manifests) > 1:
        raise FormatError(0, None, say("There are two manifests; keep one of manifest.csv and manifest.jsonl."))
    if manifests:
        yield from _by_manifest(archive, manifests[0], files, limits, (column, beside))
        return
    for member in archive.members:
        yield _file_row(archive, member, member.number, {column: member.name})


def _sorted_out(members: tuple[Member, ...]) -> tuple[dict[str, Member], list[Member]]:
    """The files by their path from where the manifest is, and the manifests."""
    tops = {member.name.partition("/")[0] for member in members}
    at_top = any(member.name in _MANIFESTS for member in members)
    folder = f"{tops.pop()}/" if len(tops) == 1 and not at_top else ""
    names = {member.name.removeprefix(folder): member for member in members}
    manifests = [names.pop(name) for name in _MANIFESTS if name in names]
    return names, manifests


def _by_manifest(
    archive: Archive, manifest: Member, files: Mapping[str, Member], limits: Limits, columns: tuple[str, str]
) -> Iterator[FileRow | RowError]:
    used: set[str] = set()
    for row in _manifest_rows(archive, manifest, limits, columns[0]):
        if isinstance(row, RowError):
            yield row
            continue
        found = [_named(archive, row, column, files) for column in columns if column]
        used |= {one.name for one in found if isinstance(one, FileRow)}
        yield _together(found)
    for member in files.values():
        if member.name not in used:
            reason = say("The file %(name)s is in the zip file, but not in its manifest.", name=repr(member.name))
            yield RowError(number=0, column=None, reason=reason)


def _together(found: list[FileRow | RowError]) -> FileRow | RowError:
    """A row of one or two files; what is wrong with either is wrong with the row."""
    first, *others = found
    second = others[0] if others else None
    if isinstance(first, RowError) or isinstance(second, RowError):
        return first if isinstance(first, RowError) else second  # type: ignore[return-value]
    return replace(first, beside=second)


def _named(archive: Archive, row: Row, column: str, files: Mapping[str, Member]) -> FileRow | RowError:
    """The file that a row of the manifest names in this column."""
    name = row.data.get(column)
    member = files.get(name.removeprefix("./")) if isinstance(name, str) else None
    if member is None:
        return RowError(number=row.number, column=column, reason=_no_such_file(name, files))
    return _file_row(archive, member, row.number, {**row.data, column: member.name})


def _no_such_file(name: Any, files: Mapping[str, Member]) -> str:
    if not isinstance(name, str) or not name:
        return say("This row of the manifest names no file.")
    return joined(
        say("The manifest names %(value)s, which is not in the zip file.", value=shown(name)), meant(name, files)
    )


def _manifest_rows(archive: Archive, manifest: Member, limits: Limits, column: str) -> Iterator[Row | RowError]:
    if manifest.problem:
        raise FormatError(0, None, joined(say("The manifest cannot be read."), manifest.problem))
    reader = _MANIFESTS[manifest.name.rpartition("/")[2]]
    try:
        yield from reader(archive.open(manifest), limits, column)
    except FormatError as error:
        raise FormatError(error.row, error.column, say("In the manifest: %(message)s", message=error.message)) from None


def _file_row(archive: Archive, member: Member, number: int, data: dict[str, Any]) -> FileRow | RowError:
    if member.problem:
        return RowError(
            number=number,
            column=None,
            reason=joined(say("The file %(name)s is refused.", name=repr(member.name)), member.problem),
        )
    opener = partial(archive.open, member)
    return FileRow(number=number, data=data, name=member.name, size=member.size, open=opener)


def _read_csv(stream: BinaryIO, limits: Limits, column: str) -> Iterator[Row | RowError]:
    return csv_rows.read(stream, limits, required=[column])


def _read_json_lines(stream: BinaryIO, limits: Limits, column: str) -> Iterator[Row | RowError]:
    return json_lines.read(stream, limits)


_MANIFESTS: Mapping[str, Callable[[BinaryIO, Limits, str], Iterator[Row | RowError]]] = {
    "manifest.csv": _read_csv,
    "manifest.jsonl": _read_json_lines,
}
