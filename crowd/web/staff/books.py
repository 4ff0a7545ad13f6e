"""The ledger: accounts, transfers, the trial balance, and the check that everything adds up."""

from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crowd.kernel import money
from crowd.ledger import queries
from crowd.ledger.errors import LedgerBroken
from crowd.ledger.models import Account, Transfer
from crowd.ledger.services import self_check
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.web.paging import whole
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Row, Table, address, amount, link, staff_page
from crowd.web.templatetags.crowd_web import when


@staff_page()
def trial_balance(request: HttpRequest) -> Any:
    """One table a currency; its last line is zero, or something is broken."""
    checked = _check() if request.GET.get("check") else None
    tables = [table for table in (_trial(currency) for currency in money.currencies()) if table.rows]
    first = tables[0] if tables else Table([], [], empty=_("No money has moved yet."))
    return kit.listing(
        request,
        _("Ledger"),
        first,
        tables=tables[1:],
        lead=_("Every account is the sum of its transfers; all accounts of a currency together are zero."),
        areas=areas(request),
        notice=checked,
        make={"address": "?check=1", "label": _("Check every account now")},
    )


@staff_page()
def account_list(request: HttpRequest) -> Any:
    form = forms.AccountSearch(request.GET)
    wanted = (
        {name: value for name, value in form.cleaned_data.items() if value not in ("", None)} if form.is_valid() else {}
    )
    found, after = kit.newest(request, Account.objects.filter(**wanted))
    held = queries.balances(found)
    head = [_("Account"), _("Whose"), _("For what"), _("Balance#"), _("May go below zero")]
    lines = [
        Row(
            [
                link(one.pk, "account", account_id=one.pk),
                whose(one),
                one.get_purpose_display(),
                amount(held[one.pk], one.currency),
                _("no") if one.guarded else _("yes"),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Accounts"),
        Table(head, lines, empty=_("No account is found this way."), next=after),
        filters=form,
        areas=areas(request),
    )


@staff_page()
def account(request: HttpRequest, account_id: int) -> Any:
    one = kit.one(Account.objects.all(), account_id)
    cursor = whole(request.GET.get("before", ""))
    found = queries.statement(one, before=cursor, limit=kit.PAGE + 1, show_workers=True)
    head = [_("Transfer"), _("When"), _("Kind"), _("Other account"), _("Amount#"), _("Balance after#"), _("Note")]
    lines = [
        Row(
            [
                link(each.id, "transfer", transfer_id=each.id),
                when(each.at),
                str(Kind(each.kind).label),
                f"{Holder(each.counter_holder).label} {each.counter_holder_id or ''} · "
                f"{Purpose(each.counter_purpose).label}",
                amount(each.amount_micros, each.currency),
                amount(each.balance_micros, each.currency),
                each.reason or "–",
            ]
        )
        for each in found[: kit.PAGE]
    ]
    after = found[kit.PAGE - 1].id if len(found) > kit.PAGE else None
    balance = amount(queries.balance(one), one.currency)
    lead = kit.format_html("{} · {} · {}", whose(one), one.get_purpose_display(), balance)
    title = _("Account %(id)s") % {"id": one.pk}
    table = Table(head, lines, empty=_("Nothing moved here yet."), next=after)
    return kit.listing(request, title, table, lead=lead, areas=areas(request))


@staff_page()
def transfer_list(request: HttpRequest) -> Any:
    found, after = kit.newest(request, Transfer.objects.select_related("debit", "credit", "actor"))
    head = [_("Transfer"), _("When"), _("Kind"), _("From"), _("To"), _("Amount#")]
    lines = [
        Row(
            [
                link(one.pk, "transfer", transfer_id=one.pk),
                when(one.created_at),
                one.get_kind_display(),
                link(one.debit, "account", account_id=one.debit_id),
                link(one.credit, "account", account_id=one.credit_id),
                amount(one.amount_micros, one.currency),
            ]
        )
        for one in found
    ]
    table = Table(head, lines, empty=_("No money has moved yet."), next=after)
    return kit.listing(request, _("Transfers"), table, areas=areas(request))


@staff_page()
def transfer(request: HttpRequest, transfer_id: int) -> Any:
    one = kit.one(Transfer.objects.select_related("debit", "credit", "actor"), transfer_id)
    facts: list[tuple[str, Any]] = [
        (_("Amount"), amount(one.amount_micros, one.currency)),
        (_("From"), link(one.debit, "account", account_id=one.debit_id)),
        (_("To"), link(one.credit, "account", account_id=one.credit_id)),
        (_("When"), when(one.created_at)),
        (_("Kind"), one.get_kind_display()),
        (_("Key"), kit.code(one.key)),
        (_("Project"), link(one.project_ref, "project", project_id=one.project_ref) if one.project_ref else "–"),
        (_("For"), one.subject_ref or "–"),
        (_("By"), kit.person(one.actor)),
        (_("Note"), one.reason or "–"),
    ]
    mend: dict[str, Any] = {
        "debit_id": one.credit_id,
        "credit_id": one.debit_id,
        "amount_micros": f"{money.decimal(one.amount_micros):f}",
    }
    bound = {one.debit.purpose, one.credit.purpose} & {Purpose.ESCROW, Purpose.IN_TRANSIT}
    context = {
        "title": _("Transfer %(id)s") % {"id": one.pk},
        "crumb": {"address": address("transfers"), "label": _("Transfers")},
        "facts": facts,
        "notices": [_("Reserved money and money on its way is not corrected by hand.")] if bound else [],
    }
    if not bound:
        onward = f"{address('new-correction')}?{urlencode(mend)}"
        context["onward"] = {"address": onward, "label": _("Propose the counter-transfer …")}
    return kit.detail(request, list, lambda: context)


def areas(request: HttpRequest) -> list[dict[str, Any]]:
    pairs = [(_("Trial balance"), "ledger"), (_("Accounts"), "accounts"), (_("Transfers"), "transfers")]
    places = [(title, address(name)) for title, name in pairs]
    return [{"title": title, "address": place, "current": request.path == place} for title, place in places]


def whose(one: Account) -> Any:
    if one.holder == Holder.WORKER:
        return kit.worker(one.holder_id)
    if one.holder == Holder.ORGANISATION:
        return link(_("Organisation %(id)s") % {"id": one.holder_id}, "requester", organisation_id=one.holder_id)
    if one.holder == Holder.PROJECT:
        return link(_("Project %(id)s") % {"id": one.holder_id}, "project", project_id=one.holder_id)
    return one.get_holder_display()


def _trial(currency: str) -> Table:
    found = queries.trial_balance(currency)
    head = [_("Whose"), _("For what"), _("Accounts#"), _("Together#")]
    lines = [
        Row(
            [
                str(Holder(line.holder).label),
                str(Purpose(line.purpose).label),
                line.accounts,
                amount(line.balance_micros, currency),
            ]
        )
        for line in found
    ]
    if lines:
        total = sum(line.balance_micros for line in found)
        lines.append(Row([_("All together"), "", sum(line.accounts for line in found), amount(total, currency)]))
    return Table(head, lines, _("Trial balance in %(currency)s") % {"currency": currency})


def _check() -> dict[str, str]:
    try:
        self_check()
    except LedgerBroken as error:
        text = f"{error.message} {', '.join(error.data.get('broken', {}))}"
        return {"tone": "bad", "text": text}
    return {"tone": "good", "text": _("Checked just now: every account is the sum of its transfers, and all is zero.")}
