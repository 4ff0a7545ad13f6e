"""Taking back a rejection that rested on a wrong gold key: also after its window, and after its project was closed.

Within the window the reward is still held and is paid like any other. After it the reward stands in the project's
reserve for corrections; once the project is closed, or should that reserve not do, the platform pays the worker out of
its own (platform:corrections). A fee is then nobody's.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from crowd.assignments.models import Assignment, Rejection
from crowd.assignments.services import recount
from crowd.assignments.services.accept import pay
from crowd.assignments.states import ASSIGNMENT, REJECTION, AssignmentState, Evidence, RejectionState
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves

STANDING = (RejectionState.HELD, RejectionState.RELEASED)


def over_gold(project: Project, worker_id: int) -> QuerySet[Rejection]:
    """A worker's rejections in this project that rest on gold, and stand."""
    return Rejection.objects.filter(
        project_id=project.id, assignment__worker_id=worker_id, evidence=Evidence.GOLD, state__in=STANDING
    )


def restore(project: Project, assignment_ids: Sequence[int], *, reason: str, now: datetime) -> int:
    """Accept and pay these rejected answers; the micros that went to their workers.

    What is no longer rejected is left alone. Needs the gate (shared), the project's row and the participation's lock.
    """
    tasks, found = _locked(project, assignment_ids)
    standing = Rejection.objects.select_for_update(no_key=True).filter(assignment__in=found, state__in=STANDING)
    rejections = {one.assignment_id: one for one in standing.order_by("id")}
    return sum(
        _restore_one(one, tasks[one.task_id], rejections[one.id], project, reason=reason, now=now)
        for one in found
        if one.id in rejections
    )


def _restore_one(
    one: Assignment, task: Task, rejection: Rejection, project: Project, *, reason: str, now: datetime
) -> int:
    REJECTION.check(rejection.state, RejectionState.OVERTURNED)
    ASSIGNMENT.check(one.state, AssignmentState.ACCEPTED)
    was_held = rejection.state == RejectionState.HELD
    rejection.state, rejection.resolution, rejection.resolved_at = RejectionState.OVERTURNED, reason, now
    rejection.save(update_fields=["state", "resolution", "resolved_at"])
    one.state, one.decided_at = AssignmentState.ACCEPTED, now
    one.counts = recount.count_again(one, task, project)
    one.save(update_fields=["state", "decided_at", "counts"])
    if was_held or reserves.from_corrections(project, one.reward_micros + one.fee_micros):
        pay([one], project=project, now=now)
    elif one.reward_micros:
        _pay_from_platform(one, project, now)
    return one.reward_micros


def _pay_from_platform(one: Assignment, project: Project, now: datetime) -> None:
    reserve = accounts.open(holder=Holder.PLATFORM, purpose=Purpose.CORRECTIONS, currency=project.currency)
    purse = accounts.open(
        holder=Holder.WORKER, holder_id=one.worker_id, purpose=Purpose.AVAILABLE, currency=project.currency
    )
    posting = Posting(
        key=f"assignment:{one.id}:{one.attempt}:reward",
        kind=Kind.REWARD,
        debit=reserve,
        credit=purse,
        amount_micros=one.reward_micros,
        project_ref=project.id,
        subject_ref=one.id,
    )
    post([posting], now=now)


def _locked(project: Project, assignment_ids: Sequence[int]) -> tuple[dict[int, Task], list[Assignment]]:
    """Tasks before assignments, each many by id: the lock order."""
    wanted = Assignment.objects.filter(project_id=project.id, id__in=assignment_ids)
    tasks = (
        Task.objects.select_for_update(no_key=True)
        .order_by("id")
        .in_bulk(list(wanted.values_list("task_id", flat=True)))
    )
    return tasks, list(wanted.select_for_update(no_key=True).order_by("id"))
