"""A large file of results: asked for once, written by a job, kept for a while.

The job's message is only a hint, the sweep finds what waits. Whoever writes shows now and then that he lives; one who
fell silent is given up, and the next attempt begins anew in a place of its own.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from crowd.consensus import exports
from crowd.consensus.models import Export
from crowd.consensus.states import EXPORT, ExportState
from crowd.kernel import clock, downloads, hints, replica
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.access import project_for
from crowd.users.models import User

JOB = "consensus.write_export"
UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)
MAX_ATTEMPTS = 3
MAX_KEPT = 10  # files a project; the oldest goes when one more is ready
SILENCE = timedelta(minutes=10)  # after which whoever writes it is taken for dead
PATIENCE = timedelta(minutes=2)  # after which a message that nobody followed is taken for lost
HEARTBEAT_SECONDS = 2.0


class _Superseded(Exception):
    """Somebody else writes this export now: we were taken for dead."""


def ask(*, actor: User, project_id: int, of: str, format: str) -> Export:
    """Have the file written; the one of this kind that is under way already, where there is one.

    of: "items" or "answers"; format: "csv" or "jsonl". Raises NotFound, BadInput before anything is asked.
    """
    with transaction.atomic(durable=True):
        project = project_for(actor, project_id)
        if of not in exports.OF or format not in exports.MEDIA_TYPES:
            raise NotFound
        if project.config_id is None:
            raise BadInput(_("The project asks nothing yet."))
        now = clock.now()
        wanted = Export(project=project, of=of, format=format, asked_by=actor, asked_at=now, alive_at=now)
        Export.objects.bulk_create([wanted], ignore_conflicts=True)  # two at once: one row
        made = Export.objects.filter(project=project, of=of, format=format).order_by("-pk")[0]
        hints.after_commit(JOB, made.pk)
    return made


def write(*, export_id: int) -> Export:
    """Write an export that waits; any other is returned as it is."""
    export = _claim(export_id)
    if export is None:
        return Export.objects.get(pk=export_id)
    _empty(export)  # what an attempt before this one left
    if export.attempt > MAX_ATTEMPTS:
        return _end(export, ExportState.FAILED)
    try:
        return _run(export)
    except _Superseded:
        return Export.objects.get(pk=export_id)


def download(export: Export) -> HttpResponseBase:
    """The file; the caller has passed the export's door. NotFound when it is not ready, or deleted by now."""
    if export.state != ExportState.DONE:
        raise NotFound
    name = exports.filename(export.project, export.of, export.format)
    kind = exports.MEDIA_TYPES[export.format]
    return downloads.answer(storage_name=export.storage_name, filename=name, content_type=kind)


def due() -> list[int]:
    """Exports to send to a job once more, whatever became of the message."""
    now = clock.now()
    silent = Export.objects.filter(state=ExportState.RUNNING, alive_at__lt=now - SILENCE)
    silent.update(state=ExportState.WAITING, alive_at=None)
    forgotten = Q(alive_at=None) | Q(alive_at__lt=now - PATIENCE)
    waiting = Export.objects.filter(forgotten, state=ExportState.WAITING)
    ids = list(waiting.order_by("id").values_list("id", flat=True))
    waiting.filter(pk__in=ids).update(alive_at=now)
    return ids


def delete_old() -> int:
    """Delete the files whose time is over; how many."""
    old = list(Export.objects.filter(state=ExportState.DONE, delete_at__lte=clock.now()))
    for export in old:
        _delete(export)
    return len(old)


def _claim(export_id: int) -> Export | None:
    """The export, ours to write; None when somebody else writes it or it has ended."""
    with transaction.atomic(durable=True):
        claimed = Export.objects.filter(pk=export_id, state__in=EXPORT.sources(ExportState.RUNNING)).update(
            state=ExportState.RUNNING, attempt=F("attempt") + 1, alive_at=clock.now(), rows=0
        )
        if not claimed:
            return None
        return Export.objects.select_related("project__organisation").get(pk=export_id)


def _run(export: Export) -> Export:
    """The file grows on disk, row by row, and goes into the storage as a whole."""
    patience_s = replica.JOB_PATIENCE_S
    expected = replica.read(lambda: exports.size(export.project, export.of), patience_s)
    _ours(export, rows_expected=expected)
    with TemporaryFile("w+b") as spool:
        lines = exports.lines(export.project, export.of, export.format, patience_s=patience_s)
        for line in _counted(export, lines):
            spool.write(line)
        size = spool.tell()
        spool.seek(0)
        name = default_storage.save(f"{_folder(export)}/{export.attempt}.{export.format}", File(spool))
    try:
        ended = _end(export, ExportState.DONE, storage_name=name, size=size)
    except _Superseded:
        default_storage.delete(name)
        raise
    for extra in Export.objects.filter(project=export.project, state=ExportState.DONE).order_by("-pk")[MAX_KEPT:]:
        _delete(extra)
    return ended


def _counted(export: Export, lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, while now and then it is noted how many there were. The head of a CSV is no row."""
    last, rows = time.monotonic(), -1 if export.format == "csv" else 0
    for line in lines:
        rows += 1
        if time.monotonic() - last >= HEARTBEAT_SECONDS:
            last = time.monotonic()
            _ours(export, rows=rows, alive_at=clock.now())
        yield line
    export.rows = rows


def _end(export: Export, state: ExportState, **facts: object) -> Export:
    EXPORT.check(ExportState.RUNNING, state)
    with transaction.atomic(durable=True):
        now = clock.now()
        if state == ExportState.DONE:
            facts |= {"rows": export.rows, "delete_at": now + timedelta(days=settings.CROWD_EXPORT_DAYS)}
        _ours(export, state=state, finished_at=now, **facts)
    export.refresh_from_db()
    return export


def _ours(export: Export, **changes: object) -> None:
    """Change the row, as long as it is ours to write; raises _Superseded otherwise."""
    ours = Export.objects.filter(pk=export.pk, state=ExportState.RUNNING, attempt=export.attempt)
    if not ours.update(**changes):
        raise _Superseded


def _delete(export: Export) -> None:
    """The file first: a crash between the two leaves a row that the next sweep finds again."""
    default_storage.delete(export.storage_name)
    Export.objects.filter(pk=export.pk, state=ExportState.DONE).update(state=ExportState.DELETED, storage_name="")


def _folder(export: Export) -> str:
    return f"exports/{export.project_id}/{export.pk}"


def _empty(export: Export) -> None:
    try:
        _folders, names = default_storage.listdir(_folder(export))
    except FileNotFoundError:
        return
    for name in names:
        default_storage.delete(f"{_folder(export)}/{name}")
