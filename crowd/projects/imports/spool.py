"""Rows that were found good, on disk until all of the file is known to be good."""

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self


class Spool:
    """A temporary file of lines, written once and read as often as need be; gone when it is closed."""

    def __init__(self) -> None:
        self._file = TemporaryFile("w+b")  # noqa: SIM115  (closed by __exit__)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def fill(self, lines: Iterable[bytes]) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.writelines(lines)

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return iter(self._file)
