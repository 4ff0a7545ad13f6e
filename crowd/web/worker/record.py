"""My record: what was measured about me, by which rule, and the reason of everything that went against me."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.repeats import Steadiness, steadiness
from crowd.kernel import clock, money
from crowd.projects.models import Report
from crowd.quality.accuracy import BetaAccuracy
from crowd.review.queries import appeals_of
from crowd.web.doors import for_worker
from crowd.web.worker.contests import about_me
from workers.models import Worker
from workers.queries import blocks_now

PAGE = 50
FEW = 5  # of so few known answers no accuracy is told: each would say which task was gold


@dataclass(frozen=True)
class Line:
    """A project of his. `accuracy` counts known answers up to last midnight (UTC): gold is not told the same day."""

    inside: Participation
    accepted: int
    rejected: int
    undecided: int
    gold: int
    accuracy: float | None
    low: float | None
    high: float | None
    steadiness: Steadiness | None  # his agreement with himself, likewise


@for_worker
@require_safe
def record(request: HttpRequest, worker: Worker) -> HttpResponse:
    now = clock.now()
    rejections = Rejection.objects.filter(assignment__worker=worker).select_related("assignment", "project", "appeal")
    context = {
        "lines": lines(worker, now),
        "rejections": rejections.order_by("-pk")[:PAGE],
        "blocks": blocks_now(worker, now=now),
        "past_blocks": worker.blocks.exclude(pk__in=blocks_now(worker, now=now)).order_by("-pk")[:PAGE],
        "reports": Report.objects.filter(worker=worker).select_related("project").order_by("-pk")[:PAGE],
        "firings": about_me(worker),
        "appeals": appeals_of(worker)[:PAGE],
        "sums": sums(worker),
    }
    return render(request, "web/worker/record.html", context)


def sums(worker: Worker) -> dict[str, int]:
    """His answers over the whole site by what became of them; test money leaves no mark."""
    mine = Assignment.objects.filter(worker=worker, submitted_at__isnull=False)
    real = mine.exclude(project__currency=money.TEST_CURRENCY)
    states = dict(real.values_list("state").annotate(n=Count("id")))
    told = {state: states.get(state, 0) for state in ("accepted", "rejected")}
    return {"submitted": sum(states.values())} | told


def lines(worker: Worker, now: datetime) -> list[Line]:
    mine = list(
        Participation.objects.filter(worker=worker).select_related("project__organisation").order_by("-pk")[:200]
    )
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    old_gold = Q(is_gold=True, submitted_at__lt=midnight)
    tallies: dict[int, dict[str, Any]] = {
        row["project_id"]: dict(row)
        for row in Assignment.objects.filter(worker=worker, project_id__in=[one.project_id for one in mine])
        .values("project_id")
        .annotate(
            accepted=Count("id", filter=Q(state="accepted")),
            rejected=Count("id", filter=Q(state="rejected")),
            undecided=Count("id", filter=Q(state="submitted")),
            right=Count("id", filter=old_gold & Q(gold_passed=True)),
            wrong=Count("id", filter=old_gold & Q(gold_passed=False)),
        )
    }
    return [_line(one, tallies.get(one.project_id, {}), _steadiness(one, midnight)) for one in mine]


def _steadiness(inside: Participation, midnight: datetime) -> Steadiness | None:
    """Of few repeats nothing is told: he would know which they were."""
    if not inside.project.repeat_share:
        return None
    found = steadiness(inside.project, [inside.worker_id], before=midnight).get(inside.worker_id)
    return found if found is not None and found.repeats >= FEW else None


def _line(inside: Participation, tally: dict[str, Any], steady: Steadiness | None) -> Line:
    right, wrong = tally.get("right", 0), tally.get("wrong", 0)
    counts = (tally.get("accepted", 0), tally.get("rejected", 0), tally.get("undecided", 0))
    if right + wrong < FEW:
        return Line(inside, *counts, right + wrong, None, None, None, steady)
    low, high = BetaAccuracy(right, wrong).interval()
    return Line(inside, *counts, right + wrong, right / (right + wrong), low, high, steady)
