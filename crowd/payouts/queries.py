"""Reads of payouts, the newest first; `before` is the id of the last one already seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from crowd.kernel import money
from crowd.ledger import queries as ledger
from crowd.ledger.states import Holder, Purpose
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services.request import minimum
from crowd.payouts.states import PayoutState
from crowd.users.errors import SomethingLeft
from crowd.users.models import User
from workers.models import Worker


@dataclass(frozen=True)
class Purse:
    """A worker's money in one currency, in micros. `payable_micros` is what he may ask for now; 0: nothing."""

    currency: str
    available_micros: int
    in_transit_micros: int
    payable_micros: int


@dataclass(frozen=True)
class BatchSums:
    payouts: int
    amount_micros: int


def purses(worker: Worker) -> list[Purse]:
    """One for each currency he ever earned in, by code."""
    held = ledger.of_holder(holder=Holder.WORKER, holder_id=worker.pk)
    return [_purse(worker, currency, held) for currency in sorted({currency for _, currency in held})]


def payouts_of(worker: Worker, *, before: int | None = None, limit: int = 50) -> list[Payout]:
    return _page(Payout.objects.filter(worker=worker), before, limit)


def waiting(*, currency: str | None = None, before: int | None = None, limit: int = 200) -> list[Payout]:
    """Requested and in no batch: what staff may put into the next one."""
    rows = Payout.objects.filter(state=PayoutState.REQUESTED, batch=None)
    return _page(rows.filter(currency=currency) if currency else rows, before, limit)


def payouts_in(batch: Batch) -> list[Payout]:
    return list(Payout.objects.filter(batch=batch).order_by("pk"))


def batches(*, state: str | None = None, before: int | None = None, limit: int = 50) -> list[Batch]:
    rows = Batch.objects.defer("file", "file_key").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def sums_of(batch: Batch) -> BatchSums:
    found = Payout.objects.filter(batch=batch).aggregate(count=Count("pk"), micros=Sum("amount_micros"))
    return BatchSums(payouts=found["count"], amount_micros=found["micros"] or 0)


def nothing_left(user: User) -> None:
    """For erasing an account: raises SomethingLeft while a payout is open or a coin of real money is there."""
    worker = Worker.objects.filter(user=user).first()
    left = [purse for purse in purses(worker) if _is_something(purse)] if worker is not None else []
    if left:
        raise SomethingLeft(currencies=[purse.currency for purse in left])


def records_until(user: User) -> datetime | None:
    """Until when the law wants the records of his payouts; None: there are none."""
    newest = Payout.objects.filter(worker__user=user, finished_at__isnull=False).order_by("-finished_at").first()
    if newest is None or newest.finished_at is None:
        return None
    return newest.finished_at + timedelta(days=settings.CROWD_PAYOUT_RECORD_DAYS)


def _purse(worker: Worker, currency: str, held: dict[tuple[str, str], int]) -> Purse:
    available = held.get((Purpose.AVAILABLE, currency), 0)
    payable = money.whole_minor(available, currency)
    if currency == money.TEST_CURRENCY or payable < minimum(worker, currency):
        payable = 0
    return Purse(currency, available, held.get((Purpose.IN_TRANSIT, currency), 0), payable)


def _is_something(purse: Purse) -> bool:
    coins = money.whole_minor(purse.available_micros, purse.currency)
    return purse.in_transit_micros > 0 or (coins > 0 and purse.currency != money.TEST_CURRENCY)


def _page(rows: QuerySet[Payout], before: int | None, limit: int) -> list[Payout]:
    rows = rows.select_related("worker", "batch").defer("batch__file", "batch__file_key").order_by("-pk")
    return list((rows.filter(pk__lt=before) if before is not None else rows)[:limit])


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    fields = ("id", "state", "amount_micros", "currency", "method", "masked", "reason", "requested_at", "finished_at")
    return {"payouts": list(Payout.objects.filter(worker__user=user).order_by("pk").values(*fields))}
