"""Rows that were found good into items and tasks, all in the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from random import Random

from crowd.projects.cutting import Datum, Media, shown
from crowd.projects.imports import copy, options
from crowd.projects.imports.rows import Prepared
from crowd.projects.models import Item, MediaFile, Project, Upload
from crowd.projects.services.cut import Cut, cut_data, shape

BATCH = 2_000


def load(upload: Upload, rows: Iterable[Prepared], *, now: datetime, rng: Random | None = None) -> Cut:
    """Store items, their media and their tasks; one batch is held at a time.

    Raises IntegrityError when a key was taken since the rows were checked.
    """
    return cut_data(upload.project, _stored(upload, iter(rows), now), rng=rng)


def _stored(upload: Upload, rows: Iterator[Prepared], now: datetime) -> Iterator[Datum]:
    config, _split = shape(upload.project)
    hidden = options.stored(upload.options).hidden
    while batch := list(islice(rows, BATCH)):
        media = _store_media(upload.project, batch, now)
        numbered = [
            (id, row, media.get(row.number)) for id, row in zip(copy.new_ids(Item, len(batch)), batch, strict=True)
        ]
        copy.copy_items(upload, ((id, row, file.id if file else None) for id, row, file in numbered), now=now)
        for id, row, file in numbered:
            yield Datum(
                id=id,
                shown=shown(row.data, hidden, config.data.field, file),
                redundancy=row.redundancy or upload.project.redundancy,
                gold=row.gold,
                gold_reason=row.gold_reason,
            )


def _store_media(project: Project, rows: Sequence[Prepared], now: datetime) -> dict[int, Media]:
    """These rows' media by the rows' numbers."""
    files = {
        row.number: MediaFile(
            project=project,
            storage_name=row.media.storage_name,
            filename=row.media.filename,
            content_type=row.media.content_type,
            size=row.media.size,
            sha256=row.media.sha256,
            width=row.media.width,
            height=row.media.height,
            seconds=row.media.seconds,
            source_url=row.media.source_url,
            created_at=now,
        )
        for row in rows
        if row.media is not None
    }
    MediaFile.objects.bulk_create(files.values())
    return {number: Media(file.pk, file.width, file.height, file.seconds) for number, file in files.items()}
