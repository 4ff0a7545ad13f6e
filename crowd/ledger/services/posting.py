"""Posting: the only place that writes transfers. One INSERT for any number of them, each key once for ever."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.transaction import TransactionManagementError

from crowd.ledger import queries
from crowd.ledger.errors import KeyConflict, NotEnoughMoney
from crowd.ledger.models import Account, Transfer
from crowd.ledger.services import accounts
from crowd.users.models import User

INSERT = """
INSERT INTO ledger_transfer
    (key, kind, debit_id, credit_id, currency, amount_micros, project_ref, subject_ref, reason, actor_id, created_at)
SELECT *, %s::timestamptz FROM unnest(
    %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::text[], %s::bigint[])
ON CONFLICT (key) DO NOTHING
RETURNING key
"""


@dataclass(frozen=True)
class Posting:
    """`amount_micros` > 0 goes from `debit` to `credit`, two accounts of one currency.

    `key` is the caller's: the same key posted again does nothing, with other content it is a KeyConflict.
    `project_ref` and `subject_ref` are ids of what it was for, as the kind says (docs/money.md).
    """

    key: str
    kind: str
    debit: Account
    credit: Account
    amount_micros: int
    project_ref: int | None = None
    subject_ref: int | None = None
    reason: str = ""
    actor: User | None = None

    def __post_init__(self) -> None:
        if self.amount_micros <= 0:
            raise ValueError(f"{self.key}: a transfer has an amount above zero, not {self.amount_micros}")
        if self.debit.pk == self.credit.pk:
            raise ValueError(f"{self.key}: a transfer goes between two accounts")
        if self.debit.currency != self.credit.currency:
            raise ValueError(f"{self.key}: {self.debit} and {self.credit} have different currencies")


class _Content(NamedTuple):
    """What a transfer says, for comparing: reason and actor may differ between two attempts at one thing."""

    kind: str
    debit_id: int
    credit_id: int
    amount_micros: int
    project_ref: int | None
    subject_ref: int | None


def post(postings: Sequence[Posting], *, now: datetime) -> int:
    """Write these transfers; returns how many are new. Inner: in the caller's transaction, all or nothing.

    1. Guarded accounts that are debited are locked in the order of their ids (last in the project's lock order).
    2. Each must hold what leaves it, what comes in by the same call counted. Raises NotEnoughMoney, nothing written.
    3. One INSERT; keys that were there already must say the same. Raises KeyConflict.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Money moves inside a transaction of the caller's")
    wanted = _by_key(postings)
    if not wanted:
        return 0
    _check_funds(wanted)
    written = _insert([wanted[key] for key in sorted(wanted)], now)
    _check_content({key: posting for key, posting in wanted.items() if key not in written})
    return len(written)


def _by_key(postings: Iterable[Posting]) -> dict[str, Posting]:
    found: dict[str, Posting] = {}
    for posting in postings:
        before = found.setdefault(posting.key, posting)
        if before is not posting and _content(before) != _content(posting):
            raise KeyConflict(key=posting.key)
    return found


def _check_funds(wanted: dict[str, Posting]) -> None:
    guarded = {posting.debit.pk: posting.debit for posting in wanted.values() if posting.debit.guarded}
    if not guarded:
        return
    accounts.lock(guarded)
    # Asked only now: under the lock nobody else can post another debit of these accounts.
    known = set(Transfer.objects.filter(key__in=list(wanted)).values_list("key", flat=True))
    new = [posting for key, posting in wanted.items() if key not in known]
    there = queries.balances(guarded.values())
    debits, credits = _sums(new)
    for pk, account in sorted(guarded.items()):
        available = there[pk] + credits[pk]
        if debits[pk] > available:
            raise NotEnoughMoney(available_micros=available, wanted_micros=debits[pk], currency=account.currency)


def _sums(postings: Iterable[Posting]) -> tuple[dict[int, int], dict[int, int]]:
    debits: dict[int, int] = defaultdict(int)
    credits: dict[int, int] = defaultdict(int)
    for posting in postings:
        debits[posting.debit.pk] += posting.amount_micros
        credits[posting.credit.pk] += posting.amount_micros
    return debits, credits


def _insert(postings: Sequence[Posting], now: datetime) -> set[str]:
    """In the order of the keys, so that two posters of the same keys wait for each other instead of deadlocking."""
    columns: list[list[Any]] = [list(column) for column in zip(*map(_row, postings), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [now, *columns])
        return {key for (key,) in cursor.fetchall()}


def _row(posting: Posting) -> tuple[Any, ...]:
    return (
        posting.key,
        str(posting.kind),  # of an enum member the driver would send the name
        posting.debit.pk,
        posting.credit.pk,
        posting.debit.currency,
        posting.amount_micros,
        posting.project_ref,
        posting.subject_ref,
        posting.reason,
        posting.actor.pk if posting.actor else None,
    )


def _check_content(repeated: dict[str, Posting]) -> None:
    if not repeated:
        return
    for transfer in Transfer.objects.filter(key__in=list(repeated)):
        if _content(transfer) != _content(repeated[transfer.key]):
            raise KeyConflict(key=transfer.key)


def _content(of: Posting | Transfer) -> _Content:
    debit, credit = (of.debit.pk, of.credit.pk) if isinstance(of, Posting) else (of.debit_id, of.credit_id)
    return _Content(str(of.kind), debit, credit, of.amount_micros, of.project_ref, of.subject_ref)
