"""What a worker asks for: more time, content he agrees to see, requesters he keeps or hides."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from crowd.users.models import Organisation
from workers.models import RequesterMark, Worker
from workers.services.eligibility import bump
from workers.states import Mark

TIMES = (100, 150, 200)  # per cent of everybody's deadline
MAX_WARNINGS = MAX_NAME = 20


def set_wishes(
    *, worker: Worker, time_percent: int, shown_warnings: Sequence[str], in_reports: bool | None = None
) -> Worker:
    """Deadlines from his next task on, which content warnings he agreed to, and whether his country and languages are
    counted in reports (None: as before). Raises BadInput."""
    if time_percent not in TIMES:
        raise BadInput(errors={"time_percent": _("The choices are 100, 150 and 200 per cent.")})
    if len(shown_warnings) > MAX_WARNINGS or any(len(one) > MAX_NAME for one in shown_warnings):
        raise BadInput(errors={"shown_warnings": _("There are not so many kinds of content.")})
    with transaction.atomic(durable=True):
        mine = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        mine.time_percent, mine.shown_warnings = time_percent, sorted(set(shown_warnings))
        mine.in_reports = mine.in_reports if in_reports is None else in_reports
        mine.save(update_fields=["time_percent", "shown_warnings", "in_reports"])
        bump([mine.pk])  # projects may ask for who sees adult content
    return mine


def mark_requester(*, worker: Worker, organisation: Organisation, mark: str) -> None:
    """Keep a requester at the top of the list ("saved"), out of it ("hidden"), or neither (""). Raises BadInput."""
    if mark not in ("", *Mark.values):
        raise BadInput(errors={"mark": _("The choices are saved, hidden and nothing.")})
    with transaction.atomic(durable=True):
        if mark:
            RequesterMark.objects.update_or_create(worker=worker, organisation=organisation, defaults={"mark": mark})
        else:
            RequesterMark.objects.filter(worker=worker, organisation=organisation).delete()
