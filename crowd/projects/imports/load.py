"""Rows that were found good into items and tasks, all in the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from random import Random

from crowd.labeling.config import LabelConfig
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
        numbered = list(zip(copy.new_ids(Item, len(batch)), batch, media, strict=True))
        ids = (
            (id, row, [files[name].id if name in files else None for name in _two(config)])
            for id, row, files in numbered
        )
        copy.copy_items(upload, ids, now=now)
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
