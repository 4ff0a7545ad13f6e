"""Rows that were found good into items and tasks, all in the caller's transaction.

Between the check and the load they are lines (`pack`), so that a file may be as large as the disk. Where a row tells by
itself what its tasks are, all that the load adds are ids and places; others are cut once their files have ids.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from random import Random, SystemRandom

from crowd.labeling.config import LabelConfig
from crowd.projects.cutting import RING, Datum, Media, shown
from crowd.projects.imports import copy, options
from crowd.projects.imports.ready import Ready, is_ready, ready, unpacked
from crowd.projects.imports.rows import Prepared, Stored
from crowd.projects.models import Item, MediaFile, Project, Upload
from crowd.projects.services.cut import Cut, cut_data, shape

BATCH = 2_000
BATCH_BYTES = 8 * 1024**2


def load(upload: Upload, rows: Iterable[Prepared], *, now: datetime, rng: Random | None = None) -> Cut:
    """Store items, their media and their tasks; one batch is held at a time.

    Raises IntegrityError when a key was taken since the rows were checked.
    """
    return load_packed(upload, b"".join(pack(upload.project, rows)).splitlines(keepends=True), now=now, rng=rng)


def pack(project: Project, rows: Iterable[Prepared]) -> Iterator[bytes]:
    """Lines that `load_packed` takes."""
    if is_ready(*shape(project)):
        return (ready(row, project.redundancy).packed() for row in rows)
    return (_packed(row) for row in rows)


def load_packed(upload: Upload, lines: Iterable[bytes], *, now: datetime, rng: Random | None = None) -> Cut:
    """`load`, of rows that were packed; the project's config, split and redundancy must be what they were then."""
    if is_ready(*shape(upload.project)):
        return _load_ready(upload, unpacked(iter(lines)), now, rng or SystemRandom())
    return cut_data(upload.project, _stored(upload, map(_unpacked, lines), now), rng=rng)


def _load_ready(upload: Upload, rows: Iterator[Ready], now: datetime, rng: Random) -> Cut:
    total = Cut()
    while batch := _batch(rows):
        ids = copy.new_ids(Item, len(batch))
        copy.copy_items(upload, ((id, (), row.item) for id, row in zip(ids, batch, strict=True)), now=now)
        tasks = ((id, task) for id, row in zip(ids, batch, strict=True) for task in row.tasks)
        copy.copy_tasks(upload.project_id, ((id, rng.getrandbits(RING), task) for id, task in tasks))
        total += _count(batch)
    return total


def _batch(rows: Iterator[Ready]) -> list[Ready]:
    """So many rows, fewer of large ones."""
    batch, size = list[Ready](), 0
    for row in islice(rows, BATCH):
        batch.append(row)
        size += len(row.item) + sum(map(len, row.tasks))
        if size > BATCH_BYTES:
            break
    return batch


def _count(batch: Sequence[Ready]) -> Cut:
    return Cut(
        tasks=sum(len(row.tasks) for row in batch),
        gold_tasks=sum(len(row.tasks) for row in batch if row.needed == 0),
        slots=sum(len(row.tasks) * row.needed for row in batch),
    )


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
