"""Leaving a task whose content was warned of: at any time, with pay for the time spent on it (docs/money.md).

The time is paid at the task's own rate: the share of the reward that it is of the time which the task usually takes, at
most the reward. Its slot is free again, as of every task that is given back. What is paid is found in the surplus,
then in the organisation's available money; where neither holds it, the slot pays for it and is asked no more: a task of
which no label can come any more waits for its requester. Of gold and of repeats it comes out of their reserves. So
nobody who leaves waits for money.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments import warned
from crowd.assignments.errors import NotHeld
from crowd.assignments.models import Assignment, Leaving, Participation
from crowd.assignments.services import gate, give_back, slots
from crowd.assignments.states import AssignmentState, ReturnReason
from crowd.kernel import locks
from crowd.kernel.errors import Conflict, NotFound
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import TASK, TaskState
from workers.models import Worker

SECOND = timedelta(seconds=1)


def leave(*, worker: Worker, assignment_id: int, active_ms: int | None = None) -> Leaving:
    """Leave it now. `active_ms`: his active time, as his page measured it; without it what has passed is paid.

    Once an attempt: leaving again is having left. Raises NotFound, NotHeld, Conflict where nothing is warned of.
    """
    project_id = Assignment.objects.filter(pk=assignment_id, worker=worker).values_list("project", flat=True).first()
    if project_id is None:
        raise NotFound
    with transaction.atomic(durable=True):
        locks.shared(locks.Gate.PROJECT, project_id)
        project = reserves.lock(project_id)
        entry = gate.enter_by_assignment(assignment_id=assignment_id, worker_id=worker.id)
        assignment = Assignment.objects.get(pk=assignment_id)
        assignment.project = project
        before = Leaving.objects.filter(assignment=assignment, attempt=assignment.attempt).first()
        if before is not None:
            return before
        _check(assignment, project)
        _lock(assignment)
        made = _of(assignment, project, worker, active_ms, entry.now)
        _give_back(made, assignment, project, entry.inside)
        _pay(made, assignment, project)
    return made


def _check(assignment: Assignment, project: Project) -> None:
    if assignment.opened_at is None:
        raise NotFound
    if assignment.state != AssignmentState.ACTIVE:
        raise NotHeld(state=assignment.state)
    if assignment.rework_of is not None:
        raise NotHeld(_("Decline the rework instead: your first answer then stands."), state=assignment.state)
    if not project.content_warnings:
        raise Conflict(_("This project warns of nothing: return the task instead."))


def _lock(assignment: Assignment) -> None:
    """His leavings in other projects at this moment wait: only so many of a day are paid."""
    if not _slotless(assignment):
        Task.objects.select_for_update(no_key=True).get(pk=assignment.task_id)
    Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    Worker.objects.select_for_update(no_key=True).get(pk=assignment.worker_id)


def _slotless(assignment: Assignment) -> bool:
    """Paid from a reserve of its own."""
    return assignment.is_gold or assignment.is_repeat


def _of(assignment: Assignment, project: Project, worker: Worker, active_ms: int | None, now: datetime) -> Leaving:
    assert assignment.opened_at is not None
    passed = max(0, (now - assignment.opened_at) // SECOND)
    seconds = passed if active_ms is None else min(passed, -(-max(0, active_ms) // 1000))
    due = warned.pay_for(assignment, project, seconds) if warned.paid_leavings_left(worker, now) else (0, 0)
    return Leaving(
        assignment=assignment,
        attempt=assignment.attempt,
        worker=worker,
        left_at=now,
        seconds=seconds,
        reward_micros=due[0],
        fee_micros=due[1],
    )


def _give_back(made: Leaving, assignment: Assignment, project: Project, participation: Participation) -> None:
    cost, key = made.reward_micros + made.fee_micros, f"assignment:{assignment.pk}:{assignment.attempt}:left:reserve"
    assignment.return_reason = ReturnReason.UNPLEASANT
    slotless = _slotless(assignment)
    give_back.end(assignment, AssignmentState.RETURNED, participation, kept_micros=cost if slotless else 0)
    made.save(force_insert=True)
    if slotless or not cost or reserves.find(project, cost, key=key, now=made.left_at):
        return
    _ask_one_less(assignment.task_id)
    reserves.to_surplus(project, assignment.reward_micros + assignment.fee_micros - cost)


def _ask_one_less(task_id: int) -> None:
    task = Task.objects.select_for_update(no_key=True).get(pk=task_id)
    if task.needed - 1 <= task.cannot_answer_count and TASK.allows(task.state, TaskState.REVIEW):
        slots.take_out(task)
    slots.withdraw(task, 1)


def _pay(made: Leaving, assignment: Assignment, project: Project) -> None:
    if not made.reward_micros:
        return
    purse = accounts.open(
        holder=Holder.WORKER, holder_id=made.worker_id, purpose=Purpose.AVAILABLE, currency=project.currency
    )
    fees = accounts.open(holder=Holder.PLATFORM, purpose=Purpose.FEES, currency=project.currency)
    key, escrow = f"assignment:{assignment.pk}:{made.attempt}", reserves.escrow(project)
    parts = [
        (f"{key}:left", Kind.REWARD, purse, made.reward_micros),
        (f"{key}:left:fee", Kind.FEE, fees, made.fee_micros),
    ]
    postings = [
        Posting(key=key, kind=kind, debit=escrow, credit=credit, amount_micros=micros, project_ref=project.pk,
                subject_ref=assignment.pk)
        for key, kind, credit, micros in parts
        if micros
    ]  # fmt: skip
    post(postings, now=made.left_at)
