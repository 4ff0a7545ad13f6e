"""Blind re-judgement: the task of a contested answer is asked of further workers, who know nothing of the dispute.

They get it like any other task, and are paid like for any other, from the project's surplus or its owner's money; where
neither has any, or the project is closed, the appeal is decided without. Gold is not asked again: its key is the
evidence, and the gold audits itself.
"""

from datetime import datetime
from typing import Any

from django.conf import settings

from crowd.assignments.models import Answer, Assignment, Rejection
from crowd.assignments.services import slots
from crowd.assignments.states import AssignmentState
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import TaskState
from crowd.review.models import Appeal

GIVEN = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED)


def ask(rejection: Rejection, task: Task, project: Project, *, now: datetime) -> int:
    """How many are asked. Inner: needs the locks of the project's row and the task."""
    wanted = settings.CROWD_APPEAL_PEERS
    if task.is_gold or task.state != TaskState.LIVE or not wanted:
        return 0
    key = f"assignment:{rejection.assignment_id}:{rejection.assignment.attempt}:peers"
    paid = reserves.reserve_slots(project, wanted, tier=task.tier, key=key, now=now)
    if paid:
        slots.add_slots(task, paid)
    return paid


def dismiss(appeal: Appeal, task: Task, project: Project) -> None:
    """Whoever was not found before the decision is not needed any more. Inner: needs the same locks.

    A task that went up meanwhile has given back the slots that were theirs: what is free there is the specialists'.
    """
    if task.tier != appeal.peers_tier:
        return
    spare = min(appeal.peers - len(answers(appeal)), task.needed - task.filled)
    if spare > 0 and project.state in reserves.RUNNING:
        slots.withdraw(task, spare)
        reserves.to_surplus(project, spare * reserves.slot_price(project, task.tier))


def answers(appeal: Appeal) -> list[Answer]:
    """What others answered to the same task since the appeal, the oldest first, as many as were asked."""
    if appeal.rejection is None or not appeal.peers:
        return []
    one = appeal.rejection.assignment
    given = Assignment.objects.filter(
        project_id=one.project_id,
        task_id=one.task_id,
        state__in=GIVEN,
        submitted_at__gt=appeal.opened_at,
        is_repeat=False,
    ).exclude(worker_id=one.worker_id)
    attempts = dict(given.values_list("id", "attempt"))
    found = Answer.objects.filter(project_id=one.project_id, assignment_id__in=attempts).order_by("id")
    return [each for each in found if attempts[each.assignment_id] == each.attempt][: appeal.peers]


def told(appeal: Appeal) -> dict[str, Any]:
    """What they say about the contested answer: how many were asked, have answered, and answered the same."""
    if appeal.rejection is None:
        return {}
    one = appeal.rejection.assignment
    mine = Answer.objects.get(project_id=one.project_id, assignment_id=one.id, attempt=one.attempt)
    found = answers(appeal)
    same = sum(each.value == mine.value for each in found)
    return {"asked": appeal.peers, "answered": len(found), "same": same, "values": [each.value for each in found]}
