"""A zip archive from a stranger, opened without trusting what it says about itself."""

import errno
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from crowd.labeling.errors import FormatError
from crowd.labeling.formats.rows import Limits
from crowd.labeling.speech import say

MAX_PATH = 1_024
# zipfile looks this far from the end for the directory's record, in one read of unstated size.
_TAIL = (1 << 16) + 64
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES = 512
_ENCRYPTED = 0x1
# bzip2 and lzma could be read too, but lzma lets the file choose how much memory that takes.
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What operating systems put beside people's files.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of an archive. `number` is its place, from 1; `problem` says why it is refused, or is empty."""

    number: int
    name: str
    size: int
    problem: str
    info: zipfile.ZipInfo


class Archive:
    """A zip in a seekable stream. Reads only the directory, and no more of it than the limits allow; FormatError else.

    The stream stays the caller's, and must stay open for as long as members are read.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        with _broken_is(FormatError(0, None, say("This is not a zip file, or it is damaged."))):
            stream.seek(0)
            self._zip = zipfile.ZipFile(_Wary(stream, limits))
        self.members = tuple(_members(self._zip, limits))

    def open(self, member: Member) -> BinaryIO:
        """The content of a member as a stream; its reads raise FormatError when the content is damaged."""
        return io.BufferedReader(_Content(self._zip, member))


class _Wary:
    """A stream in which no directory beyond the limits is read: zipfile takes it whole, at the size it claims."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._at_most = _TAIL + limits.max_files * _ENTRY_BYTES
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._at_most:
            raise FormatError(0, None, say("The directory of this zip file is too large, or it is damaged."))
        data = self._stream.read(size if size >= 0 else _TAIL)
        # Each entry becomes an object ten times its size, so they are counted first. Folders count here too.
        if data.startswith(_ENTRY) and data.count(_ENTRY) > 2 * self._limits.max_files:
            raise _too_many(self._limits)
        return data


class _Content(io.RawIOBase):
    """The bytes of one member; whatever is wrong with them is a FormatError."""

    def __init__(self, archive: zipfile.ZipFile, member: Member) -> None:
        super().__init__()
        self._error = FormatError(
            member.number, None, say("The file %(name)s in the zip file is damaged.", name=repr(member.name))
        )
        with _broken_is(self._error):
            self._file = archive.open(member.info)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _broken_is(self._error):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _broken_is(error: FormatError) -> Iterator[None]:
    try:
        yield
    except FormatError:
        raise
    except _BROKEN:
        raise error from None
    except OSError as cause:
        if cause.errno == errno.EINVAL:  # a seek to before the start, which a damaged directory can ask for
            raise error from None
        raise


def _too_many(limits: Limits) -> FormatError:
    return FormatError(0, None, say("There are more than %(most)s files in this zip file.", most=limits.max_files))


def _members(archive: zipfile.ZipFile, limits: Limits) -> Iterator[Member]:
    infos = [info for info in archive.infolist() if not _is_no_file(info.filename)]
    if len(infos) > limits.max_files:
        raise _too_many(limits)
    if sum(info.file_size for info in infos) > limits.max_total_bytes:
        size = f"{limits.max_total_bytes:,}"
        raise FormatError(
            0, None, say("Unpacked, the files in this zip file would be more than %(size)s bytes.", size=size)
        )
    names: set[str] = set()
    for number, info in enumerate(infos, start=1):
        problem = say("There are two files of this name.") if info.filename in names else _problem(info, limits)
        names.add(info.filename)
        yield Member(number=number, name=info.filename, size=info.file_size, problem=problem, info=info)


def _is_no_file(name: str) -> bool:
    """Whether it is a folder, or litter. An empty name is neither: it is refused later, with its reason."""
    return name.endswith("/") or name.startswith(_LITTER[0]) or name.rpartition("/")[2] in _LITTER


def _problem(info: zipfile.ZipInfo, limits: Limits) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not _is_safe_path(info.orig_filename):
        return say("Its name is not a plain path inside the zip file.")
    if kind not in (0, stat.S_IFREG):
        return say("It is a link or a device, not a file.")
    if info.flag_bits & _ENCRYPTED:
        return say("It is encrypted; zip it without a password.")
    if info.compress_type not in _READABLE:
        return say("It is compressed in an unusual way; zip it with the usual one (deflate).")
    if info.file_size > limits.max_file_bytes:
        return say(
            "It has %(size)s bytes; at most %(most)s are allowed.", size=info.file_size, most=limits.max_file_bytes
        )
    if info.file_size >= limits.ratio_from and info.file_size > limits.max_ratio * max(info.compress_size, 1):
        return say("It would unpack to more than %(ratio)s times its size.", ratio=limits.max_ratio)
    return ""


def _is_safe_path(name: str) -> bool:
    parts = name.split("/")
    if not name.isprintable() or len(name) > MAX_PATH or "\\" in name or ":" in parts[0]:
        return False
    return all(part.strip() and part not in (".", "..") for part in parts)
