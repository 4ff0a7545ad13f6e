"""Payouts: the queue, batches that one builds and another approves, their file, and what the provider says."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crowd.kernel.errors import CrowdError
from crowd.payouts.models import Payout
from crowd.payouts.services import outcome
from crowd.payouts.states import PayoutState
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, staff_page
from crowd.web.templatetags.crowd_web import when

LIGHT = ("file", "file_key")
MOST_FILE = 2 * 1024**2


@staff_page()
def payout_list(request: HttpRequest) -> Any:
    rows = Payout.objects.select_related("worker")
    found, after = kit.newest(request, kit.by_state(request, rows, PayoutState.values), size=100)
    head = [_("Payout"), _("Worker"), _("Amount#"), _("To"), _("Asked for"), _("Batch"), _("State")]
    lines = [_queued(one) for one in found]
    bulk = {
        "address": address("new-batch"),
        "label": _("Build a batch of the chosen …"),
        "says": _("The next page shows what will be in it. Nothing is done before."),
    }
    return kit.listing(
        request,
        _("Payouts"),
        Table(head, lines, empty=_("No payout here."), next=after),
        tabs=kit.state_tabs(request, PayoutState.choices, _("all")),
        areas=areas(request),
        bulk=bulk if any(row.key for row in lines) else None,
    )


@staff_page("GET", "POST")
def payout(request: HttpRequest, payout_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Payout.objects.select_related("worker__user", "batch").defer("batch__file"), payout_id)
    return kit.detail(request, lambda: _payout_acts(one, actor), lambda: _payout_page(one))


def areas(request: HttpRequest) -> list[dict[str, Any]]:
    places = [(_("Queue and payouts"), address("payouts")), (_("Batches"), address("batches"))]
    return [{"title": title, "address": place, "current": request.path == place} for title, place in places]


def _queued(one: Payout) -> Row:
    waits = one.state == PayoutState.REQUESTED and one.batch_id is None
    name = _("Payout %(id)s") % {"id": one.pk}
    cells = [
        link(name, "payout", payout_id=one.pk),
        kit.worker(one.worker_id),
        amount(one.amount_micros, one.currency),
        masked(one),
        when(one.requested_at),
        link(one.batch_id, "batch", batch_id=one.batch_id) if one.batch_id else "–",
        kit.state(one),
    ]
    return Row(cells, key=one.pk if waits else "", name=name)


def masked(one: Payout) -> str:
    hidden = {name: value for name, value in one.masked.items() if name in ("iban", "destination", "method", "country")}
    return " · ".join(str(value).replace("_", " ") for value in (hidden or one.masked).values() if value)


def _payout_acts(one: Payout, actor: User) -> list[Act]:
    own = _("This payout is your own.") if one.worker.user_id == actor.pk else ""
    again = _("The money is available to the worker again, who reads the reason.")
    if one.state == PayoutState.SENT:
        return [
            Act(
                "confirm",
                _("It arrived"),
                _("The payout is done. This cannot be undone."),
                forms.BankReference,
                lambda reference: outcome.confirm(actor=actor, payout_id=one.pk, reference=reference),
                _("Noted as paid."),
                barred=own,
            ),
            Act(
                "fail",
                _("It failed"),
                again,
                forms.Reason,
                lambda reason: outcome.fail(actor=actor, payout_id=one.pk, reason=reason),
                _("Noted as failed; the money is the worker's again."),
                kind="danger",
                barred=own,
            ),
        ]
    if one.state in (PayoutState.REQUESTED, PayoutState.APPROVED):
        return [
            Act(
                "refuse",
                _("Do not send it"),
                again + " " + (_("It leaves its batch.") if one.batch_id else ""),
                forms.Reason,
                lambda reason: outcome.refuse(actor=actor, payout_id=one.pk, reason=reason),
                _("Refused; the money is the worker's again."),
                kind="danger",
                barred=own,
            )
        ]
    return []


def _payout_page(one: Payout) -> dict[str, Any]:
    facts: list[tuple[str, Any]] = [
        (_("Worker"), kit.worker(one.worker_id)),
        (_("Amount"), amount(one.amount_micros, one.currency)),
        (_("To"), masked(one)),
        (_("Asked for"), when(one.requested_at)),
        (_("Batch"), link(one.batch_id, "batch", batch_id=one.batch_id) if one.batch_id else "–"),
        (_("The provider's reference"), one.provider_reference or "–"),
    ]
    facts += [(_("Reason"), one.reason)] if one.reason else []
    facts += [(_("Ended"), when(one.finished_at))] if one.finished_at else []
    return {
        "title": _("Payout %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": address("payouts"), "label": _("Payouts")},
        "facts": facts,
        "tables": [kit.history(one)],
    }


def sentences(error: CrowdError) -> list[str]:
    return [str(error.message), *(f"{place}: {text}" for place, text in error.places.items())]
