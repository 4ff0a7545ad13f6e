"""Reads of the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Q

from crowd.ledger.models import Account, Movement, Transfer
from crowd.ledger.states import Holder
from crowd.users.models import Organisation

M = TypeVar("M", bound=Movement)

# The view `ledger_balance` adds the transfers since the fold to what was folded, in one snapshot.
BALANCES = "SELECT id, micros FROM ledger_balance WHERE id = ANY(%s)"
OF_HOLDER = "SELECT purpose, currency, micros FROM ledger_balance WHERE holder = %s AND holder_id = %s"
TRIAL = """
SELECT holder, purpose, count(*), sum(micros)::bigint FROM ledger_balance
WHERE currency = %s GROUP BY holder, purpose ORDER BY holder, purpose
"""
THROUGH = """
SELECT (b.micros - coalesce((
    SELECT sum(CASE WHEN credit_id = b.id THEN amount_micros ELSE -amount_micros END)
    FROM ledger_transfer WHERE (credit_id = b.id OR debit_id = b.id) AND id > %s
), 0))::bigint FROM ledger_balance b WHERE b.id = %s
"""


@dataclass(frozen=True)
class Line:
    """One transfer as its account sees it: `amount_micros` > 0 came in, < 0 went out."""

    id: int
    at: datetime
    kind: str
    amount_micros: int
    balance_micros: int  # of the account, after this transfer
    currency: str
    counter_holder: str
    counter_purpose: str
    counter_holder_id: int | None  # None: a worker's, and the reader may not know which
    project_ref: int | None
    subject_ref: int | None
    reason: str


@dataclass(frozen=True)
class TrialLine:
    holder: str
    purpose: str
    accounts: int
    balance_micros: int


def balance(account: Account) -> int:
    """Micros: what was folded and the transfers since."""
    return balances([account])[account.pk]


def balances(accounts: Iterable[Account]) -> dict[int, int]:
    """Account id -> micros, all of the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, [[account.pk for account in accounts]])
        return dict(cursor.fetchall())


def of_holder(*, holder: str, holder_id: int = 0) -> dict[tuple[str, str], int]:
    """(purpose, currency) -> micros of every account that this holder has; opens none."""
    with connection.cursor() as cursor:
        cursor.execute(OF_HOLDER, [str(holder), holder_id])
        return {(purpose, currency): micros for purpose, currency, micros in cursor.fetchall()}


def statement(
    account: Account, *, before: int | None = None, limit: int = 50, show_workers: bool = False
) -> list[Line]:
    """The account's transfers, the newest first; `before` is the id of the last line already seen.

    `show_workers` is for staff only: a requester knows workers by their pseudonyms, never by an id.
    """
    transfers = _newest(account, before, limit)
    running = _balance_through(account, transfers[0].pk) if transfers else 0
    lines = []
    for transfer in transfers:
        line = _line(transfer, account, running, show_workers)
        running -= line.amount_micros
        lines.append(line)
    return lines


def between(account: Account, *, start: datetime, end: datetime) -> list[Line]:
    """The account's transfers of a period (`start` included, `end` not), the oldest first: a statement on paper."""
    mine = Q(debit=account) | Q(credit=account)
    rows = Transfer.objects.select_related("debit", "credit").filter(mine, created_at__gte=start, created_at__lt=end)
    transfers = list(rows.order_by("-pk"))
    running = _balance_through(account, transfers[0].pk) if transfers else 0
    lines = []
    for transfer in transfers:
        lines.append(_line(transfer, account, running, show_workers=False))
        running -= lines[-1].amount_micros
    return lines[::-1]


def trial_balance(currency: str) -> list[TrialLine]:
    """The sums by kind of account; together they are zero."""
    with connection.cursor() as cursor:
        cursor.execute(TRIAL, [currency])
        return [TrialLine(*row) for row in cursor.fetchall()]


def _newest(account: Account, before: int | None, limit: int) -> list[Transfer]:
    """Each side from its own index, then merged: one OR over both would sort the whole account."""
    older = Q(pk__lt=before) if before is not None else Q()
    sides = [Q(debit=account), Q(credit=account)]
    rows = Transfer.objects.select_related("debit", "credit").order_by("-pk")
    found = [transfer for side in sides for transfer in rows.filter(side, older)[:limit]]
    return sorted(found, key=lambda transfer: -transfer.pk)[:limit]


def _line(transfer: Transfer, account: Account, running: int, show_workers: bool) -> Line:
    incoming = transfer.credit_id == account.pk
    counter = transfer.debit if incoming else transfer.credit
    hidden = counter.holder == Holder.WORKER and not show_workers
    return Line(
        id=transfer.pk,
        at=transfer.created_at,
        kind=transfer.kind,
        amount_micros=transfer.amount_micros if incoming else -transfer.amount_micros,
        balance_micros=running,
        currency=transfer.currency,
        counter_holder=counter.holder,
        counter_purpose=counter.purpose,
        counter_holder_id=None if hidden else counter.holder_id,
        project_ref=transfer.project_ref,
        subject_ref=transfer.subject_ref,
        reason=transfer.reason,
    )


def _balance_through(account: Account, transfer_id: int) -> int:
    """What the account held right after this transfer, in the order of the ids."""
    with connection.cursor() as cursor:
        cursor.execute(THROUGH, [transfer_id, account.pk])
        (amount,) = cursor.fetchone()
    return int(amount)


def movements(
    model: type[M],
    *,
    organisation: Organisation | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[M]:
    """Deposits, withdrawals or corrections, the newest first; None means all. The caller has passed a door."""
    wanted = {"organisation": organisation, "state": state, "pk__lt": before}
    given = {name: value for name, value in wanted.items() if value is not None}
    return list(model._default_manager.filter(**given).order_by("-pk")[:limit])
