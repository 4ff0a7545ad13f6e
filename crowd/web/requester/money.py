"""An organisation's money: what it has, where it is reserved, every movement, deposits, withdrawals."""

import calendar
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import clock
from crowd.kernel import money as amounts
from crowd.ledger import queries as ledger
from crowd.ledger.models import Account, Deposit, Transfer, Withdrawal
from crowd.ledger.services import deposits, withdrawals
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.projects.models import Project
from crowd.projects.states import ProjectState
from crowd.users.access import organisation_for
from crowd.users.models import Membership, Organisation
from crowd.users.states import Role
from crowd.web.forms import PageForm
from crowd.web.paging import whole
from crowd.web.requester.home import balances
from crowd.web.requester.kept import spent
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import attempt, back, page, paged, person, show, to
from qualifications.models import Qualification, TestPay

LINES = 50
PROJECTS = 10
REWARDS = (Kind.REWARD, Kind.TOP_UP, Kind.BONUS, Kind.TEST_REWARD)
FEES = (Kind.FEE, Kind.TOP_UP_FEE, Kind.BONUS_FEE, Kind.TEST_FEE)
RESERVED = (ProjectState.OPEN, ProjectState.PAUSED, ProjectState.CLOSING)


class WithdrawalForm(PageForm):
    amount = MoneyField(label=gettext_lazy("Amount"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    reason = forms.CharField(
        label=gettext_lazy("Note to staff"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, code) for code in amounts.currencies() if code != amounts.TEST_CURRENCY]


class TestMoneyForm(PageForm):
    amount = MoneyField(label=gettext_lazy("Amount of test money (XTS)"), initial=100 * amounts.MICROS)


@page()
def money(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id)
    return show(request, "money", _context(request, found))


@page("GET", "POST")
def withdraw(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id, owner=True)
    form = WithdrawalForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            form,
            lambda: withdrawals.ask(
                actor=person(request),
                organisation_id=organisation_id,
                amount_micros=given["amount"],
                currency=given["currency"],
                reason=given["reason"],
            ),
        )
        if done:
            messages.success(request, _("The withdrawal was asked for. The money is on its way out of the account."))
            return to("money", organisation_id)
    return show(
        request, "withdraw", {"organisation": found, "form": form, "balances": balances(found), "here": "money"}
    )


@page("GET", "POST")
def test_money(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id, owner=True)
    form = TestMoneyForm(request.POST or None)
    if form.is_valid():
        done = attempt(
            form,
            lambda: deposits.add_test_money(
                actor=person(request), organisation_id=organisation_id, amount_micros=form.cleaned_data["amount"]
            ),
        )
        if done:
            messages.success(request, _("The test money is there."))
            return to("money", organisation_id) if "back" not in request.POST else redirect(back(request))
    return show(request, "test_money", {"organisation": found, "form": form, "here": "money"})


@page()
def statement(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """One month in one currency, to print: what came in, what went out, line by line, and the sums between."""
    found = organisation_for(person(request), organisation_id)
    currency = request.GET.get("currency", "")
    currency = currency if currency in amounts.currencies() else amounts.currencies()[0]
    start, end = _month(request.GET.get("month", ""))
    account = _purse(found, currency)
    lines = list(_transfers(account).filter(created_at__gte=start, created_at__lt=end)) if account else []
    opening = _balance_at(account, start) if account else 0
    rows, projects = _running(lines, account, opening), _by_project(found, currency, start, end)
    context = {
        "organisation": found,
        "currency": currency,
        "currencies": amounts.currencies(),
        "start": start,
        "month": start.strftime("%Y-%m"),
        "invoice_number": f"{found.pk}-{start:%Y-%m}-{currency}",
        "rows": rows,
        "opening": opening,
        "closing": rows[-1]["balance"] if rows else opening,
        "projects": projects,
        "sums": {name: sum(one[name] for one in projects) for name in ("rewards", "fees", "total")},
        "here": "money",
    }
    return show(request, "statement", context)


def _context(request: HttpRequest, found: Organisation) -> dict[str, Any]:
    projects = Project.objects.filter(organisation=found, state__in=RESERVED).order_by("-pk")
    listed = paged(request, projects, size=PROJECTS)  # where each one's money is, is summed over its answers
    owner = Membership.objects.filter(organisation=found, user=person(request), role=Role.OWNER).exists()
    held = balances(found)
    currency = request.GET.get("currency") or (held[0]["currency"] if held else amounts.currencies()[0])
    account = _purse(found, currency)
    before = request.GET.get("before", "")
    lines = ledger.statement(account, before=whole(before), limit=LINES + 1) if account else []
    return {
        "organisation": found,
        "owner": owner,
        "balances": held,
        "page": listed,
        "query": urlencode({"currency": currency}),
        "reserves": [(project, spent(project)) for project in listed],
        "tests": TestPay.objects.filter(qualification__organisation=found, reserve_micros__gt=0).select_related(
            "qualification"
        ),
        "deposits": Deposit.objects.filter(organisation=found).order_by("-pk")[:20],
        "withdrawals": Withdrawal.objects.filter(organisation=found).order_by("-pk")[:20],
        "currency": currency,
        "lines": _with_titles(found, lines[:LINES]),
        "next": lines[LINES - 1].id if len(lines) > LINES else None,
        "this_month": timezone.localtime(clock.now()).strftime("%Y-%m"),
        "here": "money",
    }


def _with_titles(found: Organisation, lines: list[ledger.Line]) -> list[tuple[ledger.Line, Project | None]]:
    projects = Project.objects.filter(organisation=found).in_bulk({one.project_ref for one in lines} - {None})
    return [(one, projects.get(one.project_ref) if one.project_ref else None) for one in lines]


def _purse(found: Organisation, currency: str) -> Account | None:
    return Account.objects.filter(
        holder=Holder.ORGANISATION, holder_id=found.pk, purpose=Purpose.AVAILABLE, currency=currency
    ).first()


def _transfers(account: Account) -> Any:
    return Transfer.objects.filter(Q(debit=account) | Q(credit=account)).order_by("pk")


def _balance_at(account: Account, moment: datetime) -> int:
    earlier = Transfer.objects.filter(created_at__lt=moment)
    came = earlier.filter(credit=account).aggregate(sum=Sum("amount_micros", default=0))["sum"]
    went = earlier.filter(debit=account).aggregate(sum=Sum("amount_micros", default=0))["sum"]
    return int(came - went)


def _running(lines: list[Transfer], account: Account | None, opening: int) -> list[dict[str, Any]]:
    rows, balance = [], opening
    titles = Project.objects.in_bulk({one.project_ref for one in lines} - {None})
    for one in lines:
        amount = one.amount_micros if account and one.credit_id == account.pk else -one.amount_micros
        balance += amount
        project = titles.get(one.project_ref) if one.project_ref else None
        rows.append({"transfer": one, "amount": amount, "balance": balance, "project": project})
    return rows


def _by_project(found: Organisation, currency: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What was really paid in the month, rewards, bonuses and fees apart, for projects and for tests: the invoice."""
    own = dict(Project.objects.filter(organisation=found, currency=currency).values_list("pk", "title"))
    payers = Account.objects.filter(
        Q(holder=Holder.PROJECT, holder_id__in=own, purpose=Purpose.ESCROW)
        | Q(holder=Holder.ORGANISATION, holder_id=found.pk, purpose=Purpose.AVAILABLE)
    )
    moved = Transfer.objects.filter(currency=currency, created_at__gte=start, created_at__lt=end)
    projects = _paid(moved.filter(debit__in=payers, project_ref__in=own), by="project_ref")
    tests = dict(Qualification.objects.filter(organisation=found).values_list("pk", "name"))
    tried = _paid(moved.filter(debit__holder=Holder.TEST, debit__holder_id__in=tests), by="debit__holder_id")
    lines = [(own[ref], f"#{ref}", rewards, fees) for ref, rewards, fees in projects]
    lines += [(tests[ref], _("test"), rewards, fees) for ref, rewards, fees in tried]
    return [
        {"title": title, "mark": mark, "rewards": rewards, "fees": fees, "total": rewards + fees}
        for title, mark, rewards, fees in lines
    ]


def _paid(transfers: QuerySet[Transfer], *, by: str) -> list[tuple[int, int, int]]:
    sums = (
        transfers.order_by(by)
        .values_list(by)
        .annotate(
            rewards=Sum("amount_micros", filter=Q(kind__in=REWARDS), default=0),
            fees=Sum("amount_micros", filter=Q(kind__in=FEES), default=0),
        )
    )
    return list(sums.filter(rewards__gt=0))


def _month(text: str) -> tuple[datetime, datetime]:
    """The beginning and the end of "2026-11", of this month where that is none; in the reader's zone."""
    now = timezone.localtime(clock.now())
    year, month = [whole(part) or 0 for part in text.partition("-")[::2]]
    is_month = 1 <= month <= 12 and 2000 <= year <= 9000
    start = now.replace(year=year, month=month, day=1) if is_month else now.replace(day=1)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = calendar.monthrange(start.year, start.month)[1]
    last = start.replace(day=days)
    end = (
        last.replace(year=last.year + 1, month=1, day=1)
        if last.month == 12
        else last.replace(month=last.month + 1, day=1)
    )
    return start, end
