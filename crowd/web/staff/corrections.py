"""Corrections: a mistake is mended by a counter-transfer, which one proposes and another approves."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crowd.ledger import queries
from crowd.ledger.models import Correction, Deposit, Withdrawal
from crowd.ledger.services import corrections
from crowd.ledger.states import MovementState
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, staff_page
from crowd.web.staff.money import areas, decision, movement_page, recorded
from crowd.web.templatetags.crowd_web import money_filter

MOVED = (Deposit, Withdrawal)


@staff_page()
def correction_list(request: HttpRequest) -> Any:
    rows = Correction.objects.select_related("debit", "credit", "recorded_by")
    found, after = kit.newest(request, kit.by_state(request, rows, MovementState.values))
    head = [_("Correction"), _("From"), _("To"), _("Amount#"), _("Proposed"), _("State")]
    lines = [
        Row(
            [
                link(_("Correction %(id)s") % {"id": one.pk}, "correction", correction_id=one.pk),
                link(one.debit, "account", account_id=one.debit_id),
                link(one.credit, "account", account_id=one.credit_id),
                amount(one.amount_micros, one.currency),
                recorded(one),
                kit.state(one),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Corrections"),
        Table(head, lines, empty=_("No correction here."), next=after),
        lead=_("What was written is never changed: a mistake is mended by a transfer the other way."),
        tabs=kit.state_tabs(request, MovementState.choices, _("all")),
        areas=areas(request),
        make={"address": address("new-correction"), "label": _("Propose a correction")},
    )


@staff_page("GET", "POST")
def new_correction(request: HttpRequest) -> Any:
    """Filled in the other way round when a transfer's own page leads here."""
    asked = {name: request.GET[name] for name in ("debit_id", "credit_id", "amount_micros") if name in request.GET}
    form = forms.NewCorrection(request.POST or None, initial=asked)
    if form.is_valid():
        with form.answering():
            made = corrections.record(actor=user_of(request), **form.cleaned_data)
            messages.success(request, _("Proposed. No money moves before another member of staff approves it."))
            return redirect(address("correction", correction_id=made.pk))
    context = {
        "title": _("Propose a correction"),
        "lead": _("Moves an amount from one account to another once a second person agrees."),
        "form": form,
        "submit": _("Propose it"),
        "back": address("corrections"),
    }
    return render(request, "web/staff/form.html", context, status=400 if form.errors else 200)


@staff_page("GET", "POST")
def correction(request: HttpRequest, correction_id: int) -> Any:
    actor = user_of(request)
    rows = Correction.objects.select_related("debit", "credit", "recorded_by", "decided_by")
    one = kit.one(rows, correction_id)
    moves = _("Moves %(amount)s from %(debit)s to %(credit)s.") % {
        "amount": money_filter(one.amount_micros, one.currency),
        "debit": one.debit,
        "credit": one.credit,
    }

    def acts() -> list[Act]:
        return decision(
            one,
            actor,
            approve=(moves, forms.Sure, lambda: corrections.approve(actor=actor, correction_id=one.pk)),
            refuse=(
                _("Nothing moves."),
                lambda reason: corrections.refuse(actor=actor, correction_id=one.pk, reason=reason),
            ),
            titles=(_("Approve"), _("Refuse")),
        )

    def page() -> dict[str, Any]:
        context = movement_page(one, _("Correction %(id)s") % {"id": one.pk}, "corrections")
        held = queries.balances([one.debit, one.credit])
        for name, account in ((_("From"), one.debit), (_("To"), one.credit)):
            balance = amount(held[account.pk], one.currency)
            context["facts"].append((name, link(account, "account", account_id=account.pk)))
            context["facts"].append((_("Balance there now"), balance))
        return context

    return kit.detail(request, acts, page)
