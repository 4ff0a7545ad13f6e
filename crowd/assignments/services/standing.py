"""A worker's site-wide sums (submitted, accepted, rejected), folded from what the projects say.

Nobody writes them while tasks are taken or paid: this job finds the workers about whom something was decided since its
last run, counts theirs anew, and raises their eligibility version where a sum changed. Projects in test money and
teams that work for nothing leave no mark on anybody's record.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from crowd.assignments.models import Assignment, Rejection
from crowd.assignments.states import AssignmentState, RejectionState
from crowd.kernel import clock, money
from crowd.kernel.models import Watermark
from crowd.ledger.models import Transfer
from crowd.ledger.services import fold as ledger_fold
from crowd.ledger.states import Kind
from workers.models import Worker
from workers.services import eligibility

DAY = timedelta(days=1)
TRANSFERS = "standing.transfers"
CHUNK = 500


def fold() -> int:
    """Bring the sums up to date; the number of workers whose sums changed. Twice in a row changes nothing more."""
    through = ledger_fold.settled_through()
    with transaction.atomic(durable=True):
        Watermark.objects.get_or_create(name=TRANSFERS)
        mark = Watermark.objects.select_for_update(no_key=True).get(name=TRANSFERS)
        paid = Transfer.objects.filter(kind=Kind.REWARD, id__gt=mark.through, id__lte=through)
        touched = set(paid.exclude(currency=money.TEST_CURRENCY).values_list("credit__holder_id", flat=True))
        touched |= set(_rejected_lately().values_list("assignment__worker_id", flat=True))
        changed = _count_anew(touched)
        mark.through = max(mark.through, through)
        mark.save(update_fields=["through"])
    return changed


def _rejected_lately() -> QuerySet[Rejection]:
    """Rejections are few: those whose fate is open, or was decided within a day, are simply looked at again."""
    yesterday = clock.now() - DAY
    recent = Q(resolved_at__gt=yesterday) | Q(rejected_at__gt=yesterday)
    return Rejection.objects.filter(Q(state=RejectionState.HELD) | recent)


def _count_anew(worker_ids: Iterable[int]) -> int:
    ids = sorted(worker_ids)
    changed = [id for start in range(0, len(ids), CHUNK) for id in _count_chunk(ids[start : start + CHUNK])]
    eligibility.bump(changed)
    return len(changed)


def _count_chunk(ids: list[int]) -> list[int]:
    sums = {row["worker_id"]: row for row in _sums(ids)}
    changed = []
    for worker in Worker.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"):
        row = sums.get(worker.id, {"submitted": 0, "accepted": 0, "rejected": 0})
        fresh = (row["submitted"], row["accepted"], row["rejected"])
        if fresh == (worker.submitted_count, worker.accepted_count, worker.rejected_count):
            continue
        worker.submitted_count, worker.accepted_count, worker.rejected_count = fresh
        worker.save(update_fields=["submitted_count", "accepted_count", "rejected_count"])
        changed.append(worker.id)
    return changed


def _sums(ids: list[int]) -> Iterable[Any]:
    given = Assignment.objects.filter(worker_id__in=ids, reward_micros__gt=0)
    return (
        given.exclude(project__currency=money.TEST_CURRENCY)
        .values("worker_id")
        .annotate(
            submitted=Count("id", filter=Q(submitted_at__isnull=False)),
            accepted=Count("id", filter=Q(state=AssignmentState.ACCEPTED)),
            rejected=Count("id", filter=Q(state=AssignmentState.REJECTED)),
        )
        .order_by("worker_id")
    )
