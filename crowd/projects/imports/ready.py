"""A row that tells by itself what its tasks are: both as COPY will be given them, once they have ids and places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crowd.labeling.config import LabelConfig
from crowd.labeling.split import Split
from crowd.projects.imports.copy import item_cells, task_cells
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.imports.rows import Prepared


@dataclass(frozen=True, slots=True)
class Ready:
    """The cells of an item, and of each of its tasks, every one of which has `needed` slots (0: gold)."""

    item: bytes
    tasks: Sequence[bytes]
    needed: int

    def packed(self) -> bytes:
        """Lines, since cells have no line breaks."""
        return b"\n".join((b"%d %d %b" % (len(self.tasks), self.needed, self.item), *self.tasks, b""))


def is_ready(config: LabelConfig, split: Split) -> bool:
    """Whether all rows are: no file must be stored first, and none shares a page with another one."""
    return config.data.kind not in MEDIA_KINDS and (split.by != "rows" or split.size == 1)


def ready(row: Prepared, redundancy: int) -> Ready:
    """`redundancy` is the project's, for a row that has none of its own."""
    wanted = row.redundancy or redundancy
    tasks = [
        task_cells(
            payload=piece.payload,
            source=piece.source,
            units=piece.units,
            redundancy=wanted,
            gold=row.gold,
            gold_reason=row.gold_reason,
        )
        for piece in row.pieces
    ]
    return Ready(item_cells(row), tasks, wanted if row.gold is None else 0)


def unpacked(lines: Iterator[bytes]) -> Iterator[Ready]:
    for line in lines:
        tasks, needed, item = line.rstrip(b"\n").split(b" ", 2)
        yield Ready(item, [task.rstrip(b"\n") for task in islice(lines, int(tasks))], int(needed))
