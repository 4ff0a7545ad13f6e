"""Rows that were found good into items and tasks, all in the caller's transaction.

Between the check and the load they are lines (`pack`), so that a file may be as large as the disk. Where a row tells by
itself what its tasks are, all that the load adds are ids and places; others are cut once their files have ids.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from random import Random, SystemRandom

from crowd.labeling.config import LabelConfig
from crowd.projects.cutting import RING, Datum, Media, shown
from crowd.projects.imports import copy, options
from crowd.projects.imports.ready import is_item, is_ready, packed, unpacked
from crowd.projects.imports.rows import Prepared, Stored
from crowd.projects.models import Item, MediaFile, Project, Upload
from crowd.projects.services.cut import Cut, cut_data, shape

BATCH = 2_000
BATCH_LINES = 2 * BATCH  # an item and its task
BATCH_BYTES = 8 * 1024**2


def load(upload: Upload, rows: Iterable[Prepared], *, now: datetime, rng: Random | None = None) -> Cut:
    """Store items, their media and their tasks; one batch is held at a time.

    Raises IntegrityError when a key was taken since the rows were checked.
    """
    return load_packed(upload, pack(upload.project, rows), now=now, rng=rng)


def pack(project: Project, rows: Iterable[Prepared]) -> Iterator[bytes]:
    """Lines that `load_packed` takes."""
    if is_ready(*shape(project)):
        return chain.from_iterable(packed(row, project.redundancy) for row in rows)
    return (_packed(row) for row in rows)


def load_packed(upload: Upload, lines: Iterable[bytes], *, now: datetime, rng: Random | None = None) -> Cut:
    """`load`, of rows that were packed; the project's config, split and redundancy must be what they were then."""
    if is_ready(*shape(upload.project)):
        return _load_ready(upload, iter(lines), now, rng or SystemRandom())
    return cut_data(upload.project, _stored(upload, map(_unpacked, lines), now), rng=rng)


def _load_ready(upload: Upload, lines: Iterator[bytes], now: datetime, rng: Random) -> Cut:
    total, last = Cut(), 0
    while batch := _batch(lines):
        items, tasks, needed = _with_ids(batch, last, rng)
        last = items[-1][0] if items else last
        copy.copy_items(upload, items, now=now)
        copy.copy_tasks(upload.project_id, tasks)
        total += Cut(tasks=len(needed), gold_tasks=needed.count(0), slots=sum(needed))
    return total


def _batch(lines: Iterator[bytes]) -> list[bytes]:
    """So many lines, fewer of large ones; the tasks of one item may come in several batches."""
    batch, size = list[bytes](), 0
    for line in islice(lines, BATCH_LINES):
        batch.append(line)
        size += len(line)
        if size > BATCH_BYTES:
            break
    return batch


def _with_ids(
    batch: Sequence[bytes], last: int, rng: Random
) -> tuple[list[copy.ItemLine], list[copy.TaskLine], list[int]]:
    """Items and tasks of a batch, and the slots of each task. `last`: whose the tasks before its first item are."""
    ids = iter(copy.new_ids(Item, sum(map(is_item, batch))))
    id, items, tasks, slots = last, list[copy.ItemLine](), list[copy.TaskLine](), list[int]()
    for line in batch:
        needed, cells = unpacked(line)
        if needed is None:
            id = next(ids)
            items.append((id, (), cells))
        else:
            tasks.append((id, rng.getrandbits(RING), cells))
            slots.append(needed)
    return items, tasks, slots


def _packed(row: Prepared) -> bytes:
    # Not asdict(): its deep copy would take longer than all the rest.
    fields = vars(row) | {"media": {name: vars(one) for name, one in row.media.items()}}
    return copy.as_json({name: value for name, value in fields.items() if name != "pieces"}).encode() + b"\n"


def _unpacked(line: bytes) -> Prepared:
    fields = json.loads(line)
    stored = fields.pop("media")
    return Prepared(**fields, media={name: Stored(**one) for name, one in stored.items()})


def _stored(upload: Upload, rows: Iterator[Prepared], now: datetime) -> Iterator[Datum]:
    config, _split = shape(upload.project)
    hidden = options.stored(upload.options).hidden
    while batch := list(islice(rows, BATCH)):
        media = _store_media(upload.project, batch, now)
        numbered = list(zip(copy.new_ids(Item, len(batch)), batch, media, strict=True))
        cells = (
            (id, [files[name].id if name in files else None for name in _two(config)], copy.item_cells(row))
            for id, row, files in numbered
        )
        copy.copy_items(upload, cells, now=now)
        for id, row, files in numbered:
            yield Datum(
                id=id,
                shown=shown(row.data, hidden, files),
                redundancy=row.redundancy or upload.project.redundancy,
                gold=row.gold,
                gold_reason=row.gold_reason,
            )


def _two(config: LabelConfig) -> tuple[str, str]:
    return config.data.field, config.data.beside


def _store_media(project: Project, rows: Sequence[Prepared], now: datetime) -> list[dict[str, Media]]:
    """Each row's media by the columns that show them. A row's number does not name it: pages of a PDF share one."""
    files = [
        {column: MediaFile(project=project, created_at=now, **vars(one)) for column, one in row.media.items()}
        for row in rows
    ]
    MediaFile.objects.bulk_create(file for one in files for file in one.values())
    return [
        {column: Media(file.pk, file.width, file.height, file.seconds) for column, file in one.items()} for one in files
    ]
