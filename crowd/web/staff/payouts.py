"""Payouts: the queue, batches that one builds and another approves, their file, and what the provider says."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput, CrowdError
from crowd.ledger.access import require_second_person
from crowd.payouts import providers, queries
from crowd.payouts.access import require_not_own
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.states import BatchState, PayoutState
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, person, staff_page
from crowd.web.templatetags.crowd_web import money_filter, when

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
            messages.error(request, " ".join(_sentences(error)))
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
                _masked(one),
                faults[one.pk] or _("goes into the batch"),
            ]
        )
        for one in found
    ]
    total = sum(one.amount_micros for one in fine)
    says = _("%(count)s payouts, together %(sum)s. Nothing is sent: a second person approves the batch first.")
    context = {
        "title": _("Build a batch"),
        "says": [says % {"count": len(fine), "sum": money_filter(total, currency)}] if fine else [],
        "table": Table(head, lines, empty=_("None was chosen.")),
        "keys": [one.pk for one in fine],
        "label": _("Build the batch") if fine else "",
        "back": address("payouts"),
    }
    return kit.confirm(request, context)


@staff_page("GET", "POST")
def payout(request: HttpRequest, payout_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Payout.objects.select_related("worker__user", "batch").defer("batch__file"), payout_id)
    return kit.detail(request, lambda: _payout_acts(one, actor), lambda: _payout_page(one))


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


@staff_page("GET", "POST")
def batch_results(request: HttpRequest, batch_id: int) -> Any:
    """First the file, then what it would change, then the change. The text travels along; nothing is kept between."""
    actor = user_of(request)
    one = kit.one(Batch.objects.defer(*LIGHT), batch_id)
    if "text" in request.POST:
        return _take_results(request, one, actor, request.POST["text"])
    form = forms.Results(request.POST or None, request.FILES or None)
    if form.is_valid():
        with form.answering():
            return _results_preview(request, one, actor, _read(form.cleaned_data["file"]))
    context = {
        "title": _("What the provider says about batch %(id)s") % {"id": one.pk},
        "lead": _("The next page shows what the file will change. Nothing is done before."),
        "form": form,
        "files": True,
        "submit": _("Read the file"),
        "back": address("batch", batch_id=one.pk),
    }
    return render(request, "web/staff/form.html", context, status=400 if form.errors else 200)


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
        _masked(one),
        when(one.requested_at),
        link(one.batch_id, "batch", batch_id=one.batch_id) if one.batch_id else "–",
        kit.state(one),
    ]
    return Row(cells, key=one.pk if waits else "", name=name)


def _masked(one: Payout) -> str:
    hidden = {name: value for name, value in one.masked.items() if name in ("iban", "destination", "method", "country")}
    return " · ".join(str(value).replace("_", " ") for value in (hidden or one.masked).values() if value)


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
        (_("To"), _masked(one)),
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


def _batch_acts(one: Batch, actor: User) -> list[Act]:
    sums = queries.sums_of(one)
    figures = {"count": sums.payouts, "sum": money_filter(sums.amount_micros, one.currency)}
    own = _barred(lambda: require_not_own(actor, Payout.objects.select_related("worker").filter(batch=one)))
    second = own or _barred(lambda: require_second_person(actor, one.built_by_id))
    give_up = Act(
        "refuse",
        _("Give the batch up"),
        _("Its %(count)s payouts wait for another batch. The workers notice nothing.") % figures,
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
            _("Agrees to %(count)s payouts, together %(sum)s. The file is built in a further step.") % figures,
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
                _masked(each),
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


def _results_preview(request: HttpRequest, one: Batch, actor: User, text: str) -> HttpResponse:
    found = outcome.preview_results(actor=actor, batch_id=one.pk, text=text)
    new = [each for each in found if each.payout.state != each.state]
    paid = [each for each in new if each.state == PayoutState.CONFIRMED]
    figures = {"paid": len(paid), "failed": len(new) - len(paid), "known": len(found) - len(new)}
    head = [_("Payout"), _("Worker"), _("Amount#"), _("Now"), _("Will be"), _("Reason")]
    lines = [
        Row(
            [
                sending.reference(each.payout),
                kit.worker(each.payout.worker_id),
                amount(each.payout.amount_micros, each.payout.currency),
                kit.state(each.payout),
                kit.status(each.state, PayoutState(each.state).label),
                each.reason or "–",
            ]
        )
        for each in found
    ]
    context = {
        "title": _("Take over results of batch %(id)s") % {"id": one.pk},
        "says": [
            _(
                "%(paid)s are noted as paid, %(failed)s as failed: their money is the workers' again, who read the "
                "reason. %(known)s were known already."
            )
            % figures
        ],
        "table": Table(head, lines, empty=_("The file names no payout.")),
        "form": forms.ResultsText(initial={"text": text}),
        "label": _("Take over") if new else "",
        "back": address("batch", batch_id=one.pk),
    }
    return kit.confirm(request, context)


def _take_results(request: HttpRequest, one: Batch, actor: User, text: str) -> HttpResponse:
    try:
        report = outcome.take_results(actor=actor, batch_id=one.pk, text=text)
    except CrowdError as error:
        messages.error(request, " ".join(_sentences(error)))
        return redirect(address("batch-results", batch_id=one.pk))
    done = _("Taken over: %(paid)s paid, %(failed)s failed, %(known)s known already.")
    figures = {"paid": report.confirmed, "failed": report.failed, "known": report.known}
    messages.success(request, done % figures)
    return redirect(address("batch", batch_id=one.pk))


def _read(file: Any) -> str:
    if file.size > MOST_FILE:
        raise BadInput(errors={"file": _("This file is larger than 2 MB.")})
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(errors={"file": _("This is no text file in UTF-8.")}) from error
    return text


def _barred(check: Any) -> str:
    try:
        check()
    except CrowdError as error:
        return str(error.message)
    return ""


def _sentences(error: CrowdError) -> list[str]:
    return [str(error.message), *(f"{place}: {text}" for place, text in error.data.get("errors", {}).items())]
