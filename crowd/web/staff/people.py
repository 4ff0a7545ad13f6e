"""Workers: what is known of each, why, and what staff may do: pause, block, lift, note."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment
from crowd.assignments.queries import OPENED
from crowd.assignments.states import AssignmentState
from crowd.kernel.errors import CrowdError
from crowd.ledger import queries as ledger
from crowd.ledger.states import Holder, Purpose
from crowd.users.models import User
from crowd.users.services.notes import note
from crowd.web.choices import country_name, language_name
from crowd.web.doors import user_of
from crowd.web.paging import whole
from crowd.web.staff import forms, kit, worker_tables
from crowd.web.staff.kit import Act, Row, Table, address, amount, staff_page
from crowd.web.templatetags.crowd_web import percent, when
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


def _found(rows: QuerySet[Worker], find: str) -> QuerySet[Worker]:
    if not find:
        return rows
    number = whole(find.removeprefix("#"))
    return rows.filter(user__email__icontains=find) if number is None else rows.filter(pk=number)


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
    active = Assignment.objects.filter(OPENED, worker__in=found, state=AssignmentState.ACTIVE)
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
            if error.places:
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
        (_("Country"), country_name(one.locale) if one.locale else "–"),
        (_("Languages"), ", ".join(map(language_name, one.languages)) or "–"),
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
    return {
        "title": _("Worker %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": address("workers"), "label": _("Workers")},
        "facts": facts,
        "tables": [*worker_tables.tables(one), kit.history(one, title=_("History and notes"))],
    }
