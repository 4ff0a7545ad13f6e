"""Rows that were found good into items and tasks, all in the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from random import Random

from crowd.projects.imports import copy
from crowd.projects.imports.rows import Prepared
from crowd.projects.models import Item, MediaFile, Project, Upload
from crowd.projects.services.cut import Cut, cut

BATCH = 2_000


def load(upload: Upload, rows: Iterable[Prepared], *, now: datetime, rng: Random | None = None) -> Cut:
    """Store items, their media and their tasks; one batch is held at a time.

    Raises IntegrityError when a key was taken since the rows were checked.
    """
    return cut(upload.project, _stored(upload, iter(rows), now), rng=rng)


def _stored(upload: Upload, rows: Iterator[Prepared], now: datetime) -> Iterator[Item]:
    while batch := list(islice(rows, BATCH)):
        media = _store_media(upload.project, batch, now)
        ids = copy.new_ids(Item, len(batch))
        items = [_item(upload, row, id, media.get(row.number)) for id, row in zip(ids, batch, strict=True)]
        copy.copy_items(items, now=now)
        yield from items


def _item(upload: Upload, row: Prepared, id: int, media: MediaFile | None) -> Item:
    return Item(
        id=id,
        project=upload.project,
        key=row.key,
        data=row.data,
        media=media,
        upload=upload,
        redundancy=row.redundancy,
        gold=row.gold,
        gold_reason=row.gold_reason,
    )


def _store_media(project: Project, rows: Sequence[Prepared], now: datetime) -> dict[int, MediaFile]:
    """The media of these rows by the rows' numbers."""
    files = {
        row.number: MediaFile(
            project=project,
            storage_name=row.media.storage_name,
            filename=row.media.filename,
            content_type=row.media.content_type,
            size=row.media.size,
            sha256=row.media.sha256,
            source_url=row.media.source_url,
            created_at=now,
        )
        for row in rows
        if row.media is not None
    }
    MediaFile.objects.bulk_create(files.values())
    return files
