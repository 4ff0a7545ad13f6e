"""A row that tells by itself what its tasks are: both as COPY will be given them, once they have ids and places."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crowd.labeling.config import LabelConfig
from crowd.labeling.split import Split
from crowd.projects.imports.copy import item_cells, task_cells
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.imports.rows import Prepared

_ITEM = b"item"


class Ready(NamedTuple):
    """The cells of an item (`needed` is None), or of a task of the item before it, with the slots it has (0: gold)."""

    cells: bytes
    needed: int | None

    @property
    def is_item(self) -> bool:
        return self.needed is None


def is_ready(config: LabelConfig, split: Split) -> bool:
    """Whether all rows are: no file must be stored first, and none shares a page with another one."""
    return config.data.kind not in MEDIA_KINDS and (split.by != "rows" or split.size == 1)


def packed(row: Prepared, redundancy: int) -> Iterator[bytes]:
    """A line for the item and one for each task, since cells have no line breaks. One is held at a time: together they
    may be many times the row. `redundancy` is the project's, for a row that has none of its own."""
    yield b"%b %b\n" % (_ITEM, item_cells(row))
    wanted = row.redundancy or redundancy
    for piece in row.pieces:
        cells = task_cells(
            payload=piece.payload,
            source=piece.source,
            units=piece.units,
            redundancy=wanted,
            gold=row.gold,
            gold_reason=row.gold_reason,
        )
        yield b"%d %b\n" % (wanted if row.gold is None else 0, cells)


def unpacked(lines: Iterable[bytes]) -> Iterator[Ready]:
    for line in lines:
        needed, cells = line.rstrip(b"\n").split(b" ", 1)
        yield Ready(cells, None if needed == _ITEM else int(needed))
