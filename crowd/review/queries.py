"""What is read about appeals, requesters' records, and reviews."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, F, Q, QuerySet

from crowd.assignments import offers
from crowd.assignments import queries as assignments
from crowd.assignments.models import Answer, Assignment
from crowd.consensus.models import Consensus
from crowd.kernel import clock, money
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.review.models import Appeal, Rating, Reviewer, ReviewPlan, TaskReview
from crowd.review.services.reviewing import JUDGED
from crowd.review.states import AppealState, ReviewState
from crowd.users.models import Membership, User
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


def plan_of(project: Project) -> ReviewPlan | None:
    return ReviewPlan.objects.filter(project=project).first()


def reviewed_by(worker: Worker) -> QuerySet[Project]:
    """Running projects where he was named, or belongs to the organisation and something is reviewed; and where he has a
    task in hand."""
    return _reviewed_by(worker.user_id, clock.now())


def reviews_somewhere(user: User, now: datetime) -> bool:
    return _reviewed_by(user.pk, now).exists()


def _reviewed_by(user_id: int, now: datetime) -> QuerySet[Project]:
    named = Reviewer.objects.filter(worker__user=user_id, removed_at=None).values("project")
    member = Membership.objects.filter(user=user_id).values("organisation")
    own = Q(organisation__in=member, review_plan__isnull=False)
    in_hand = TaskReview.objects.filter(reviewer__user=user_id, state=ReviewState.TAKEN, taken_until__gt=now)
    running = (Q(pk__in=named) | own) & Q(state__in=reserves.RUNNING)
    found = Project.objects.filter(running | Q(pk__in=in_hand.values("project")))
    return found.select_related("organisation").order_by("-pk")


def standing_answers(review: TaskReview) -> list[tuple[Assignment, Answer]]:
    """The answers that a reviewer judges, side by side in the order they came, without their workers' names."""
    rows = Assignment.objects.filter(
        project=review.project_id,
        task=review.task_id,
        state__in=JUDGED,
        for_review=False,
        is_repeat=False,
        corrected=False,
    )
    found = list(rows.order_by("pk"))
    said = assignments.answers_of(found)
    return [(one, said[one.pk]) for one in found if one.pk in said]


def first_look(review: TaskReview) -> TaskReview | None:
    """What the first reviewer wants, for the second one."""
    if review.level == 1:
        return None
    return TaskReview.objects.filter(task=review.task_id, round=review.round, level=1).first()


def merged_of(review: TaskReview) -> list[Consensus]:
    """What the answers come to so far, by unit and question."""
    return list(Consensus.objects.filter(project=review.project_id, task=review.task_id).order_by("unit", "question"))


def why_sent_back(assignment: Assignment) -> str:
    """The reviewer's word to the worker; empty where nothing was sent back."""
    if assignment.rework_of is None:
        return ""
    last = TaskReview.objects.filter(task=assignment.task_id, verdicts__contains=[{"assignment": assignment.pk}])
    review = last.filter(carried_out=True).order_by("-pk").first()
    said = [one["comment"] for one in review.verdicts if one["assignment"] == assignment.pk] if review else []
    return said[0] if said else ""


def reviews_of(project: Project) -> QuerySet[TaskReview]:
    """The caller has passed the project's door. Newest first."""
    return TaskReview.objects.filter(project=project).select_related("task__item").order_by("-pk")


def reviewers_of(project: Project) -> QuerySet[Reviewer]:
    return Reviewer.objects.filter(project=project, removed_at=None).order_by("pk")


def my_rating(worker: Worker, project: Project) -> Rating | None:
    return Rating.objects.filter(worker=worker, project=project).first()


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    appeals = Appeal.objects.filter(worker__user=user).order_by("pk")
    ratings = Rating.objects.filter(worker__user=user).order_by("pk")
    reviews = TaskReview.objects.filter(reviewer__user=user, state=ReviewState.DONE).order_by("pk")
    named = Reviewer.objects.filter(worker__user=user).order_by("pk")
    return {
        "reviewer_of": list(named.values("project_id", "level", "named_at", "removed_at")),
        "reviews": list(reviews.values("project_id", "verdicts", "value", "reward_micros", "decided_at")),
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
