"""Who is at work gets more time: what is saved in the last quarter of the time renews it, up to a stated cap.

The page saves what was done within seconds, and says so too where somebody only looks or listens. Of rework nothing
has to be renewed: nobody waits for it. What is reserved ahead keeps its own end, and makes way then.
"""

from datetime import datetime, timedelta

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.states import AssignmentState
from crowd.projects.models import Project
from workers.models import Worker

MOST = 2  # times the time limit, from the moment in which the task was opened
BEGINS, GIVES = 0.25, 0.5  # shares of the time limit: renewed when less is left, to so much from now


def renew(assignment: Assignment, *, project: Project, worker: Worker, now: datetime) -> datetime:
    """The deadline from now on. Takes the participation's lock where it moves: no sweep ends the task meanwhile."""
    limit = limit_of(project, worker.time_percent)
    if not _may_be(assignment, now) or assignment.deadline >= now + BEGINS * limit:
        return assignment.deadline
    assert assignment.opened_at is not None
    until = min(now + GIVES * limit, assignment.opened_at + MOST * limit)
    if until <= assignment.deadline:  # the cap is reached: nothing has to be locked for that
        return assignment.deadline
    inside = Participation.objects.select_for_update(no_key=True)
    inside.get(project=assignment.project_id, worker=assignment.worker_id)
    held = Assignment.objects.filter(pk=assignment.pk, attempt=assignment.attempt, state=AssignmentState.ACTIVE)
    moved = held.filter(deadline__gt=now, deadline__lt=until).update(deadline=until)
    return until if moved else assignment.deadline


def is_possible(assignment: Assignment, *, deadline: datetime, project: Project, worker: Worker, now: datetime) -> bool:
    """Whether this deadline may still be renewed, now or later: not of rework, not past its end, not at the cap."""
    if not _may_be(assignment, now):
        return False
    assert assignment.opened_at is not None
    return deadline < assignment.opened_at + MOST * limit_of(project, worker.time_percent)


def limit_of(project: Project, percent: int) -> timedelta:
    """What a task may take of a worker who has `percent` of everybody's time."""
    return timedelta(seconds=project.time_limit_s * percent // 100)


def _may_be(assignment: Assignment, now: datetime) -> bool:
    is_held = assignment.state == AssignmentState.ACTIVE and assignment.opened_at is not None
    return is_held and assignment.rework_of is None and now < assignment.deadline
