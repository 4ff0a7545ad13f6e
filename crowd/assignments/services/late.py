"""An answer that comes after its deadline: within the grace time it counts, if its slot is still free."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import gate, give_back
from crowd.assignments.states import AssignmentState
from crowd.projects.models import Task
from crowd.projects.states import ProjectState


def reclaim(assignment: Assignment, participation: Participation, now: datetime) -> bool:
    """Whether a late answer may still count; its slot is taken back if it was given up already."""
    in_grace = now <= assignment.deadline + timedelta(seconds=assignment.project.grace_s)
    in_grace = in_grace or assignment.rework_of is not None  # until the sweep has ended it, nobody else waits for it
    if assignment.state == AssignmentState.ACTIVE:
        if not in_grace:
            give_back.expire_locked(assignment, participation=participation)
        return in_grace
    if not in_grace or assignment.project.state == ProjectState.CLOSED or not _slot_again(assignment, participation):
        return False
    participation.refresh_from_db()
    return True


def _slot_again(assignment: Assignment, participation: Participation) -> bool:
    price = assignment.reward_micros + assignment.fee_micros
    if assignment.is_gold:
        if not gate.can_pay_gold(participation, assignment.project):
            return False
    elif assignment.is_repeat:
        if not gate.can_pay_repeat(assignment.project):
            return False
    else:
        task = Task.objects.select_for_update(no_key=True).get(id=assignment.task_id)
        if not task.open or task.tier != assignment.tier:  # gone up since: its free slots are for others
            return False
        task.filled += 1
        task.open = task.filled < task.needed
        task.save(update_fields=["filled", "open"])
    Participation.objects.filter(id=participation.id).update(
        taken_count=F("taken_count") + 1,
        gold_spent_micros=F("gold_spent_micros") + price * assignment.is_gold,
        quiz_owed_micros=Greatest(0, F("quiz_owed_micros") - price * assignment.is_gold),
        repeat_spent_micros=F("repeat_spent_micros") + price * assignment.is_repeat,
    )
    return True
