"""A worker's money as his pages show it."""

from datetime import datetime
from typing import Any

from django.db.models import Min, Sum
from django.utils import timezone

from crowd.assignments import queries as assignments
from crowd.assignments.models import Answer, Assignment
from crowd.assignments.states import AssignmentState
from crowd.kernel import clock
from crowd.payouts import queries as payouts
from crowd.payouts.models import Payout
from crowd.payouts.services.request import minimum
from crowd.payouts.states import PayoutState
from workers.models import Worker


def today(worker: Worker) -> dict[str, Any]:
    """What he did since midnight in his zone, by currency, and how long he was at it."""
    start = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    answers = Answer.objects.filter(worker=worker, submitted_at__gte=start)
    spent = answers.aggregate(ms=Sum("active_ms"))["ms"] or 0
    earned = list(
        Assignment.objects.filter(worker=worker, submitted_at__gte=start)
        .exclude(state=AssignmentState.REJECTED)
        .values("project__currency")
        .annotate(micros=Sum("reward_micros"))
        .order_by("project__currency")
    )
    rows = [{"currency": one["project__currency"], "micros": one["micros"]} for one in earned]
    for row in rows:
        row["hourly"] = row["micros"] * 3_600_000 // spent if spent and len(rows) == 1 else None
    return {"today": rows, "today_answers": answers.count(), "today_seconds": spent / 1000, "purses": purses(worker)}


def purses(worker: Worker) -> list[dict[str, Any]]:
    """Each currency: pending with the day when it is decided at the latest, available, on the way, paid, payable, and
    the least that is paid out."""
    pending, first = assignments.pending_micros(worker), pending_from(worker)
    held = {one.currency: one for one in payouts.purses(worker)}
    confirmed = Payout.objects.filter(worker=worker, state=PayoutState.CONFIRMED)
    paid = dict(confirmed.values_list("currency").annotate(total=Sum("amount_micros")))
    return [
        {
            "currency": currency,
            "pending": pending.get(currency, 0),
            "first": first.get(currency),
            "available": held[currency].available_micros if currency in held else 0,
            "in_transit": held[currency].in_transit_micros if currency in held else 0,
            "payable": held[currency].payable_micros if currency in held else 0,
            "paid": paid.get(currency, 0),
            "least": minimum(worker, currency),
        }
        for currency in sorted(held.keys() | pending.keys())
    ]


def pending_from(worker: Worker) -> dict[str, datetime]:
    waiting = Assignment.objects.filter(worker=worker, state=AssignmentState.SUBMITTED)
    return dict(waiting.values_list("project__currency").annotate(first=Min("due_at")))
