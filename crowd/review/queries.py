"""What is read about appeals and requesters' records."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, F, Q, QuerySet

from crowd.assignments import offers
from crowd.kernel import clock, money
from crowd.projects.models import Project
from crowd.review.models import Appeal, Rating
from crowd.review.states import AppealState
from crowd.users.models import User
from workers.models import Worker

FEW = 5  # of fewer workers' ratings nothing is told: each could be guessed
OVER = timedelta(days=365)
KEEP_S = 60


@dataclass(frozen=True)
class Ratings:
    """Means from 1 to 5, each worker's own mean counting once; None where fewer than FEW have rated."""

    workers: int
    pay: float | None
    clarity: float | None
    fairness: float | None


@dataclass(frozen=True)
class Record:
    """A requester's record: 90 days of decisions, a year of appeals and of what workers say."""

    decided: int
    acceptance: float | None
    pay_seconds: float | None
    appeals: int  # decided
    appeals_lost: int
    ratings: Ratings


def record(organisation_id: int) -> Record:
    """Kept for a minute."""
    found: Record | None = cache.get(f"requester-record:{organisation_id}")
    if found is None:
        found = _record(organisation_id)
        cache.set(f"requester-record:{organisation_id}", found, KEEP_S)
    return found


def appeals_of(worker: Worker) -> QuerySet[Appeal]:
    """Newest first."""
    return Appeal.objects.filter(worker=worker).select_related("project", "organisation").order_by("-pk")


def appeals_about(project: Project) -> QuerySet[Appeal]:
    """The caller has passed the project's door. Newest first."""
    return Appeal.objects.filter(project=project).select_related("rejection__assignment").order_by("-pk")


def my_rating(worker: Worker, project: Project) -> Rating | None:
    return Rating.objects.filter(worker=worker, project=project).first()


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    appeals = Appeal.objects.filter(worker__user=user).order_by("pk")
    ratings = Rating.objects.filter(worker__user=user).order_by("pk")
    return {
        "appeals": list(appeals.values("subject", "project_id", "text", "state", "opened_at", "decided_at", "reason")),
        "ratings": list(ratings.values("project_id", "pay", "clarity", "fairness", "rated_at")),
    }


def _record(organisation_id: int) -> Record:
    since = clock.now() - OVER
    decisions = offers.record(organisation_id)
    real = Appeal.objects.filter(organisation=organisation_id, decided_at__gt=since)
    real = real.filter(Q(project=None) | ~Q(project__currency=money.TEST_CURRENCY))
    counts = real.aggregate(decided=Count("pk"), lost=Count("pk", filter=Q(state=AppealState.GRANTED)))
    return Record(
        decisions.decided,
        decisions.acceptance,
        decisions.pay_seconds,
        counts["decided"],
        counts["lost"],
        _ratings(organisation_id),
    )


def _ratings(organisation_id: int) -> Ratings:
    """Each worker once, however many of the requester's projects he rated."""
    rows = Rating.objects.filter(organisation=organisation_id, rated_at__gt=clock.now() - OVER)
    each = rows.values("worker").annotate(p=Avg(F("pay")), c=Avg(F("clarity")), f=Avg(F("fairness")))
    means = list(each.values_list("p", "c", "f"))
    if len(means) < FEW:
        return Ratings(len(means), None, None, None)
    pay, clarity, fairness = (sum(column) / len(means) for column in zip(*means, strict=True))
    return Ratings(len(means), pay, clarity, fairness)
