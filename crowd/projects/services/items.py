"""Items by API: added in one call, and taken away again while the project is a draft."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from random import Random
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.labeling import strict_json
from crowd.labeling.formats import json_lines
from crowd.labeling.formats.rows import MAX_COLUMN_NAME, Row, RowError
from crowd.projects.access import locked_for, project_for
from crowd.projects.errors import BadRows
from crowd.projects.imports import options as import_options
from crowd.projects.imports.checking import Report, check
from crowd.projects.imports.load import load
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.imports.rows import Prepared, RowReader
from crowd.projects.models import Item, Project, Task, Upload
from crowd.projects.services import uploads
from crowd.projects.services.addition import finish
from crowd.projects.services.cut import cut, recut, shape
from crowd.projects.services.draft import refuse_while_importing
from crowd.projects.services.record import record
from crowd.projects.states import ImportState, ProjectState
from crowd.users.models import User

MAX_ROWS = 1_000
MAX_ROW_CHARACTERS = 1_000_000
OPEN_FOR_ITEMS = (ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)


def add(
    *,
    actor: User,
    project_id: int,
    rows: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any] | None = None,
    rng: Random | None = None,
) -> Upload:
    """Add at most 1,000 rows at once; returns the record of it, state done. Rows of media become an upload that waits.

    On a published project their money is reserved in the same transaction. Raises BadRows with every bad row (nothing
    is added, unless `skip_bad_rows`), BudgetShort, NoConfig, WrongState.
    """
    if not 1 <= len(rows) <= MAX_ROWS:
        raise BadInput(_("From 1 to %(most)s rows can be added in one call.") % {"most": MAX_ROWS})
    config, _split = shape(project_for(actor, project_id))
    if config.data.kind in MEDIA_KINDS:  # fetching takes longer than a request may
        lines = b"".join(json_lines.lines(rows))
        return uploads.receive(
            actor=actor, project_id=project_id, stream=BytesIO(lines), filename="", format="jsonl", options=options
        )
    with transaction.atomic(durable=True):
        locks.exclusive(locks.Gate.ITEMS, project_id)
        now = clock.now()
        project = locked_for(actor, project_id, *OPEN_FOR_ITEMS)
        reader = _reader(project, options)
        report = Report()
        good = list(check(_numbered(rows), reader, project.pk, report))
        if report.bad and not reader.options.skip_bad_rows:
            raise BadRows(_first(report), rows=report.errors, rows_bad=report.bad)
        return _store(actor, project, reader, good, report, now, rng)


def remove(*, actor: User, project_id: int, item_id: int) -> None:
    """Take one item out of a draft. Raises WrongState once published, NotFound."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, ProjectState.DRAFT)
        refuse_while_importing(project)
        item = Item.objects.filter(project=project, pk=item_id).first()
        if item is None:
            raise NotFound
        in_pages = project.split.get("by") == "rows"  # then others share its task
        Task.objects.filter(project=project, **({} if in_pages else {"item": item})).delete()
        item.delete()
        if in_pages:
            recut(project)
        record(actor, project, "project.item_removed", now=clock.now(), before={"item": item_id})


def clear(*, actor: User, project_id: int) -> int:
    """Take all items out of a draft; returns how many there were. Raises WrongState once published."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, ProjectState.DRAFT)
        refuse_while_importing(project)
        Task.objects.filter(project=project).delete()
        count, _by_model = Item.objects.filter(project=project).delete()
        record(actor, project, "project.items_cleared", now=clock.now(), before={"items": count})
    return count


def _reader(project: Project, options: Mapping[str, Any] | None) -> RowReader:
    config, split = shape(project)
    if config.data.kind in MEDIA_KINDS:  # it was another kind when we looked before the lock
        raise Conflict
    return RowReader(config=config, split=split, options=import_options.parse(options, config))


def _store(
    actor: User,
    project: Project,
    reader: RowReader,
    good: list[Prepared],
    report: Report,
    now: datetime,
    rng: Random | None,
) -> Upload:
    upload = Upload.objects.create(
        project=project,
        state=ImportState.DONE,
        format="json",
        options=reader.options.to_json(),
        created_by=actor,
        created_at=now,
    )
    added = load(upload, good, now=now, rng=rng)
    finish(upload, report, added, actor=actor, now=now)
    return upload


def _numbered(rows: Sequence[Any]) -> list[Row | RowError]:
    return [_row(number, row) for number, row in enumerate(rows, start=1)]


def _row(number: int, row: Any) -> Row | RowError:
    """The row as a JSON Lines file would give it: no NaN, no NUL, nothing bottomless."""
    if not isinstance(row, Mapping) or not all(isinstance(name, str) for name in row):
        return RowError(number=number, column=None, reason=_("This must be an object."))
    for name in row:
        if not name.strip() or len(name) > MAX_COLUMN_NAME:
            return RowError(number=number, column=name[:40], reason=_("This is no name for a column."))
    try:
        text = json.dumps(row)
        if len(text) > MAX_ROW_CHARACTERS:
            return RowError(number=number, column=None, reason=_("This row is too large."))
        return Row(number=number, data=strict_json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        return RowError(number=number, column=None, reason=str(error))


def _first(report: Report) -> str:
    first = report.errors[0]
    place = _("row %(row)s") % first + (f", {first['column']}" if first["column"] else "")
    return ngettext(
        "%(bad)s row cannot be used; nothing was added: %(place)s: %(reason)s",
        "%(bad)s rows cannot be used; nothing was added. The first: %(place)s: %(reason)s",
        report.bad,
    ) % {"bad": report.bad, "place": place, "reason": first["reason"]}


__all__ = ["add", "clear", "cut", "remove"]
