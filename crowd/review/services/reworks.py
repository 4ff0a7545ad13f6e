"""Answers that were sent back: declined, out of time, or answered once more and so reviewed again."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import pause, reject, rework
from crowd.assignments.states import AssignmentState
from crowd.kernel import clock, locks
from crowd.kernel.errors import NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.projects.services import reserves
from crowd.review.models import TaskReview
from crowd.review.services.verdicts import open_review
from crowd.review.states import Cause, Deed, ReviewState
from workers.models import Worker


def decline(*, worker: Worker, assignment_id: int) -> Assignment:
    """He lets his answer stand instead of answering once more. Again: nothing happens. Raises NotFound."""
    one = Assignment.objects.filter(pk=assignment_id, worker=worker).first()
    if one is None:
        raise NotFound
    _let_stand(one.pk, one.project_id, worker.pk)
    one.refresh_from_db()
    return one


def end_overdue(*, limit: int = 200) -> int:
    """Answers that were sent back and not answered in time stand. For a job."""
    due = Assignment.objects.filter(
        state=AssignmentState.ACTIVE, rework_of__isnull=False, deadline__lte=clock.now()
    ).order_by("deadline")
    rows = list(due.values_list("pk", "project_id", "worker_id")[:limit])
    return one_by_one(partial(_let_stand, only_overdue=True), rows)


def open_again(*, limit: int = 200) -> int:
    """Reviews of what was answered once more, or stands after all. For a job."""
    under_way = Assignment.objects.filter(task=OuterRef("task"), rework_of__isnull=False)
    later = TaskReview.objects.filter(task=OuterRef("task"), round__gt=OuterRef("round"))
    sent = TaskReview.objects.filter(
        ~Exists(under_way),
        ~Exists(later),
        state=ReviewState.DONE,
        carried_out=True,
        verdicts__contains=[{"deed": str(Deed.REWORK)}],
    )
    return one_by_one(_open_again, [(review,) for review in sent.order_by("pk")[:limit]])


def _open_again(review: TaskReview) -> bool:
    with transaction.atomic(durable=True):
        reserves.lock(review.project_id)
        if TaskReview.objects.filter(task=review.task_id, round__gt=review.round).exists():
            return False
        review.round += 1
        open_review(review, level=1, cause=Cause.REWORK, now=clock.now())
    return True


def _let_stand(assignment_id: int, project_id: int, worker_id: int, *, only_overdue: bool = False) -> bool:
    with transaction.atomic(durable=True):
        locks.shared(locks.Gate.PROJECT, project_id)
        project = reserves.lock(project_id)
        inside = Participation.objects.select_for_update(no_key=True).get(project=project, worker=worker_id)
        tasks, (one,) = reject.lock_with_tasks(project, [assignment_id])
        now = clock.now()
        if one.rework_of is None or (only_overdue and one.deadline > now):
            return False
        rework.let_stand(one, task=tasks[one.task_id], project=project, now=now)
        pause.recount_if_paused(inside)
    return True
