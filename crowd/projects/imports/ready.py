"""A row that tells by itself what its tasks are: both as COPY will be given them, once they have ids and places."""

from collections.abc import Iterator

from crowd.labeling.config import LabelConfig
from crowd.labeling.split import Split
from crowd.projects.imports.copy import item_cells, task_cells
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.imports.rows import Prepared

_ITEM = b"item"


def is_ready(config: LabelConfig, split: Split) -> bool:
    """Whether all rows are: no file must be stored first, and none shares a page with another one."""
    return config.data.kind not in MEDIA_KINDS and (split.by != "rows" or split.size == 1)


def packed(row: Prepared, redundancy: int) -> Iterator[bytes]:
    """A line for the item and one for each task, since cells have no line breaks. One is held at a time: together they
    may be many times the row. `redundancy` is the project's, for a row that has none of its own."""
    yield b"%b %b" % (_ITEM, item_cells(row))
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
        yield b"%d %b" % (wanted if row.gold is None else 0, cells)


def is_item(line: bytes) -> bool:
    return line.startswith(_ITEM)


def unpacked(line: bytes) -> tuple[int | None, bytes]:
    """The slots of a task of the item before it (0: gold), None for an item; and its cells, to the line's end."""
    needed, _space, cells = line.partition(b" ")
    return None if needed == _ITEM else int(needed), cells
