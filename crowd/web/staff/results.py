"""What the provider says became of a batch: read, shown, then taken over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput, CrowdError
from crowd.payouts.models import Batch
from crowd.payouts.services import outcome, sending
from crowd.payouts.states import PayoutState
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Row, Table, address, amount, staff_page
from crowd.web.staff.payouts import sentences

LIGHT = ("file", "file_key")
MOST_FILE = 2 * 1024**2


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
        messages.error(request, " ".join(sentences(error)))
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
