"""Opening accounts and locking them."""

from collections.abc import Iterable

from crowd.kernel import money
from crowd.ledger.models import Account
from crowd.ledger.states import Holder, Purpose

# Every account there may be, and whether it is guarded: may not go below zero (docs/money.md).
PLACES = {
    (Holder.OUTSIDE, Purpose.BANK): False,
    (Holder.PLATFORM, Purpose.FEES): False,
    (Holder.PLATFORM, Purpose.CORRECTIONS): False,
    (Holder.PLATFORM, Purpose.AVAILABLE): True,
    (Holder.ORGANISATION, Purpose.AVAILABLE): True,
    (Holder.ORGANISATION, Purpose.IN_TRANSIT): False,
    (Holder.PROJECT, Purpose.ESCROW): False,
    (Holder.TEST, Purpose.ESCROW): False,
    (Holder.WORKER, Purpose.AVAILABLE): True,
    (Holder.WORKER, Purpose.IN_TRANSIT): False,
}


def open(*, holder: str, purpose: str, currency: str, holder_id: int = 0) -> Account:
    """The one account of this holder, purpose and currency; made when it is not there, also by two at once.

    Inner. Raises BadInput for a currency that the site does not know.
    """
    return open_many(holder=holder, purpose=purpose, currency=currency, holder_ids=[holder_id])[holder_id]


def open_many(*, holder: str, purpose: str, currency: str, holder_ids: Iterable[int]) -> dict[int, Account]:
    """`open` for many holders in at most three statements: holder id -> account. Inner."""
    guarded = PLACES[Holder(holder), Purpose(purpose)]
    wanted = sorted(set(holder_ids))
    found = _find(holder, purpose, currency, wanted)
    missing = [one for one in wanted if one not in found]
    if not missing:
        return found
    money.check_currency(currency)
    Account.objects.bulk_create(
        [Account(holder=holder, purpose=purpose, currency=currency, holder_id=one, guarded=guarded) for one in missing],
        ignore_conflicts=True,  # somebody else may open it now: his row is as good as ours
    )
    return found | _find(holder, purpose, currency, missing)


def lock(account_ids: Iterable[int]) -> None:
    """Lock these accounts in the order of their ids, until the end of the transaction.

    NO KEY UPDATE and not UPDATE: the foreign keys of a transfer take KEY SHARE on both accounts, and whoever only
    credits an account need not wait for its owner.
    """
    rows = Account.objects.filter(id__in=set(account_ids)).order_by("id").select_for_update(no_key=True)
    list(rows.values_list("id"))


def _find(holder: str, purpose: str, currency: str, holder_ids: list[int]) -> dict[int, Account]:
    rows = Account.objects.filter(holder=holder, purpose=purpose, currency=currency, holder_id__in=holder_ids)
    return {account.holder_id: account for account in rows}
