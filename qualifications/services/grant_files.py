"""Granting by CSV: columns `worker` and, if wanted, `value` and `reason`. All rows or none, unless told otherwise."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.labeling.errors import FormatError
from crowd.labeling.formats import csv_rows
from crowd.labeling.formats.rows import Limits, Row, RowError
from crowd.users.access import acts_as_staff
from crowd.users.models import User
from qualifications.access import managed_qualification
from qualifications.errors import BadRows
from qualifications.models import Qualification
from qualifications.services.grants import MAX_VALUE, Award, award_many, check_award
from workers.models import Pseudonym, Worker

MAX_ROWS = 20_000
COLUMNS = ("worker", "value", "reason")
LIMITS = Limits(max_row_bytes=20_000, max_rows=MAX_ROWS)


@dataclass(frozen=True)
class BadRow:
    """`row` counts as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Report:
    granted: int
    bad: tuple[BadRow, ...] = field(default=())


def grant_from_csv(*, actor: User, qualification_id: int, data: bytes, skip_bad_rows: bool = False) -> Report:
    """Grant to every worker of the file; `worker` as in `grants.grant`, `value` 0 to 100 (empty: 100).

    Raises BadRows, which names every bad row, unless `skip_bad_rows`; BadInput for a file that is no such CSV.
    """
    with transaction.atomic(durable=True):
        qualification = managed_qualification(actor, qualification_id)
        now = clock.now()
        rows = list(_read(data))
        known = _known_workers(actor, qualification, rows)
        awards, bad = _sort_out(rows, known, actor, now)
        if bad and not skip_bad_rows:
            raise BadRows(rows=[vars(one) for one in bad])
        award_many(qualification, awards, actor=actor, now=now)
    return Report(len(awards), tuple(bad))


def _read(data: bytes) -> Iterator[Row | RowError]:
    try:
        for number, row in enumerate(csv_rows.read(io.BytesIO(data), LIMITS, required=["worker"])):
            if number == 0 and isinstance(row, Row) and (unknown := sorted(row.data.keys() - set(COLUMNS))):
                message = _("There is no use for the column “%(name)s”; the columns are %(columns)s.")
                raise BadInput(errors={unknown[0]: message % {"name": unknown[0], "columns": ", ".join(COLUMNS)}})
            yield row
    except FormatError as error:
        raise BadInput(errors={error.path or "file": error.message}) from error


def _known_workers(actor: User, qualification: Qualification, rows: list[Row | RowError]) -> Mapping[str, Worker]:
    """Reference, in capitals, to worker: three queries however many rows."""
    wanted = {_key(row) for row in rows if isinstance(row, Row)}
    known: dict[str, Worker] = {}
    if qualification.organisation is not None:
        names = Pseudonym.objects.filter(organisation=qualification.organisation, code__in=wanted)
        known |= {name.code: name.worker for name in names.select_related("worker")}
    if acts_as_staff(actor):
        known |= _known_to_staff(wanted)
    return known


def _known_to_staff(wanted: set[str]) -> dict[str, Worker]:
    by_email = Worker.objects.annotate(email=Upper("user__email")).filter(
        email__in={one for one in wanted if "@" in one}
    )
    ids = {int(one[1:]) for one in wanted if one.startswith("#") and one[1:].isdecimal() and len(one) < 19}
    found = {worker.email: worker for worker in by_email}
    return found | {f"#{worker.pk}": worker for worker in Worker.objects.filter(pk__in=ids)}


def _key(row: Row) -> str:
    return str(row.data["worker"]).strip().upper()


def _sort_out(
    rows: list[Row | RowError], known: Mapping[str, Worker], actor: User, now: datetime
) -> tuple[list[Award], list[BadRow]]:
    awards: dict[int, Award] = {}
    bad: list[BadRow] = []
    for row in rows:
        try:
            award = _award(row, known, actor, now)
            if award.worker_id in awards:
                raise _Bad("worker", _("This worker stands in an earlier row already."))
            awards[award.worker_id] = award
        except _Bad as fault:
            bad.append(BadRow(row.number, fault.column, fault.reason))
    return list(awards.values()), bad


def _award(row: Row | RowError, known: Mapping[str, Worker], actor: User, now: datetime) -> Award:
    if isinstance(row, RowError):
        raise _Bad(row.column or "", row.reason)
    worker = known.get(_key(row))
    if worker is None:
        reference = row.data["worker"].strip()[:60]
        raise _Bad("worker", _("There is no worker “%(reference)s”.") % {"reference": reference})
    if worker.user_id == actor.pk:
        raise _Bad("worker", _("Somebody else must grant you a qualification."))
    award = Award(worker_id=worker.pk, value=_value(row), reason=row.data.get("reason", "").strip())
    try:
        check_award(award, now)
    except BadInput as error:
        column, reason = next(iter(error.places.items()))
        raise _Bad(column, reason) from error
    return award


def _value(row: Row) -> int:
    text = row.data.get("value", "").strip()
    if not text:
        return MAX_VALUE
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise _Bad("value", _("A value is a whole number from 0 to 100."))
    return int(text)


class _Bad(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason
