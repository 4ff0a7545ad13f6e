"""Earnings: what there is, every movement with its reason, statements, payout details and payouts."""

import csv
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crowd.assignments import queries as assignments
from crowd.assignments.models import Assignment
from crowd.assignments.states import AssignmentState
from crowd.kernel import clock, money
from crowd.kernel.errors import NotFound
from crowd.ledger import queries as ledger
from crowd.ledger.models import Account
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.payouts import queries as payouts
from crowd.payouts.services import request as asking
from crowd.projects.models import Project
from crowd.web.doors import for_worker
from crowd.web.paging import whole
from crowd.web.worker.forms import PayoutForm, ProfileForm
from crowd.web.worker.money import purses
from workers.models import PayoutProfile, Worker
from workers.services import payout_profile

PAGE = 50
HEAD = ("time", "kind", "project", "reason", "amount", "balance", "currency")


@for_worker
@require_safe
def earnings(request: HttpRequest, worker: Worker) -> HttpResponse:
    held = purses(worker)
    currency = request.GET.get("currency") or (held[0]["currency"] if held else "")
    before = request.GET.get("before", "")
    found = _lines(worker, currency, whole(before))
    context = {
        "purses": held,
        "currency": currency,
        "lines": found[:PAGE],
        "next": found[PAGE - 1]["line"].id if len(found) > PAGE else None,
        "first": not before,
        "waiting": waiting(worker)[:PAGE],
        "owed": assignments.owed_top_ups(worker),
        "payouts": payouts.payouts_of(worker, limit=20),
        "profile": PayoutProfile.objects.filter(worker=worker).first(),
        "months": _months(worker),
        "years": _years(worker),
    }
    return render(request, "web/worker/earnings.html", context)


@for_worker
@require_safe
def statement(request: HttpRequest, worker: Worker, year: int, month: int | None = None) -> HttpResponse:
    """One month or one year, for paper or (?format=csv) for a spreadsheet."""
    start, end = _period(year, month)
    currency = request.GET.get("currency", "USD")
    account = _account(worker, currency)
    lines = ledger.between(account, start=start, end=end) if account else []
    rows = list(_with_words(lines))
    if request.GET.get("format") == "csv":
        return _csv(rows, f"statement-{year}{f'-{month:02d}' if month else ''}-{currency}.csv")
    sums = [sum(line.amount_micros for line in lines if (line.amount_micros > 0) is came) for came in (True, False)]
    context = {"rows": rows, "year": year, "month": month, "start": start, "currency": currency, "sums": sums}
    return render(request, "web/worker/statement.html", context)


@for_worker
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest, worker: Worker) -> HttpResponse:
    known = PayoutProfile.objects.filter(worker=worker).first()
    form = ProfileForm(request.POST or None, initial={"country": worker.country, "method": "bank_transfer"})
    if request.method == "POST" and form.is_valid():
        with form.answering():
            payout_profile.save(actor=worker.user, fields=form.told())
            messages.success(request, _("Saved. Only you and the people who pay you can read it."))
            return redirect("web:earnings")
    return render(request, "web/worker/profile.html", {"form": form, "profile": known})


@for_worker
@require_http_methods(["GET", "HEAD", "POST"])
def payout(request: HttpRequest, worker: Worker, currency: str) -> HttpResponse:
    purse = next((one for one in purses(worker) if one["currency"] == currency), None)
    known = PayoutProfile.objects.filter(worker=worker).first()
    if purse is None:
        raise NotFound
    if known is None:
        messages.info(request, _("First tell us where to send it."))
        return redirect("web:payout-profile")
    if request.method == "GET" and not purse["payable"]:
        messages.info(request, _("Nothing can be paid out at the moment: it is less than the smallest payout."))
        return redirect("web:earnings")
    form = PayoutForm(request.POST or None, initial={"amount": money.decimal(purse["payable"])})
    if request.method == "POST" and form.is_valid():
        with form.answering():
            asking.request(actor=worker.user, currency=currency, amount_micros=form.cleaned_data["amount"])
            messages.success(request, _("It is on its way. Two people look at every batch before it leaves."))
            return redirect("web:earnings")
    return render(request, "web/worker/payout.html", {"form": form, "purse": purse, "profile": known})


def waiting(worker: Worker) -> list[dict[str, Any]]:
    """Submitted answers by project: how much, how many, and when the first and the last are decided."""
    rows = Assignment.objects.filter(worker=worker, state=AssignmentState.SUBMITTED)
    grouped = rows.values("project_id", "project__title", "project__currency").annotate(
        n=Count("id"), micros=Sum("reward_micros"), first=Min("due_at"), last=Max("due_at")
    )
    return [dict(row) for row in grouped.order_by("first")]


def _account(worker: Worker, currency: str) -> Account | None:
    return Account.objects.filter(
        holder=Holder.WORKER, holder_id=worker.pk, purpose=Purpose.AVAILABLE, currency=currency
    ).first()


def _lines(worker: Worker, currency: str, before: int | None) -> list[dict[str, Any]]:
    account = _account(worker, currency)
    return list(_with_words(ledger.statement(account, before=before, limit=PAGE + 1))) if account else []


def _with_words(lines: Iterable[ledger.Line]) -> Iterable[dict[str, Any]]:
    found = list(lines)
    titles = dict(Project.objects.filter(pk__in={one.project_ref for one in found}).values_list("pk", "title"))
    kinds = dict(Kind.choices)
    for one in found:
        yield {"line": one, "kind": kinds.get(one.kind, one.kind), "project": titles.get(one.project_ref or 0, "")}


def _months(worker: Worker) -> list[datetime]:
    """The first days of the months since he joined, the newest first; two years at most."""
    now, joined = timezone.localtime(clock.now()), timezone.localtime(worker.joined_at)
    day = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found: list[datetime] = []
    while len(found) < 24 and (day.year, day.month) >= (joined.year, joined.month):
        found.append(day)
        day = day.replace(year=day.year - 1, month=12) if day.month == 1 else day.replace(month=day.month - 1)
    return found


def _years(worker: Worker) -> list[str]:
    """All since he joined, the newest first."""
    now, joined = timezone.localtime(clock.now()), timezone.localtime(worker.joined_at)
    return [str(year) for year in range(now.year, joined.year - 1, -1)]


def _period(year: int, month: int | None) -> tuple[datetime, datetime]:
    if not 2000 <= year <= 2200 or not (month is None or 1 <= month <= 12):
        raise NotFound
    zone = timezone.get_current_timezone()
    start = datetime(year, month or 1, 1, tzinfo=zone)
    if month is None or month == 12:
        return start, datetime(year + 1, 1, 1, tzinfo=zone)
    return start, datetime(year, month + 1, 1, tzinfo=zone)


def _csv(rows: Iterable[dict[str, Any]], filename: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(HEAD)
    for row in rows:
        line = row["line"]
        amounts = [f"{money.decimal(micros):f}" for micros in (line.amount_micros, line.balance_micros)]
        texts = [_plain(text) for text in (str(row["kind"]), row["project"], line.reason)]
        writer.writerow([line.at.isoformat(), *texts, *amounts, line.currency])
    return response


def _plain(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
