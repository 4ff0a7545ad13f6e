"""Taking a task: the worker's current one if he holds one, else the next, else the one that he names."""

from decimal import Decimal
from random import Random, SystemRandom

from django.db import transaction

from crowd.assignments import policy
from crowd.assignments.errors import NoWork, TasksNotChosen, TaskTaken
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import claim, gate, give_back
from crowd.assignments.states import AssignmentState
from crowd.kernel import sql
from crowd.kernel.errors import NotFound
from crowd.projects.models import Project, Task
from workers.models import Worker

UNPREDICTABLE = SystemRandom()
PROJECT = f"SELECT {sql.columns(Project, 'p')} FROM projects_project p WHERE p.id = %(project)s"
# The state is written out: a plan for any state could not use the index of active assignments.
HELD = f"""
SELECT {sql.columns(Assignment, "a")}, {sql.columns(Task, "t")}
FROM assignments_assignment a JOIN projects_task t ON t.id = a.task_id
WHERE a.project_id = %(project)s AND a.worker_id = %(worker)s AND a.state = '{AssignmentState.ACTIVE}'
ORDER BY a.id LIMIT 1
"""


def take_next(*, worker: Worker, project_id: int, random: Random = UNPREDICTABLE) -> Assignment:
    """The assignment he holds here, or a new one. Asking again returns the same.

    Raises NotFound, NoWork, and what `gate.admit` raises.
    """
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project_id, worker_id=worker.id)
        return current_or_new(entry, worker=worker, project=project_of(project_id), random=random)


def take_named(
    *, worker: Worker, project_id: int, task_id: int, privileged: bool = False, random: Random = UNPREDICTABLE
) -> Assignment:
    """The same service with the pick replaced by an id, where the project lets workers choose.

    `privileged` is for staff and for replaying recorded answers: no setting is asked. Raises TasksNotChosen,
    TaskTaken (also when he holds another task here), NotFound, and what `gate.admit` raises.
    """
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project_id, worker_id=worker.id)
        project = project_of(project_id)
        if not (privileged or project.choose_tasks):
            raise TasksNotChosen
        held = _held(entry)
        if held is not None:
            return _same(held, task_id)
        entry = gate.admit(entry, project=project, worker=worker, random=random)
        held = _held(entry) if entry.is_new else None
        return _same(held, task_id) if held is not None else claim.named(task_id, entry, project=project)


def current_or_new(entry: gate.Entry, *, worker: Worker, project: Project, random: Random) -> Assignment:
    """As `take_next`, inside the transaction that made the entry."""
    return _held(entry) or new(entry, worker=worker, project=project, random=random)


def new(entry: gate.Entry, *, worker: Worker, project: Project, random: Random) -> Assignment:
    """A new assignment for a worker who holds none here, inside the transaction that made the entry."""
    entry = gate.admit(entry, project=project, worker=worker, random=random)
    held = _held(entry) if entry.is_new else None  # his other first request may have been quicker
    if held is not None:
        return held
    assignment = _gold_if_due(entry, project=project, random=random)
    assignment = assignment or claim.from_ring(entry, project=project)
    if assignment is None:
        raise NoWork
    return assignment


def project_of(project_id: int) -> Project:
    found = sql.rows(PROJECT, {"project": project_id})
    if not found:
        raise NotFound
    return sql.read(Project, found[0])


def _held(entry: gate.Entry) -> Assignment | None:
    """What he holds in this project; what ran out of time without anybody noticing is expired on the way."""
    participation = entry.participation
    if participation is None:
        return None
    found = sql.rows(HELD, {"project": participation.project_id, "worker": participation.worker_id})
    if not found:
        return None
    held = sql.read(Assignment, found[0])
    held.task = sql.read(Task, found[0], sql.width(Assignment))
    if held.deadline <= entry.now:
        give_back.expire_locked(held, participation=participation)
        return None
    return held


def _same(held: Assignment, task_id: int) -> Assignment:
    if held.task_id != task_id:
        raise TaskTaken(holding=held.id)
    return held


def _gold_if_due(entry: gate.Entry, *, project: Project, random: Random) -> Assignment | None:
    if project.choose_tasks:
        return None
    participation = entry.inside
    due = policy.gold_is_due(
        submitted=participation.submitted_count,
        next_gold_at=participation.next_gold_at,
        quiz_left=project.quiz_length - participation.submitted_count,
        share=project.gold_share,
    )
    if not due:
        return None
    assignment = claim.gold(entry, project=project, random=random)
    if assignment is None:  # he has seen all of it, or the reserve is low: work goes on without
        _draw_next_gold(participation, project, random)
    return assignment


def share_of(participation: Participation, project: Project) -> Decimal:
    """The share of gold among his next tasks here."""
    return policy.share_for(
        share=project.gold_share,
        intervals=project.gold_intervals,
        submitted=participation.submitted_count,
        right=participation.gold_right,
        wrong=participation.gold_wrong,
        minimum=project.minimum_accuracy,
    )


def _draw_next_gold(participation: Participation, project: Project, random: Random) -> None:
    participation.next_gold_at = policy.next_gold(
        submitted=participation.submitted_count + 1, share=share_of(participation, project), random=random
    )
    participation.save(update_fields=["next_gold_at"])
