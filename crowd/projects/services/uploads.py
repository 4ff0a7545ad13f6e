"""A file of items on its way in: received at once, worked through by a job, imported as a whole or not at all."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from random import Random
from typing import Any, BinaryIO, TypeVar, cast

from celery import current_app
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from kombu.exceptions import OperationalError

from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, CrowdError
from crowd.kernel.transitions import WrongState
from crowd.labeling.errors import FormatError
from crowd.projects.access import locked_for, project_for
from crowd.projects.imports import files, options, sources
from crowd.projects.imports.checking import Report, check
from crowd.projects.imports.load import load_packed, pack
from crowd.projects.imports.media import Brought, Shelf
from crowd.projects.imports.rows import RowReader
from crowd.projects.imports.spool import Spool
from crowd.projects.models import Upload
from crowd.projects.services import reserves
from crowd.projects.services.addition import finish
from crowd.projects.services.cut import shape
from crowd.projects.states import IMPORT, ImportState, ProjectState
from crowd.users.models import User

One = TypeVar("One")
JOB = "crowd.projects.jobs.process_upload"
OPEN_FOR_ITEMS = (ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)
MAX_WAITING = 20
MAX_ATTEMPTS = 3
SILENCE = timedelta(minutes=10)  # after which whoever runs it is taken for dead
PATIENCE = timedelta(minutes=2)  # after which a message that nobody followed is taken for lost
HEARTBEAT_SECONDS = 20.0


class _Superseded(Exception):
    """Somebody else runs this import now: we were taken for dead."""


def receive(
    *,
    actor: User,
    project_id: int,
    stream: BinaryIO,
    filename: str,
    format: str,
    options: Mapping[str, Any] | None = None,
) -> Upload:
    """Store a file (csv, jsonl or zip) and leave the rest to a job; returns the upload, waiting.

    Only what can be said at once is said here: BadInput for the format or the options, TooLarge, NoConfig, WrongState.
    What the job finds stands on the upload: done, or refused with every bad row.
    """
    chosen = _options(actor, project_id, format, options)
    name = files.keep(stream, project_id)
    try:
        return _announce(actor, project_id, name, filename, format, chosen)
    except BaseException:
        default_storage.delete(name)
        raise


def process(*, upload_id: int, rng: Random | None = None) -> Upload:
    """Work through an upload that waits; any other is returned as it is. Demos pass `rng`, as for `cut`.

    1. Claim it: of many callers one goes on.
    2. Read the whole file and fetch the media, outside of any transaction; good rows go to a file on disk.
    3. All rows good, or the bad ones to be skipped: items, tasks and their money in one transaction.
    4. Otherwise it is refused, and its media are deleted.
    """
    upload = _claim(upload_id)
    if upload is None:
        return Upload.objects.get(pk=upload_id)
    if upload.attempt > MAX_ATTEMPTS:
        return _refuse(upload, Report(), _("This file could not be worked through. Please tell the site's staff."))
    try:
        return _run(upload, rng)
    except _Superseded:
        return Upload.objects.get(pk=upload_id)


def due() -> list[int]:
    """Uploads to send to a job once more, whatever became of the message: for the sweep, which does so now and then.

    One whose runner fell silent waits again; that runner, should it live after all, will find that it was given up.
    """
    now = clock.now()
    silent = Upload.objects.filter(state=ImportState.RUNNING, alive_at__lt=now - SILENCE)
    silent.update(state=ImportState.WAITING, alive_at=None)
    forgotten = Q(alive_at=None) | Q(alive_at__lt=now - PATIENCE)
    waiting = Upload.objects.filter(forgotten, state=ImportState.WAITING)
    ids = list(waiting.order_by("id").values_list("id", flat=True))
    waiting.filter(pk__in=ids).update(alive_at=now)
    return ids


def tidy() -> int:
    """Delete what ended imports left in the storage, where whoever ended them could not; returns of how many."""
    ended = Upload.objects.filter(state__in=[ImportState.DONE, ImportState.REFUSED]).exclude(storage_name="")
    for upload in ended:
        files.tidy(upload)
    return len(ended)


def _options(actor: User, project_id: int, format: str, given: Mapping[str, Any] | None) -> options.Options:
    if format not in sources.FORMATS:
        raise BadInput(_("The format is one of %(names)s.") % {"names": ", ".join(sources.FORMATS)})
    config, _split = shape(project_for(actor, project_id))
    return options.parse(given, config)


def _announce(actor: User, project_id: int, name: str, filename: str, format: str, chosen: options.Options) -> Upload:
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, *OPEN_FOR_ITEMS)
        waiting = Upload.objects.filter(project=project, state__in=[ImportState.WAITING, ImportState.RUNNING])
        if waiting.count() >= MAX_WAITING:
            raise BadInput(_("%(most)s files wait already; please let them be imported first.") % {"most": MAX_WAITING})
        upload = Upload.objects.create(
            project=project,
            format=format,
            filename=filename[:255],
            storage_name=name,
            options=chosen.to_json(),
            created_by=actor,
            created_at=now,
            alive_at=now,
        )
        transaction.on_commit(lambda: _hint(upload.pk))
    return upload


def _hint(upload_id: int) -> None:
    """A broker that is down loses nothing: the sweep finds the upload."""
    try:
        current_app.send_task(JOB, [upload_id])
    except (OperationalError, OSError):
        return


def _claim(upload_id: int) -> Upload | None:
    """The upload, ours to run; None when somebody else runs it or it has ended."""
    with transaction.atomic(durable=True):
        now = clock.now()
        claimed = Upload.objects.filter(pk=upload_id, state__in=IMPORT.sources(ImportState.RUNNING)).update(
            state=ImportState.RUNNING, attempt=F("attempt") + 1, alive_at=now
        )
        if not claimed:
            return None
        return Upload.objects.select_related("project__config", "created_by").get(pk=upload_id)


def _run(upload: Upload, rng: Random | None) -> Upload:
    """What it reports is for who sent the file, in his language."""
    with translation.override(upload.created_by.language), Spool() as spool:
        for _try in range(MAX_ATTEMPTS):
            report = Report()
            fault = _check(upload, spool, report)
            if fault:
                return _refuse(upload, report, fault)
            try:
                return _import(upload, spool, report, rng)
            except IntegrityError:
                continue  # a key that was free when we looked is taken now: look again
            except CrowdError as error:  # not enough money, or the project began to close
                return _refuse(upload, report, str(error.message))
    return _refuse(upload, report, _("The keys of these rows are being added by somebody else at the same time."))


def _check(upload: Upload, spool: Spool, report: Report) -> str:
    """Fill the spool with the good rows. Returns why nothing may be imported; empty when it may."""
    config, split = shape(upload.project)
    chosen = options.stored(upload.options)
    columns = chosen.media_columns(config)
    alive = _Heartbeat(upload)
    shelf = Shelf(
        kind=config.data.kind,
        folder=files.media_folder(upload),
        brought=Brought(sources.LIMITS),
        is_cut=split.by == "tiles",
    )
    getter = sources.MediaGetter(shelf, columns, chosen, alive)
    reader = RowReader(config=config, split=split, options=chosen)
    files.empty(shelf.folder)  # a try before this one may have left something
    try:
        with default_storage.open(upload.storage_name) as stream:
            rows = alive.through(sources.rows(upload.format, cast(BinaryIO, stream), config, chosen))
            good = check(rows, reader, upload.project_id, report, getter.get if columns else None)
            spool.fill(pack(upload.project, good))
    except FormatError as error:
        report.add(error.row, error.column, error.message)
        return _("The file cannot be read beyond this place; nothing was imported.")
    if report.bad and not chosen.skip_bad_rows:
        return ngettext(
            "%(bad)s row cannot be used; nothing was imported.",
            "%(bad)s rows cannot be used; nothing was imported.",
            report.bad,
        ) % {"bad": report.bad}
    return "" if report.good or report.known else _("There are no rows that could be imported.")


def _import(upload: Upload, spool: Spool, report: Report, rng: Random | None) -> Upload:
    with transaction.atomic(durable=True):
        _hold(upload)
        # Whoever adds items with the same keys by API would wait for our rows, and we then for his project's row.
        locks.exclusive(locks.Gate.ITEMS, upload.project_id)
        now = clock.now()
        added = load_packed(upload, spool, now=now, rng=rng)
        # Only now, so that the project can be paused while a large file loads. What tasks are cut from could not
        # change meanwhile: that is refused while an import runs.
        project = reserves.lock(upload.project_id)
        if project.state not in OPEN_FOR_ITEMS:
            raise WrongState(_("The project takes no more items: it is %(state)s.") % {"state": project.state})
        upload.project = project
        finish(upload, report, added, actor=upload.created_by, now=now)
    files.tidy(upload)
    return upload


def _refuse(upload: Upload, report: Report, reason: str) -> Upload:
    with transaction.atomic(durable=True):
        _hold(upload)
        IMPORT.check(ImportState.RUNNING, ImportState.REFUSED)
        upload.state, upload.finished_at = ImportState.REFUSED, clock.now()
        upload.rows_good, upload.rows_bad, upload.rows_known = report.good, report.bad, report.known
        upload.errors = [{"row": 0, "column": "", "reason": reason}, *report.errors]
        upload.save()
    files.tidy(upload)
    return upload


def _hold(upload: Upload) -> None:
    """Lock the upload's row; raises _Superseded unless it is still ours."""
    ours = Upload.objects.select_for_update(no_key=True)
    ours = ours.filter(pk=upload.pk, state=ImportState.RUNNING, attempt=upload.attempt)
    if not list(ours.values_list("pk")):
        raise _Superseded


class _Heartbeat:
    """Shows now and then that this import's runner lives; raises _Superseded when it was given to another one."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._last = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._last < HEARTBEAT_SECONDS:
            return
        self._last = time.monotonic()
        ours = Upload.objects.filter(pk=self._upload.pk, state=ImportState.RUNNING, attempt=self._upload.attempt)
        if not ours.update(alive_at=clock.now()):
            raise _Superseded

    def through(self, rows: Iterable[One]) -> Iterator[One]:
        for row in rows:
            self()
            yield row
