"""Rows that were found good, on disk until all of the file is known to be good."""

import json
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from crowd.projects.imports.copy import as_json
from crowd.projects.imports.rows import Prepared, Stored


class Spool:
    """A temporary file of rows, written once and read as often as need be; gone when it is closed."""

    def __init__(self) -> None:
        self._file = TemporaryFile("w+b")  # noqa: SIM115  (closed by __exit__)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def fill(self, rows: Iterable[Prepared]) -> None:
        self._file.seek(0)
        self._file.truncate()
        for row in rows:
            # Not asdict(): its deep copy would take longer than all the rest.
            fields = vars(row) | {"media": {name: vars(one) for name, one in row.media.items()}}
            self._file.write(as_json(fields).encode() + b"\n")

    def __iter__(self) -> Iterator[Prepared]:
        self._file.seek(0)
        for line in self._file:
            fields = json.loads(line)
            stored = fields.pop("media")
            yield Prepared(**fields, media={name: Stored(**one) for name, one in stored.items()})
