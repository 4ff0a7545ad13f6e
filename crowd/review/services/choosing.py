"""Which complete tasks are reviewed: after each aggregation, those that the project's plan asks for, each once."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services.gate import RING_PLACES
from crowd.assignments.states import AssignmentState
from crowd.consensus.models import AggregationRun, Consensus
from crowd.consensus.states import RunState
from crowd.kernel import clock
from crowd.projects.models import Task
from crowd.projects.services import reserves
from crowd.review.models import ReviewPlan, TaskReview
from crowd.review.states import Cause

CHUNK = 1000
GIVEN = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)


def due() -> list[int]:
    """Projects with a plan and an aggregation that nothing was chosen after yet."""
    newer = AggregationRun.objects.filter(
        project=OuterRef("project"), state=RunState.DONE, pk__gt=OuterRef("through_run")
    )
    plans = ReviewPlan.objects.filter(Exists(newer), project__state__in=reserves.RUNNING)
    return list(plans.order_by("project").values_list("project_id", flat=True))


def choose(project_id: int) -> int:
    """How many were chosen now. Twice in a row chooses nothing more."""
    with transaction.atomic(durable=True):
        reserves.lock(project_id)
        plan = ReviewPlan.objects.get(project=project_id)
        run = AggregationRun.objects.filter(project=project_id, state=RunState.DONE).order_by("-pk").first()
        if run is None:
            return 0
        now, made = clock.now(), 0
        for cause, tasks in _wanted(plan):
            ids = list(tasks.order_by("pk").values_list("pk", flat=True)[:CHUNK])
            reviews = [TaskReview(project_id=project_id, task_id=id, cause=cause, opened_at=now) for id in ids]
            made += len(TaskReview.objects.bulk_create(reviews))
        plan.through_run = run.pk if made < CHUNK else plan.through_run
        plan.save(update_fields=["through_run"])
    return made


def _wanted(plan: ReviewPlan) -> list[tuple[Cause, QuerySet[Task]]]:
    """The lot falls on tasks by their place on the ring, which is random and has nothing to do with what is in them."""
    seen = TaskReview.objects.filter(task=OuterRef("pk"))
    complete = Task.objects.filter(
        ~Exists(seen), project=plan.project_id, is_gold=False, needed__gt=0, answered__gte=F("needed")
    )
    merged = Consensus.objects.filter(project=plan.project_id, task=OuterRef("pk"))
    found = []
    if plan.low_posterior is not None:
        found.append((Cause.LOW_POSTERIOR, complete.filter(Exists(merged.filter(posterior__lt=plan.low_posterior)))))
    if plan.disagreement:
        found.append((Cause.DISAGREEMENT, complete.filter(Exists(merged.filter(agreement__lt=1)))))
    if plan.new_worker_answers:
        new = Participation.objects.filter(
            project=plan.project_id, worker=OuterRef("worker"), submitted_count__lte=plan.new_worker_answers
        )
        theirs = Assignment.objects.filter(Exists(new), project=plan.project_id, task=OuterRef("pk"), state__in=GIVEN)
        found.append((Cause.NEW_WORKER, complete.filter(Exists(theirs))))
    if plan.share:
        found.append((Cause.SAMPLE, complete.filter(Q(ring__lt=int(plan.share * RING_PLACES)))))
    return found
