"""Batches of payouts: built by one, approved by another, then their file."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crowd.kernel.errors import CrowdError
from crowd.ledger.access import require_second_person
from crowd.payouts import providers, queries
from crowd.payouts.access import require_not_own
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import batches, sending
from crowd.payouts.states import BatchState, PayoutState
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, person, staff_page
from crowd.web.staff.payouts import areas, masked, sentences
from crowd.web.templatetags.crowd_web import money_filter, when

LIGHT = ("file", "file_key")
MOST_FILE = 2 * 1024**2


@staff_page("GET", "POST")
def new_batch(request: HttpRequest) -> Any:
    """What a batch of the chosen payouts would be: one currency, the provider's methods, none of one's own."""
    actor = user_of(request)
    found = list(Payout.objects.filter(pk__in=kit.chosen(request)).select_related("worker").order_by("pk"))
    currency = found[0].currency if found else ""
    faults = {one.pk: _fault(one, currency, actor) for one in found}
    fine = [one for one in found if not faults[one.pk]]
    if request.method == "POST" and fine:
        try:
            made = batches.build(actor=actor, provider="csv", currency=currency, payout_ids=[one.pk for one in fine])
        except CrowdError as error:
            messages.error(request, " ".join(sentences(error)))
            return redirect(address("payouts"))
        messages.success(request, _("The batch is built. Another member of staff approves it."))
        return redirect(address("batch", batch_id=made.pk))
    head = [_("Payout"), _("Worker"), _("Amount#"), _("To"), _("What happens")]
    lines = [
        Row(
            [
                str(one),
                str(one.worker),
                amount(one.amount_micros, one.currency),
                masked(one),
                faults[one.pk] or _("goes into the batch"),
            ]
        )
        for one in found
    ]
    total = sum(one.amount_micros for one in fine)
    says = _("Payouts: %(count)s, together %(sum)s. Nothing is sent: a second person approves the batch first.")
    context = {
        "title": _("Build a batch"),
        "says": [says % {"count": len(fine), "sum": money_filter(total, currency)}] if fine else [],
        "table": Table(head, lines, empty=_("None was chosen.")),
        "keys": [one.pk for one in fine],
        "label": _("Build the batch") if fine else "",
        "back": address("payouts"),
    }
    return kit.confirm(request, context)


@staff_page()
def batch_list(request: HttpRequest) -> Any:
    light = Batch.objects.defer(*LIGHT).select_related("built_by", "approved_by")
    rows: Any = light.annotate(number=Count("payouts"), micros=Sum("payouts__amount_micros"))
    found, after = kit.newest(request, kit.by_state(request, rows, BatchState.values))
    head = [_("Batch"), _("Payouts#"), _("Together#"), _("Built"), _("Approved by"), _("State")]
    lines = [
        Row(
            [
                link(_("Batch %(id)s") % {"id": one.pk}, "batch", batch_id=one.pk),
                one.number,
                amount(one.micros or 0, one.currency),
                kit.format_html("{} · {}", when(one.built_at), person(one.built_by)),
                person(one.approved_by) if one.approved_by else "–",
                kit.state(one),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Batches"),
        Table(head, lines, empty=_("No batch here. Batches are built from the queue of payouts."), next=after),
        tabs=kit.state_tabs(request, BatchState.choices, _("all")),
        areas=areas(request),
    )


@staff_page("GET", "POST")
def batch(request: HttpRequest, batch_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Batch.objects.defer(*LIGHT).select_related("built_by", "approved_by"), batch_id)
    return kit.detail(request, lambda: _batch_acts(one, actor), lambda: _batch_page(one))


@staff_page()
def batch_file(request: HttpRequest, batch_id: int) -> HttpResponse:
    file = sending.download(actor=user_of(request), batch_id=batch_id)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(file.content, content_type=file.content_type, headers=headers)


def _fault(one: Payout, currency: str, actor: User) -> str:
    if one.worker.user_id == actor.pk:
        return _("is your own")
    if one.state != PayoutState.REQUESTED or one.batch_id is not None:
        return _("does not wait any more")
    if one.currency != currency:
        return _("left out: a batch has one currency")
    if one.method not in providers.get("csv").methods:
        return _("left out: the provider does not pay this way")
    return ""


def _batch_acts(one: Batch, actor: User) -> list[Act]:
    sums = queries.sums_of(one)
    figures = {"count": sums.payouts, "sum": money_filter(sums.amount_micros, one.currency)}
    own = _barred(lambda: require_not_own(actor, Payout.objects.select_related("worker").filter(batch=one)))
    second = own or _barred(lambda: require_second_person(actor, one.built_by_id))
    give_up = Act(
        "refuse",
        _("Give the batch up"),
        _("What is in it waits for another batch (payouts: %(count)s). The workers notice nothing.") % figures,
        forms.Reason,
        lambda reason: batches.refuse(actor=actor, batch_id=one.pk, reason=reason),
        _("The batch is given up; its payouts wait again."),
        kind="danger",
        barred=own,
    )
    if one.state == BatchState.OPEN:
        approve = Act(
            "approve",
            _("Approve"),
            _("Agrees to what is in it (payouts: %(count)s, together %(sum)s). The file is built in a further step.")
            % figures,
            forms.Sure,
            lambda: batches.approve(actor=actor, batch_id=one.pk),
            _("Approved. Now its file can be built."),
            barred=second,
        )
        return [approve, give_up]
    if one.state == BatchState.APPROVED:
        send = Act(
            "send",
            _("Build the file"),
            _(
                "From then on its %(count)s payouts, together %(sum)s, are on their way, and the batch cannot be given "
                "up. You take the file to the bank."
            )
            % figures,
            forms.Sure,
            lambda: sending.send(actor=actor, batch_id=one.pk),
            _("The file is built. Download it and take it to the bank."),
            barred=own,
        )
        return [send, give_up]
    return []


def _batch_page(one: Batch) -> dict[str, Any]:
    one.refresh_from_db(fields=["state", "approved_by", "approved_at", "sent_at", "settled_at", "file_sha256"])
    sums = queries.sums_of(one)
    facts: list[tuple[str, Any]] = [
        (_("Payouts"), sums.payouts),
        (_("Together"), amount(sums.amount_micros, one.currency)),
        (_("Built"), kit.format_html("{} · {}", when(one.built_at), person(one.built_by))),
    ]
    if one.approved_by:
        facts.append((_("Approved"), kit.format_html("{} · {}", when(one.approved_at), person(one.approved_by))))
    facts += [(_("Sent"), when(one.sent_at))] if one.sent_at else []
    facts += [(_("Settled"), when(one.settled_at))] if one.settled_at else []
    facts += [(_("SHA-256 of the file"), kit.code(one.file_sha256))] if one.file_sha256 else []
    head = [_("Payout"), _("Worker"), _("Amount#"), _("To"), _("State"), _("Reason")]
    lines = [
        Row(
            [
                link(sending.reference(each), "payout", payout_id=each.pk),
                kit.worker(each.worker_id),
                amount(each.amount_micros, each.currency),
                masked(each),
                kit.state(each),
                each.reason or "–",
            ]
        )
        for each in queries.payouts_in(one)
    ]
    context = {
        "title": _("Batch %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": address("batches"), "label": _("Batches")},
        "facts": facts,
        "tables": [Table(head, lines, _("What is in it"), _("Nothing any more.")), kit.history(one)],
    }
    if one.state in (BatchState.SENT, BatchState.SETTLED):
        context["download"] = {"address": address("batch-file", batch_id=one.pk), "label": _("Download the file")}
    if one.state == BatchState.SENT:
        context["onward"] = {
            "address": address("batch-results", batch_id=one.pk),
            "label": _("Take over the provider's results …"),
        }
    return context


def _barred(check: Any) -> str:
    try:
        check()
    except CrowdError as error:
        return str(error.message)
    return ""
