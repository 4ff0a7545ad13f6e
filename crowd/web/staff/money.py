"""Money that people move by hand: deposits, withdrawals, corrections. One records, another decides."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crowd.kernel.errors import CrowdError
from crowd.ledger import queries
from crowd.ledger.access import require_no_member, require_second_person
from crowd.ledger.models import Deposit, Movement, Withdrawal
from crowd.ledger.services import deposits, withdrawals
from crowd.ledger.states import Holder, MovementState, Purpose
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.forms import PageForm
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, person, staff_page
from crowd.web.templatetags.crowd_web import money_filter, when

MOVED = (Deposit, Withdrawal)


@staff_page()
def deposit_list(request: HttpRequest) -> Any:
    rows = Deposit.objects.select_related("organisation", "recorded_by")
    found, after = kit.newest(request, kit.by_state(request, rows, MovementState.values))
    head = [_("Deposit"), _("Organisation"), _("Amount#"), _("The bank's reference"), _("Recorded"), _("State")]
    lines = [
        Row(
            [
                link(_("Deposit %(id)s") % {"id": one.pk}, "deposit", deposit_id=one.pk),
                link(one.organisation, "requester", organisation_id=one.organisation_id),
                amount(one.amount_micros, one.currency),
                one.reference or "–",
                recorded(one),
                kit.state(one),
            ],
            key=one.pk if one.state == MovementState.PENDING else "",
            name=_("Deposit %(id)s") % {"id": one.pk},
        )
        for one in found
    ]
    bulk = {"address": address("approve-deposits"), "label": _("Approve the chosen …"), "says": _says_first()}
    return kit.listing(
        request,
        _("Deposits"),
        Table(head, lines, empty=_("No deposit here."), next=after),
        tabs=kit.state_tabs(request, MovementState.choices, _("all")),
        areas=areas(request),
        make={"address": address("new-deposit"), "label": _("Record a deposit")},
        bulk=bulk if any(row.key for row in lines) else None,
    )


@staff_page("GET", "POST")
def new_deposit(request: HttpRequest) -> Any:
    form = forms.NewDeposit(request.POST or None)
    if form.is_valid():
        with form.answering():
            made = deposits.record(actor=user_of(request), **form.cleaned_data)
            messages.success(
                request, _("Recorded. Another member of staff approves it; until then nothing is credited.")
            )
            return redirect(address("deposit", deposit_id=made.pk))
    context = {
        "title": _("Record a deposit"),
        "lead": _("A payment that stands on the bank's statement. It is credited when somebody else approves it."),
        "form": form,
        "submit": _("Record it"),
        "back": address("deposits"),
    }
    return render(request, "web/staff/form.html", context, status=400 if form.errors else 200)


@staff_page("GET", "POST")
def deposit(request: HttpRequest, deposit_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Deposit.objects.select_related("organisation", "recorded_by", "decided_by"), deposit_id)
    credit = _("Credits %(amount)s to %(organisation)s, at once. A mistake is mended by a correction only.") % {
        "amount": money_filter(one.amount_micros, one.currency),
        "organisation": one.organisation,
    }
    refusal = _("Nothing is credited. The bank's reference may be recorded again.")

    def acts() -> list[Act]:
        return decision(
            one,
            actor,
            approve=(credit, forms.Sure, lambda: deposits.approve(actor=actor, deposit_id=one.pk)),
            refuse=(refusal, lambda reason: deposits.refuse(actor=actor, deposit_id=one.pk, reason=reason)),
            titles=(_("Approve"), _("Refuse")),
        )

    return kit.detail(request, acts, lambda: movement_page(one, _("Deposit %(id)s") % {"id": one.pk}, "deposits"))


@staff_page("GET", "POST")
def approve_deposits(request: HttpRequest) -> Any:
    """Says which of the chosen will be credited, and which this person may not decide about; then does it."""
    actor = user_of(request)
    rows = Deposit.objects.filter(pk__in=kit.chosen(request), state=MovementState.PENDING).order_by("pk")
    found = list(rows.select_related("organisation", "recorded_by"))
    fine = [one for one in found if not barred(one, actor)]
    if request.method == "POST":
        done = _each(request, [one.pk for one in fine], lambda pk: deposits.approve(actor=actor, deposit_id=pk))
        messages.success(request, _("Approved: %(count)s.") % {"count": done})
        return redirect(address("deposits"))
    lines = [
        Row(
            [
                _("Deposit %(id)s") % {"id": one.pk},
                str(one.organisation),
                amount(one.amount_micros, one.currency),
                one.reference,
                barred(one, actor) or _("will be credited"),
            ]
        )
        for one in found
    ]
    head = [_("Deposit"), _("Organisation"), _("Amount#"), _("The bank's reference"), _("What happens")]
    context = {
        "title": _("Approve deposits"),
        "says": [_sums(fine), _("Each is credited at once and cannot be taken back, only corrected.")],
        "table": Table(head, lines, empty=_("None of the chosen waits any more.")),
        "keys": [one.pk for one in fine],
        "label": _("Approve %(count)s") % {"count": len(fine)} if fine else "",
        "back": address("deposits"),
    }
    return kit.confirm(request, context)


@staff_page()
def withdrawal_list(request: HttpRequest) -> Any:
    rows = Withdrawal.objects.select_related("organisation", "recorded_by")
    found, after = kit.newest(request, kit.by_state(request, rows, MovementState.values))
    head = [_("Withdrawal"), _("Organisation"), _("Amount#"), _("Asked for"), _("State")]
    lines = [
        Row(
            [
                link(_("Withdrawal %(id)s") % {"id": one.pk}, "withdrawal", withdrawal_id=one.pk),
                link(one.organisation, "requester", organisation_id=one.organisation_id),
                amount(one.amount_micros, one.currency),
                recorded(one),
                kit.state(one),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Withdrawals"),
        Table(head, lines, empty=_("No withdrawal here."), next=after),
        tabs=kit.state_tabs(request, MovementState.choices, _("all")),
        areas=areas(request),
    )


@staff_page("GET", "POST")
def withdrawal(request: HttpRequest, withdrawal_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Withdrawal.objects.select_related("organisation", "recorded_by", "decided_by"), withdrawal_id)
    sent = _("Say this when the bank has sent %(amount)s to %(organisation)s.") % {
        "amount": money_filter(one.amount_micros, one.currency),
        "organisation": one.organisation,
    }
    back = _("The money is available to the organisation again, which reads the reason.")

    def acts() -> list[Act]:
        return decision(
            one,
            actor,
            approve=(
                sent,
                forms.BankReference,
                lambda reference: withdrawals.confirm(actor=actor, withdrawal_id=one.pk, reference=reference),
            ),
            refuse=(back, lambda reason: withdrawals.refuse(actor=actor, withdrawal_id=one.pk, reason=reason)),
            titles=(_("It was sent"), _("It is not sent")),
        )

    return kit.detail(request, acts, lambda: movement_page(one, _("Withdrawal %(id)s") % {"id": one.pk}, "withdrawals"))


def areas(request: HttpRequest) -> list[dict[str, Any]]:
    pairs = [(_("Deposits"), "deposits"), (_("Withdrawals"), "withdrawals"), (_("Corrections"), "corrections")]
    places = [(title, address(name)) for title, name in pairs]
    return [{"title": title, "address": place, "current": request.path == place} for title, place in places]


def barred(one: Movement, actor: User) -> str:
    """Why this person may not decide about it; empty when he may. The service asks again."""
    try:
        require_second_person(actor, one.recorded_by_id)
        if isinstance(one, MOVED):
            require_no_member(actor, one.organisation_id)
    except CrowdError as error:
        return str(error.message)
    return ""


def decision(
    one: Movement,
    actor: User,
    *,
    approve: tuple[str, type[PageForm], Callable[..., Any]],
    refuse: tuple[str, Callable[..., Any]],
    titles: tuple[str, str],
) -> list[Act]:
    if one.state != MovementState.PENDING:
        return []
    why_not = barred(one, actor)
    yes = Act("approve", titles[0], approve[0], approve[1], approve[2], _("Done."), barred=why_not)
    no = Act("refuse", titles[1], refuse[0], forms.Reason, refuse[1], _("Refused."), kind="danger", barred=why_not)
    return [yes, no] if not why_not else [yes]


def movement_page(one: Any, title: str, listed: str) -> dict[str, Any]:
    one.refresh_from_db()
    facts: list[tuple[str, Any]] = [(_("Amount"), amount(one.amount_micros, one.currency))]
    if isinstance(one, MOVED):
        facts.insert(0, (_("Organisation"), link(one.organisation, "requester", organisation_id=one.organisation_id)))
        held = queries.of_holder(holder=Holder.ORGANISATION, holder_id=one.organisation_id)
        now = held.get((Purpose.AVAILABLE, one.currency), 0)
        facts.append((_("Available to it now"), amount(now, one.currency)))
        facts.append((_("The bank's reference"), one.reference or "–"))
    facts += [(_("Recorded by"), person(one.recorded_by)), (_("Recorded"), when(one.recorded_at))]
    facts += [(_("Note"), one.reason)] if one.reason else []
    if one.decided_at:
        facts += [(_("Decided by"), person(one.decided_by)), (_("Decided"), when(one.decided_at))]
    facts += [(_("Reason"), one.decision_reason)] if one.decision_reason else []
    return {
        "title": title,
        "badge": kit.state(one),
        "crumb": {"address": address(listed), "label": _("Back to the list")},
        "facts": facts,
        "tables": [kit.history(one)],
    }


def recorded(one: Movement) -> Any:
    return kit.format_html("{} · {}", when(one.recorded_at), person(one.recorded_by))


def _says_first() -> str:
    return _("The next page shows what will happen. Nothing is done before.")


def _sums(found: list[Deposit]) -> str:
    sums: dict[str, int] = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount_micros
    written = ", ".join(money_filter(micros, currency) for currency, micros in sorted(sums.items()))
    return _("%(count)s will be credited: %(sums)s.") % {"count": len(found), "sums": written or "–"}


def _each(request: HttpRequest, ids: list[int], call: Callable[[int], Any]) -> int:
    """Every one in a transaction of its own; what is refused is said, and the others go on. How many were done."""
    done = 0
    for pk in ids:
        try:
            call(pk)
            done += 1
        except CrowdError as error:
            messages.error(request, f"{pk}: {error.message}")
    return done
