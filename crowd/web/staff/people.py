"""Workers: what is known of each, why, and what staff may do: pause, block, lift, note."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.services import pause, reject
from crowd.assignments.states import AssignmentState, ParticipationState, RejectionState
from crowd.kernel import clock
from crowd.kernel.errors import CrowdError
from crowd.ledger import queries as ledger
from crowd.ledger.states import Holder, Purpose
from crowd.payouts.models import Payout
from crowd.projects.models import Report
from crowd.quality.accuracy import BetaAccuracy
from crowd.users.models import User
from crowd.users.services.notes import note
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, person, staff_page
from crowd.web.templatetags.crowd_web import percent, when
from qualifications import queries as skills
from workers.models import Block, Worker
from workers.services import blocks
from workers.states import WorkerState

SOME = 30


@staff_page()
def worker_list(request: HttpRequest) -> Any:
    rows = _found(Worker.objects.select_related("user"), request.GET.get("find", "").strip())
    found, after = kit.newest(request, kit.by_state(request, rows, ["", *WorkerState.values]))
    head = [_("Worker"), _("E-mail address"), _("Country"), _("Joined"), _("Answers#"), _("Accepted#"), _("State")]
    lines = [
        Row(
            [
                kit.worker(one.pk),
                one.user.email,
                one.locale or "–",
                when(one.joined_at),
                one.submitted_count,
                percent(_acceptance(one)),
                kit.state(one),
            ],
            key=one.pk if one.state == WorkerState.ACTIVE else "",
            name=_("Worker %(id)s") % {"id": one.pk},
        )
        for one in found
    ]
    bulk = {
        "address": address("block-workers"),
        "label": _("Block the chosen …"),
        "says": _("The next page shows what it will do. Nobody is blocked before."),
    }
    return kit.listing(
        request,
        _("Workers"),
        Table(head, lines, empty=_("No worker is found this way."), next=after),
        tabs=kit.state_tabs(request, [("", _("all")), *WorkerState.choices], _("all"))[:-1],
        filters=forms.WorkerSearch(request.GET),
        bulk=bulk,
    )


@staff_page("GET", "POST")
def worker(request: HttpRequest, worker_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Worker.objects.select_related("user"), worker_id)
    return kit.detail(request, lambda: _acts(one, actor), lambda: _page(one))


@staff_page("GET", "POST")
def block_workers(request: HttpRequest) -> Any:
    """What blocking the chosen would do to each of them; then one block a worker."""
    actor = user_of(request)
    found = list(Worker.objects.filter(pk__in=kit.chosen(request)).select_related("user").order_by("pk"))
    fine = [one for one in found if one.state == WorkerState.ACTIVE and one.user_id != actor.pk]
    form = forms.Block(request.POST or None)
    if fine and form.is_valid():
        with form.answering():
            done = _block_each(request, fine, actor, **form.cleaned_data)
            messages.success(request, _("Blocked: %(count)s.") % {"count": done})
            return redirect(address("workers"))
    held = dict(_held(fine))
    head = [_("Worker"), _("E-mail address"), _("Tasks in hand#"), _("Answers so far#"), _("What happens")]
    lines = [
        Row([kit.worker(one.pk), one.user.email, held.get(one.pk, 0), one.submitted_count, _fate(one, fine, actor)])
        for one in found
    ]
    context = {
        "title": _("Block workers"),
        "says": [_blocking()],
        "table": Table(head, lines, empty=_("None was chosen.")),
        "keys": [one.pk for one in fine],
        "form": form if fine else None,
        "label": _("Block %(count)s") % {"count": len(fine)} if fine else "",
        "kind": "danger",
        "back": address("workers"),
    }
    return kit.confirm(request, context, wrong=bool(form.errors))


@staff_page("GET", "POST")
def participation(request: HttpRequest, worker_id: int, project_id: int) -> Any:
    """One worker in one project: his gold, his rejections, and the pause."""
    actor = user_of(request)
    rows = Participation.objects.filter(worker=worker_id, project=project_id).select_related("project", "worker")
    one = kit.one(rows, rows.values_list("pk", flat=True).first() or 0)
    return kit.detail(request, lambda: _pause_acts(one, actor), lambda: _participation_page(one))


@staff_page("GET", "POST")
def rejection(request: HttpRequest, rejection_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Rejection.objects.select_related("project", "assignment", "rejected_by"), rejection_id)

    def acts() -> list[Act]:
        if one.state != RejectionState.HELD:
            return []
        return [
            Act(
                "overturn",
                _("Overturn it"),
                _("The answer is accepted and paid from what is held for it. Worker and requester read the reason."),
                forms.Reason,
                lambda reason: reject.overturn(actor=actor, assignment_id=one.assignment_id, reason=reason),
                _("Overturned: the answer is accepted and paid."),
            )
        ]

    return kit.detail(request, acts, lambda: _rejection_page(one))


def _found(rows: QuerySet[Worker], find: str) -> QuerySet[Worker]:
    if not find:
        return rows
    number = find.removeprefix("#")
    by_id = Q(pk=int(number)) if number.isdecimal() and len(number) < 19 else Q()
    return rows.filter(by_id) if by_id else rows.filter(user__email__icontains=find)


def _acceptance(one: Worker) -> float | None:
    decided = one.accepted_count + one.rejected_count
    return one.accepted_count / decided if decided else None


def _blocking() -> str:
    return _(
        "A blocked worker takes no new tasks anywhere on the site. What he holds he may finish; what he has earned "
        "stays his and is paid. He reads the reason."
    )


def _fate(one: Worker, fine: list[Worker], actor: User) -> str:
    if one in fine:
        return _("will be blocked")
    return _("is you") if one.user_id == actor.pk else _("is %(state)s already") % {"state": one.get_state_display()}


def _held(found: list[Worker]) -> list[tuple[int, int]]:
    active = Assignment.objects.filter(worker__in=found, state=AssignmentState.ACTIVE)
    counts: dict[int, int] = {}
    for worker_id in active.values_list("worker_id", flat=True):
        counts[worker_id] = counts.get(worker_id, 0) + 1
    return list(counts.items())


def _block_each(request: HttpRequest, fine: list[Worker], actor: User, reason: str, ends_at: datetime | None) -> int:
    done = 0
    for one in fine:
        try:
            blocks.block_on_site(actor=actor, worker_id=one.pk, reason=reason, ends_at=ends_at)
            done += 1
        except CrowdError as error:
            if error.data.get("errors"):
                raise  # the same for all of them: beside the field
            messages.error(request, f"{one}: {error.message}")
    return done


def _acts(one: Worker, actor: User) -> list[Act]:
    one.refresh_from_db()
    own = _("This is you.") if one.user_id == actor.pk else ""
    standing = Block.objects.filter(worker=one, organisation=None, lifted_at=None).first()
    acts = []
    if standing is not None:
        acts.append(
            Act(
                "lift",
                _("Lift the block"),
                _("He may take tasks again at once."),
                forms.Reason,
                lambda reason: blocks.lift(actor=actor, block_id=standing.pk, reason=reason),
                _("The block is lifted."),
                barred=own,
            )
        )
    elif one.state == WorkerState.ACTIVE:
        acts.append(
            Act(
                "block",
                _("Block on the whole site"),
                _blocking(),
                forms.Block,
                lambda reason, ends_at: blocks.block_on_site(
                    actor=actor, worker_id=one.pk, reason=reason, ends_at=ends_at
                ),
                _("Blocked."),
                kind="danger",
                barred=own,
            )
        )
    written = Act(
        "note",
        _("Write a note"),
        _("For other staff. The worker does not see it here; he may ask for all data about him."),
        forms.Note,
        lambda text: note(actor=actor, subject=one, text=text),
        _("The note is written."),
        kind="",
    )
    return [*acts, written]


def _page(one: Worker) -> dict[str, Any]:
    one.refresh_from_db()
    held = ledger.of_holder(holder=Holder.WORKER, holder_id=one.pk)
    facts: list[tuple[str, Any]] = [
        (_("E-mail address"), one.user.email),
        (_("Name"), one.user.name or "–"),
        (_("Joined"), when(one.joined_at)),
        (_("Last sign-in"), when(one.user.last_login)),
        (_("Country"), one.locale or "–"),
        (_("Languages"), ", ".join(one.languages) or "–"),
        (_("Answers"), one.submitted_count),
        (_("Accepted"), f"{one.accepted_count} ({percent(_acceptance(one))})"),
        (_("Rejected"), one.rejected_count),
    ]
    names = {Purpose.AVAILABLE: _("Available"), Purpose.IN_TRANSIT: _("On the way out")}
    facts += [
        (names.get(Purpose(purpose), purpose), amount(micros, currency))
        for (purpose, currency), micros in sorted(held.items())
        if micros
    ]
    tables = [_work(one), _rejections(one), _blocks(one), _reports(one), _skills(one), _payouts(one)]
    return {
        "title": _("Worker %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": address("workers"), "label": _("Workers")},
        "facts": facts,
        "tables": [*[table for table in tables if table.rows], kit.history(one, title=_("History and notes"))],
    }


def _work(one: Worker) -> Table:
    rows = Participation.objects.filter(worker=one).select_related("project").order_by("-pk")[:SOME]
    head = [_("Project"), _("Answers#"), _("Right on gold#"), _("Accuracy#"), _("State"), _("Why")]
    lines = [
        Row(
            [
                link(each.project.title, "participation", worker_id=one.pk, project_id=each.project_id),
                each.submitted_count,
                f"{each.gold_right} / {each.gold_right + each.gold_wrong}",
                accuracy(each),
                kit.state(each),
                each.pause_reason or "–",
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Work, and the evidence of it"))


def accuracy(of: Participation) -> str:
    """“94 % (91 to 96)”: the mean and the middle 95 % of what gold allows to be believed."""
    if not of.gold_right + of.gold_wrong:
        return "–"
    found = BetaAccuracy(of.gold_right, of.gold_wrong)
    low, high = found.interval()
    figures = {"mean": round(100 * found.mean), "low": round(100 * low), "high": round(100 * high)}
    return _("%(mean)s %% (%(low)s to %(high)s)") % figures


def _rejections(one: Worker) -> Table:
    rows = Rejection.objects.filter(assignment__worker=one).select_related("project").order_by("-pk")[:SOME]
    head = [_("Rejection"), _("Project"), _("Rests on"), _("Reason"), _("When"), _("State")]
    lines = [
        Row(
            [
                link(_("Rejection %(id)s") % {"id": each.pk}, "rejection", rejection_id=each.pk),
                link(each.project.title, "project", project_id=each.project_id),
                each.get_evidence_display(),
                each.reason,
                when(each.rejected_at),
                kit.state(each),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Rejected answers"))


def _blocks(one: Worker) -> Table:
    now = clock.now()
    rows = Block.objects.filter(worker=one).select_related("organisation", "created_by").order_by("-pk")[:SOME]
    head = [_("From"), _("Reason"), _("By"), _("Since"), _("Until"), _("State")]
    lines = [
        Row(
            [
                each.organisation.name if each.organisation else _("the whole site"),
                each.reason,
                person(each.created_by),
                when(each.created_at),
                when(each.ends_at) if each.ends_at else _("lifted by hand"),
                _block_state(each, now),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Blocks"))


def _block_state(block: Block, now: datetime) -> Any:
    if block.lifted_at:
        return kit.status("", _("lifted"))
    over = block.ends_at is not None and block.ends_at <= now
    return kit.status("", _("over")) if over else kit.status("blocked", _("in force"))


def _reports(one: Worker) -> Table:
    rows = Report.objects.filter(worker=one).select_related("project").order_by("-pk")[:SOME]
    head = [_("Project"), _("What is wrong"), _("In his words"), _("When")]
    lines = [
        Row(
            [
                link(each.project.title, "project", project_id=each.project_id),
                each.get_kind_display(),
                each.text,
                when(each.reported_at),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Projects that he reported"))


def _skills(one: Worker) -> Table:
    head = [_("Qualification"), _("Of"), _("Value#"), _("Since")]
    lines = [
        Row(
            [
                link(each.qualification.name, "qualification", qualification_id=each.qualification_id),
                each.qualification.organisation.name if each.qualification.organisation else _("the site"),
                each.value,
                when(each.granted_at),
            ]
        )
        for each in skills.held_by(one, now=clock.now())
    ]
    return Table(head, lines, _("Qualifications"))


def _payouts(one: Worker) -> Table:
    head = [_("Payout"), _("Amount#"), _("Asked for"), _("State"), _("Reason")]
    rows = Payout.objects.filter(worker=one).order_by("-pk")[:SOME]
    lines = [
        Row(
            [
                link(_("Payout %(id)s") % {"id": each.pk}, "payout", payout_id=each.pk),
                amount(each.amount_micros, each.currency),
                when(each.requested_at),
                kit.state(each),
                each.reason or "–",
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Payouts"))


def _pause_acts(one: Participation, actor: User) -> list[Act]:
    one.refresh_from_db(fields=["state"])
    where: dict[str, int] = {"project_id": one.project_id, "worker_id": one.worker_id}
    own = _("This is you.") if one.worker.user_id == actor.pk else ""
    if one.state == ParticipationState.ACTIVE:
        says = _(
            "He takes no more tasks of this project. His %(count)s answers no longer count towards it: where others "
            "can replace them, their slots are offered again. What he has earned stays his. He reads the reason."
        )
        return [
            Act(
                "pause",
                _("Pause him in this project"),
                says % {"count": one.submitted_count},
                forms.Reason,
                lambda reason: pause.pause(actor=actor, reason=reason, **where),
                _("Paused."),
                kind="danger",
                barred=own,
            )
        ]
    return [
        Act(
            "lift",
            _("Lift the pause"),
            _("He may go on, and his answers count again where slots are free. Gold he missed before is forgiven."),
            forms.Reason,
            lambda reason: pause.lift(actor=actor, reason=reason, **where),
            _("The pause is lifted."),
            barred=own,
        )
    ]


def _participation_page(one: Participation) -> dict[str, Any]:
    one.refresh_from_db()
    wanted = one.project.minimum_accuracy
    facts: list[tuple[str, Any]] = [
        (_("Project"), link(one.project.title, "project", project_id=one.project_id)),
        (_("Worker"), kit.worker(one.worker_id)),
        (_("Joined"), when(one.joined_at)),
        (_("Answers"), one.submitted_count),
        (_("Right on gold"), f"{one.gold_right} / {one.gold_right + one.gold_wrong}"),
        (_("Accuracy on gold, 95 % interval"), accuracy(one)),
        (_("The project asks for"), percent(float(wanted) if wanted is not None else None)),
    ]
    if one.paused_at:
        facts += [(_("Paused"), when(one.paused_at)), (_("Reason"), one.pause_reason)]
        facts += [(_("Rule and figures"), ", ".join(f"{k}: {v}" for k, v in one.pause_evidence.items()))]
    return {
        "title": _("Worker %(id)s in %(project)s") % {"id": one.worker_id, "project": one.project.title},
        "badge": kit.state(one),
        "crumb": {"address": address("worker", worker_id=one.worker_id), "label": str(one.worker)},
        "facts": facts,
        "tables": [kit.history(one)],
    }


def _rejection_page(one: Rejection) -> dict[str, Any]:
    one.refresh_from_db()
    facts: list[tuple[str, Any]] = [
        (_("Project"), link(one.project.title, "project", project_id=one.project_id)),
        (_("Worker"), kit.worker(one.assignment.worker_id)),
        (_("Reward that is held"), amount(one.assignment.reward_micros, one.project.currency)),
        (_("Rests on"), one.get_evidence_display()),
        (_("Figures"), ", ".join(f"{name}: {value}" for name, value in one.facts.items()) or "–"),
        (_("Reason"), one.reason),
        (_("Rejected"), kit.format_html("{} · {}", when(one.rejected_at), person(one.rejected_by))),
        (_("Final"), when(one.held_until)),
    ]
    facts += [(_("What became of it"), one.resolution)] if one.resolution else []
    back = address("worker", worker_id=one.assignment.worker_id)
    return {
        "title": _("Rejection %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": back, "label": _("Worker %(id)s") % {"id": one.assignment.worker_id}},
        "facts": facts,
        "tables": [kit.history(one)],
    }
