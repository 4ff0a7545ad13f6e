"""The machine room: what runs by itself and how it went, and the audit log."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from crowd.consensus.models import AggregationRun
from crowd.consensus.states import RunState
from crowd.kernel.models import JobRun
from crowd.projects.models import Upload
from crowd.projects.states import ImportState
from crowd.users.models import AuditEntry
from crowd.web.deeds import in_words, thing
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Row, Table, link, person, staff_page
from crowd.web.templatetags.crowd_web import duration, when

SOME = 30
LONGEST = 300


@staff_page()
def jobs(request: HttpRequest) -> Any:
    timed = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    known = JobRun.objects.in_bulk(timed)
    head = [_("Job"), _("Every"), _("Last run"), _("Took#"), _("Runs#"), _("Failures#"), _("State")]
    lines = [
        Row([title, _every(entry["schedule"]), *_last(known.get(entry["task"]))])
        for title, entry in sorted(settings.CELERY_BEAT_SCHEDULE.items())
    ]
    lead = _("What runs by itself. A job that was missed is made up for by its next run.")
    tables = [_faults(), _failed_runs(), _imports()]
    table = Table(head, lines, empty=_("None."))
    return kit.listing(request, _("Jobs"), table, lead=lead, tables=tables)


@staff_page()
def audit(request: HttpRequest) -> Any:
    form = forms.AuditSearch(request.GET)
    form.is_valid()
    given = {name: value for name, value in getattr(form, "cleaned_data", {}).items() if value not in ("", None)}
    if "actor" in given:
        given["actor__email__iexact"] = given.pop("actor")
    found, after = kit.newest(request, AuditEntry.objects.filter(**given).select_related("actor", "organisation"))
    head = [_("When"), _("Deed"), _("Thing"), _("Before and after"), _("Reason")]
    lines = [
        Row(
            [
                kit.below(when(one.at), person(one.actor)),
                kit.below(in_words(one.action), kit.code(one.action)),
                _thing(one),
                _change(one),
                kit.said(one.reason),
            ]
        )
        for one in found
    ]
    table = Table(head, lines, empty=_("Nothing is found this way."), next=after)
    lead = _("Who did what to which thing, and why. Rows are only ever added.")
    return kit.listing(request, _("Audit log"), table, lead=lead, filters=form)


def _every(schedule: Any) -> str:
    if isinstance(schedule, timedelta):
        schedule = schedule.total_seconds()
    return duration(schedule) if isinstance(schedule, int | float) else str(schedule)


def _last(run: JobRun | None) -> list[Any]:
    if run is None:
        return [_("not since this was recorded"), "–", 0, 0, kit.status("", _("unknown"))]
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    states = {True: ("failed", _("failed")), False: ("done", _("done")), None: ("running", _("running"))}
    fate = states[None if run.finished_at is None else bool(run.error)]
    return [when(run.started_at), duration(took), run.runs, run.failures, kit.status(*fate)]


def _faults() -> Table:
    rows = JobRun.objects.exclude(error="").order_by("-started_at")[:SOME]
    head = [_("Job"), _("When"), _("What it said")]
    lines = [Row([kit.code(run.name), when(run.finished_at), run.error[:LONGEST]]) for run in rows]
    return Table(head, lines, _("Jobs that failed the last time"), _("None."))


def _failed_runs() -> Table:
    rows = AggregationRun.objects.filter(state=RunState.FAILED).select_related("project").order_by("-pk")[:SOME]
    head = [_("Run"), _("Project"), _("Method"), _("When"), _("What it said")]
    lines = [
        Row(
            [
                str(run.pk),
                link(run.project.title, "project", project_id=run.project_id),
                run.method,
                when(run.started_at),
                run.error[:LONGEST],
            ]
        )
        for run in rows
    ]
    return Table(head, lines, _("Aggregation runs that failed"), _("None."))


def _imports() -> Table:
    under_way = [ImportState.WAITING, ImportState.RUNNING]
    rows = Upload.objects.filter(state__in=under_way).select_related("project").order_by("pk")[:SOME]
    head = [_("File"), _("Project"), _("Since"), _("Last sign of life"), _("State")]
    lines = [
        Row(
            [
                one.filename,
                link(one.project.title, "project", project_id=one.project_id),
                when(one.created_at),
                when(one.alive_at),
                kit.state(one),
            ]
        )
        for one in rows
    ]
    return Table(head, lines, _("Imports under way"), _("None."))


PAGES = {
    "users.organisation": ("requester", "organisation_id"),
    "workers.worker": ("worker", "worker_id"),
    "projects.project": ("project", "project_id"),
    "ledger.deposit": ("deposit", "deposit_id"),
    "ledger.withdrawal": ("withdrawal", "withdrawal_id"),
    "ledger.correction": ("correction", "correction_id"),
    "payouts.payout": ("payout", "payout_id"),
    "payouts.batch": ("batch", "batch_id"),
    "qualifications.qualification": ("qualification", "qualification_id"),
}


def _thing(one: AuditEntry) -> Any:
    """What it is, led to where it has a page; whose it is below."""
    name: kit.Cell = thing(one.subject_type, one.subject_id)
    if one.subject_type in PAGES:
        page, argument = PAGES[one.subject_type]
        name = link(name, page, **{argument: one.subject_id})
    if one.organisation is None or one.subject_type == "users.organisation":
        return name
    return kit.below(name, link(one.organisation, "requester", organisation_id=one.organisation_id))


def _change(one: AuditEntry) -> kit.Cell:
    """Sealed values are personal: they stay sealed."""
    sides = [", ".join(f"{name}: {_plain(value)}" for name, value in side.items()) for side in (one.before, one.after)]
    text = " → ".join(side for side in sides if side)
    return kit.said(text[:LONGEST])


def _plain(value: Any) -> str:
    return _("(personal)") if isinstance(value, dict) and "sealed" in value else str(value)
