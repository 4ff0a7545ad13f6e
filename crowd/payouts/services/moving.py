"""The three transfers that a payout can cause. Inner: called under the payout's lock."""

from collections.abc import Iterable
from datetime import datetime

from crowd.ledger.models import Account
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.payouts.models import Payout
from crowd.users.models import User

KEYS = {Kind.PAYOUT: "payout:{}", Kind.PAID_OUT: "payout:{}:sent", Kind.PAYOUT_FAILED: "payout:{}:back"}


def purse(worker_id: int, currency: str) -> Account:
    return accounts.open(holder=Holder.WORKER, holder_id=worker_id, purpose=Purpose.AVAILABLE, currency=currency)


def take(payout: Payout, *, actor: User, now: datetime) -> None:
    """Out of the worker's purse, on its way. Raises NotEnoughMoney."""
    debit, credit = purse(payout.worker_id, payout.currency), _transit(payout)
    post([_posting(payout, Kind.PAYOUT, debit, credit, actor)], now=now)


def finish(payouts: Iterable[tuple[Payout, Kind]], *, actor: User, now: datetime) -> None:
    """Each out into the world (PAID_OUT) or back into its purse (PAYOUT_FAILED), all in one call."""
    post([_last(payout, kind, actor) for payout, kind in payouts], now=now)


def _last(payout: Payout, kind: Kind, actor: User) -> Posting:
    outside = accounts.open(holder=Holder.OUTSIDE, purpose=Purpose.BANK, currency=payout.currency)
    credit = outside if kind == Kind.PAID_OUT else purse(payout.worker_id, payout.currency)
    return _posting(payout, kind, _transit(payout), credit, actor)


def _transit(payout: Payout) -> Account:
    return accounts.open(
        holder=Holder.WORKER, holder_id=payout.worker_id, purpose=Purpose.IN_TRANSIT, currency=payout.currency
    )


def _posting(payout: Payout, kind: Kind, debit: Account, credit: Account, actor: User) -> Posting:
    return Posting(
        key=KEYS[kind].format(payout.pk),
        kind=kind,
        debit=debit,
        credit=credit,
        amount_micros=payout.amount_micros,
        subject_ref=payout.pk,
        reason=payout.reason,
        actor=actor,
    )
