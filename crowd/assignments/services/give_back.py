"""Giving a task back: the worker returns it, or its time runs out. The slot is free again, the row stays."""

import logging

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crowd.assignments.errors import NotHeld
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import gate, slots
from crowd.assignments.states import ASSIGNMENT, AssignmentState, ReturnReason
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.projects.models import Task
from workers.models import Worker

log = logging.getLogger(__name__)


def return_task(*, worker: Worker, assignment_id: int, reason: str = ReturnReason.NOT_SAID) -> Assignment:
    """The worker gives it back, at no cost to anybody. Returning twice is returning once.

    Raises NotFound, BadInput (unknown reason), NotHeld (it was submitted or ran out).
    """
    if reason not in ReturnReason.values:
        raise BadInput(errors={"reason": f"One of {', '.join(ReturnReason.values)}."})
    with transaction.atomic(durable=True):
        participation = gate.enter_by_assignment(assignment_id=assignment_id, worker_id=worker.id).participation
        assignment = Assignment.objects.select_related("task").get(id=assignment_id)
        if assignment.opened_at is None:
            raise NotFound
        if assignment.state == AssignmentState.RETURNED:
            return assignment
        if participation is None or assignment.state != AssignmentState.ACTIVE:
            raise NotHeld(state=assignment.state)
        if assignment.rework_of is not None:
            raise NotHeld(_("Decline the rework instead: your first answer then stands."), state=assignment.state)
        assignment.return_reason = reason
        end(assignment, AssignmentState.RETURNED, participation)
        return assignment


def expire_due(*, limit: int = 1000) -> int:
    """Expire what is past its deadline, oldest first; the number of assignments expired. For the sweep."""
    due = Assignment.objects.filter(state=AssignmentState.ACTIVE, rework_of=None, deadline__lte=clock.now())
    due = due.order_by("deadline")
    return one_by_one(_expire_one, list(due.values_list("id", "project_id", "worker_id")[:limit]))


def expire_locked(assignment: Assignment, *, participation: Participation) -> None:
    """Needs the participation's lock; `assignment` is active and was read under it."""
    end(assignment, AssignmentState.EXPIRED, participation)


def _expire_one(assignment_id: int, project_id: int, worker_id: int) -> bool:
    """A transaction of its own each, so that a row in trouble does not keep the others waiting."""
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project_id, worker_id=worker_id)
        participation = entry.participation
        assignment = Assignment.objects.get(id=assignment_id)
        overdue = assignment.state == AssignmentState.ACTIVE and assignment.deadline <= entry.now
        overdue = overdue and assignment.rework_of is None
        if participation is None or not overdue:  # he submitted or returned it while we came: that was first
            return False
        expire_locked(assignment, participation=participation)
        return True


def end(assignment: Assignment, state: AssignmentState, participation: Participation, *, kept_micros: int = 0) -> None:
    """Needs the participation's lock. `kept_micros`: what of the price is spent all the same, of gold or a repeat."""
    ASSIGNMENT.check(assignment.state, state)
    price = assignment.reward_micros + assignment.fee_micros - kept_micros
    of_gold = price * assignment.is_gold
    owed = of_gold if of_gold and _in_quiz(assignment, participation) else 0
    if not (assignment.is_gold or assignment.is_repeat):
        slots.give_back(Task.objects.select_for_update(no_key=True).get(id=assignment.task_id))
    assignment.state, assignment.counts = state, False
    assignment.save(update_fields=["state", "counts", "return_reason"])
    Participation.objects.filter(id=participation.id).update(
        taken_count=F("taken_count") - 1,
        gold_spent_micros=F("gold_spent_micros") - of_gold,
        repeat_spent_micros=F("repeat_spent_micros") - price * assignment.is_repeat,
        quiz_owed_micros=F("quiz_owed_micros") + owed,
    )


def _in_quiz(assignment: Assignment, participation: Participation) -> bool:
    """Then what it cost is still his: nobody else begins a quiz with it, and his own does not stop half way."""
    return participation.submitted_count < assignment.project.quiz_length
