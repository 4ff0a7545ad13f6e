"""A requester brings his data before he has said what is asked: the file waits, its columns are looked at, no more.

Once the label config is there the file goes the way of every upload. One file a draft: a new one replaces it.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.labeling.errors import FormatError
from crowd.labeling.formats import csv_rows, json_lines, zip_files
from crowd.labeling.formats.rows import Row, RowError
from crowd.projects.access import locked_for, project_for
from crowd.projects.imports import files
from crowd.projects.imports.options import DELIMITERS, MEDIA_KINDS
from crowd.projects.imports.sources import FORMATS
from crowd.projects.models import Project, StagedFile, Upload
from crowd.projects.services import uploads
from crowd.projects.services.cut import shape
from crowd.projects.states import ImportState, ProjectState
from crowd.users.models import User

SAMPLE = 5  # rows
SHOWN = 3_000  # characters of a cell: enough to show how it would be cut
AT_ONCE = 1024**2  # bytes: smaller files of text or rows are imported while the requester waits


def stage(*, actor: User, project_id: int, stream: BinaryIO, filename: str, format: str) -> StagedFile:
    """Keep a file for a draft and look at its first rows. Raises BadInput (place "file"), TooLarge, WrongState."""
    if format not in FORMATS:
        raise BadInput(errors={"file": _("The format is one of %(names)s.") % {"names": ", ".join(FORMATS)}})
    project_for(actor, project_id)
    name = files.keep(stream, project_id)
    try:
        delimiter, rows = _look(name, format)
        return _store(actor, project_id, name, filename, format, delimiter, rows)
    except BaseException:
        default_storage.delete(name)
        raise


def choose(*, actor: User, project_id: int, kind: str, field: str, options: Mapping[str, Any]) -> StagedFile:
    """Say what the staged file's columns are. Checked when it is imported, against the label config."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, ProjectState.DRAFT)
        staged = _staged(project)
        staged.chosen = {"kind": kind, "field": field, "options": dict(options)}
        staged.save(update_fields=["chosen"])
    return staged


def forget(*, actor: User, project_id: int) -> None:
    """Throw the staged file away; nothing happens where there is none."""
    with transaction.atomic(durable=True):
        _delete(locked_for(actor, project_id, ProjectState.DRAFT))


def import_staged(*, actor: User, project_id: int) -> Upload:
    """Import the staged file by the columns that were chosen; small ones of text and rows at once, others by the job.

    The file goes on waiting if it was refused, at the door (BadInput, NoConfig, WrongState) or for its rows: then
    the columns can be chosen otherwise, or the bad rows left out.
    """
    project = project_for(actor, project_id)
    staged = _staged(project)
    config, _split = shape(project)
    options = staged.chosen.get("options", {}) | ({"delimiter": staged.delimiter} if staged.format == "csv" else {})
    with default_storage.open(staged.storage_name) as stream:
        upload = uploads.receive(
            actor=actor,
            project_id=project_id,
            stream=cast(BinaryIO, stream),
            filename=staged.filename,
            format=staged.format,
            options=options,
        )
    if staged.size <= AT_ONCE and config.data.kind not in MEDIA_KINDS:
        upload = uploads.process(upload_id=upload.pk)
    if upload.state != ImportState.REFUSED:
        forget(actor=actor, project_id=project_id)
    return upload


def _look(name: str, format: str) -> tuple[str, list[Row]]:
    """The delimiter, and the first rows that can be read; BadInput where there are none."""
    with default_storage.open(name) as stream:
        delimiter = _delimiter(cast(BinaryIO, stream)) if format == "csv" else ","
        stream.seek(0)
        try:
            found = list(islice(_rows(cast(BinaryIO, stream), format, delimiter), SAMPLE))
        except FormatError as error:
            raise BadInput(errors={"file": error.sentence}) from error
    rows = [row for row in found if isinstance(row, Row)]
    if not rows:
        raise BadInput(errors={"file": _why_none(found)})
    return delimiter, rows


def _why_none(found: list[Row | RowError]) -> str:
    if not found:
        return _("There are no rows in this file.")
    return _("There are no rows in this file that could be read. Row %(row)s: %(reason)s") % {
        "row": found[0].number,
        "reason": getattr(found[0], "reason", ""),
    }


def _rows(stream: BinaryIO, format: str, delimiter: str) -> Iterator[Row | RowError]:
    if format == "csv":
        return csv_rows.read(stream, delimiter=delimiter)
    return json_lines.read(stream) if format == "jsonl" else zip_files.read(stream)


def _delimiter(stream: BinaryIO) -> str:
    """Whichever stands most often in the header line: spreadsheets of many countries write semicolons."""
    header = stream.readline(100_000)
    return max(DELIMITERS, key=lambda one: header.count(one.encode()))


def _store(
    actor: User, project_id: int, name: str, filename: str, format: str, delimiter: str, rows: list[Row]
) -> StagedFile:
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, ProjectState.DRAFT)
        _delete(project)
        return StagedFile.objects.create(
            project=project,
            storage_name=name,
            filename=filename[:255],
            format=format,
            delimiter=delimiter,
            size=default_storage.size(name),
            columns=list(dict.fromkeys(column for row in rows for column in row.data)),
            sample=[{column: _short(value) for column, value in row.data.items()} for row in rows],
            created_by=actor,
            created_at=clock.now(),
        )


def _short(value: Any) -> Any:
    return value[:SHOWN] if isinstance(value, str) else value


def _staged(project: Project) -> StagedFile:
    found = StagedFile.objects.filter(project=project).first()
    if found is None:
        raise NotFound(_("There is no file that waits."))
    return found


def _delete(project: Project) -> None:
    """Needs the project's lock. The file goes with the commit, so that a rollback keeps both."""
    for staged in StagedFile.objects.filter(project=project):
        staged.delete()
        transaction.on_commit(lambda name=staged.storage_name: default_storage.delete(name))  # type: ignore[misc]
