"""Everything that waits for a person, the oldest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import CharField, Count, F, Func, Max, Min, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.assignments.models import HeldBatch
from crowd.assignments.states import HeldState
from crowd.consensus.models import AggregationRun
from crowd.consensus.states import RunState
from crowd.kernel.models import JobRun
from crowd.ledger.models import Correction, Deposit, Withdrawal
from crowd.ledger.states import MovementState
from crowd.payouts.models import Batch, Payout
from crowd.payouts.states import BatchState, PayoutState
from crowd.projects.models import Report, Review
from crowd.projects.states import ReviewState
from crowd.review import access as appealing
from crowd.review.models import Appeal
from crowd.review.states import AppealState
from crowd.talk import access as talking
from crowd.talk import queries as talk
from crowd.talk.services import complaints
from crowd.users.access import is_member
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import help, kit
from crowd.web.staff.kit import Row, Table, address, amount, link, staff_page
from crowd.web.staff.money import barred
from crowd.web.templatetags.crowd_web import when
from qualifications import queries as qualifications


@dataclass(frozen=True)
class Waiting:
    what: SafeString
    about: str | SafeString
    amount: str | SafeString
    who: str  # who can do it: anybody, or somebody else than the reader
    since: datetime


@staff_page()
def today(request: HttpRequest) -> Any:
    actor = user_of(request)
    waiting = sorted(_everything(actor), key=lambda one: one.since)
    head = [_("What waits"), _("About"), _("Amount#"), _("Who"), _("Since")]
    rows = [Row([one.what, one.about, one.amount, one.who, when(one.since)]) for one in waiting]
    asked = help.waiting(title=_("Help, by when an answer is promised"))
    mine = sum(one.who == _("you, or others") for one in waiting)
    context = {
        "waiting": waiting,
        "figures": [
            (_("For you"), mine),
            (_("For somebody else"), len(waiting) - mine),
            (_("Ask for help"), talk.waiting_tickets().count()),
        ],
        "table": Table(head, rows),
        "help": asked,
        "title": _("Today"),
    }
    return render(request, "web/staff/today.html", context)


def _everything(actor: User) -> Iterator[Waiting]:
    yield from _movements(actor)
    yield from _queue()
    yield from _batches(actor)
    yield from _projects()
    yield from _requests()
    yield from _appeals(actor)
    yield from _held(actor)
    yield from _complaints(actor)
    yield from _failures()


def _movements(actor: User) -> Iterator[Waiting]:
    for one in Deposit.objects.filter(state=MovementState.PENDING).select_related("organisation"):
        what = link(_("Deposit %(id)s to approve") % {"id": one.pk}, "deposit", deposit_id=one.pk)
        yield _moved(one, what, one.organisation.name, actor)
    for back in Withdrawal.objects.filter(state=MovementState.PENDING).select_related("organisation"):
        what = link(_("Withdrawal %(id)s to send") % {"id": back.pk}, "withdrawal", withdrawal_id=back.pk)
        yield _moved(back, what, back.organisation.name, actor)
    for mend in Correction.objects.filter(state=MovementState.PENDING):
        what = link(_("Correction %(id)s to approve") % {"id": mend.pk}, "correction", correction_id=mend.pk)
        yield _moved(mend, what, mend.reason[:80], actor)


def _moved(one: Any, what: SafeString, about: str, actor: User) -> Waiting:
    who = _("somebody else") if barred(one, actor) else _("you, or others")
    return Waiting(what, about, amount(one.amount_micros, one.currency), who, one.recorded_at)


def _queue() -> Iterator[Waiting]:
    rows = Payout.objects.filter(state=PayoutState.REQUESTED, batch=None).values("currency").order_by("currency")
    for line in rows.annotate(number=Count("pk"), micros=Sum("amount_micros"), since=Min("requested_at")):
        what = kit.format_html('<a href="{}">{}</a>', address("payouts"), _("Payouts to put into a batch"))
        about = _payouts(line["number"])
        yield Waiting(what, about, amount(line["micros"], line["currency"]), _("you, or others"), line["since"])


def _batches(actor: User) -> Iterator[Waiting]:
    deeds = {
        BatchState.OPEN: _("Batch %(id)s to approve"),
        BatchState.APPROVED: _("Batch %(id)s: build its file"),
        BatchState.SENT: _("Batch %(id)s: the provider's results"),
    }
    rows = Batch.objects.filter(state__in=deeds).defer("file", "file_key")
    for one in rows.annotate(number=Count("payouts"), micros=Sum("payouts__amount_micros")):
        state = BatchState(one.state)
        what = link(deeds[state] % {"id": one.pk}, "batch", batch_id=one.pk)
        about = _payouts(one.number)
        second = state == BatchState.OPEN and _needs_another(actor, one.built_by_id)
        who = _("somebody else") if second else _("you, or others")
        since = one.sent_at or one.approved_at or one.built_at
        yield Waiting(what, about, amount(one.micros or 0, one.currency), who, since)


def _projects() -> Iterator[Waiting]:
    resting = Review.objects.filter(state=ReviewState.WAITING).select_related("project__organisation")
    for one in resting:
        what = link(_("Project to look at: %(title)s") % {"title": one.project}, "project", project_id=one.project_id)
        about = f"{one.project.organisation} · {one.get_cause_display()}"
        yield Waiting(what, about, "–", _("you, or others"), one.asked_at)
    rows = Report.objects.filter(handled_at=None).exclude(project__in=resting.values("project"))
    grouped = rows.values("project", "project__title").annotate(number=Count("pk"), since=Min("reported_at"))
    for line in grouped.order_by("project"):
        what = link(
            _("Reports about %(title)s") % {"title": line["project__title"]}, "project", project_id=line["project"]
        )
        number = line["number"]
        about = ngettext("%(count)s worker", "%(count)s workers", number) % {"count": number}
        yield Waiting(what, about, "–", _("you, or others"), line["since"])


def _requests() -> Iterator[Waiting]:
    """Workers who ask for a qualification of the site, most with a document."""
    for one in qualifications.waiting_for_staff():
        what = link(
            _("Request for “%(name)s”") % {"name": one.qualification.name},
            "qualification",
            qualification_id=one.qualification_id,
        )
        about = _("a document to verify") if one.document_type else _("a worker asks")
        yield Waiting(what, about, "–", _("you, or others"), one.asked_at)


def _appeals(actor: User) -> Iterator[Waiting]:
    for one in appealing.with_all().filter(state=AppealState.OPEN):
        what = link(
            _("Appeal %(id)s: %(subject)s") % {"id": one.pk, "subject": one.get_subject_display()},
            "appeal",
            appeal_id=one.pk,
        )
        where = one.project or one.organisation or _("the site")
        about = kit.format_html("<span>{} · {} {}</span>", where, _("to decide"), when(one.due_at))
        yield Waiting(what, about, _reward(one), _who(appealing.may_decide(actor, one)), one.opened_at)


def _reward(one: Appeal) -> str | SafeString:
    if one.rejection is None or one.project is None:
        return "–"
    return amount(one.rejection.assignment.reward_micros, one.project.currency)


def _held(actor: User) -> Iterator[Waiting]:
    for one in HeldBatch.objects.filter(state=HeldState.HELD).select_related("project__organisation"):
        what = link(_("%(count)s rejections at once") % {"count": len(one.lines)}, "held-batch", held_batch_id=one.pk)
        about = f"{one.project} · {one.project.organisation}"
        yield Waiting(what, about, "–", _who(not is_member(actor, one.project.organisation)), one.asked_at)


def _complaints(actor: User) -> Iterator[Waiting]:
    for one in talking.complaints_for_staff(actor).filter(handled_at=None):
        what = link(_("Complaint: %(text)s") % {"text": one.text_then[:60]}, "complaint", complaint_id=one.pk)
        yield Waiting(what, one.reason[:80], "–", _who(complaints.may_handle(actor, one)), one.made_at)


def _who(actor_may: bool) -> str:
    return _("you, or others") if actor_may else _("somebody else")


def _failures() -> Iterator[Waiting]:
    """Aggregation whose newest run failed, and jobs that failed the last time they ran."""
    newest = AggregationRun.objects.values("project").annotate(last=Max("pk")).values("last")
    for run in AggregationRun.objects.filter(pk__in=newest, state=RunState.FAILED).select_related("project"):
        what = link(_("Aggregation failed: %(title)s") % {"title": run.project}, "jobs")
        yield Waiting(what, run.error[:80], "–", _("you, or others"), run.finished_at or run.started_at)
    for job in _failed_jobs():
        name = job["whole"] if job["count"] == 1 else f"{job['kind']} ({job['count']})"
        what = link(_("Job failed: %(name)s") % {"name": name}, "jobs")
        yield Waiting(what, job["said"][:80], "–", _("you, or others"), job["since"])


def _failed_jobs() -> Iterable[Any]:
    """A line for each job, about however many things it failed ("consensus.settle_project 7", "... 8")."""
    kind = Func(F("name"), Value(" "), Value(1), function="split_part", output_field=CharField())
    since = Min(Coalesce("finished_at", "started_at"))
    failed = JobRun.objects.exclude(error="").values(kind=kind).order_by("kind")
    return failed.annotate(count=Count("pk"), whole=Max("name"), said=Max("error"), since=since)


def _needs_another(actor: User, first_id: int) -> bool:
    return bool(settings.CROWD_TWO_PERSON_RULE) and actor.pk == first_id


def _payouts(number: int) -> str:
    return ngettext("%(count)s payout", "%(count)s payouts", number) % {"count": number}
