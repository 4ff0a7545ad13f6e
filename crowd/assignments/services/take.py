"""Taking a task: the worker's current one if he holds one, else the next, else the one that he names.

And one ahead of it, so that its media can load (crowd.assignments.services.ahead).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from random import Random, SystemRandom

from django.db import transaction

from crowd.assignments import configs, policy
from crowd.assignments.errors import (
    EnoughToday,
    GuidelinesUnread,
    NotEligible,
    NoWork,
    ProjectNotOpen,
    QuizFirst,
    QuizFull,
    TasksNotChosen,
    TaskTaken,
    TermsNotAgreed,
    WorkerStopped,
)
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import ahead, claim, gate, give_back
from crowd.assignments.states import AssignmentState
from crowd.kernel import sql
from crowd.kernel.errors import CrowdError, NotFound
from crowd.projects.models import Project, Task
from crowd.projects.shown import MEDIA_KINDS
from workers.models import Worker

UNPREDICTABLE = SystemRandom()
PROJECT = f"SELECT {sql.columns(Project, 'p')} FROM projects_project p WHERE p.id = %(project)s"
# The state is written out: a plan for any state could not use the index of active assignments.
HELD = f"""
SELECT {sql.columns(Assignment, "a")}, {sql.columns(Task, "t")}
FROM assignments_assignment a JOIN projects_task t ON t.id = a.task_id
WHERE a.project_id = %(project)s AND a.worker_id = %(worker)s AND a.state = '{AssignmentState.ACTIVE}'
  AND a.rework_of IS NULL
"""
# Ordinary reasons to get no further task.
NO_NEXT = (
    NoWork,
    ProjectNotOpen,
    NotEligible,
    TermsNotAgreed,
    GuidelinesUnread,
    WorkerStopped,
    EnoughToday,
    QuizFull,
)


@dataclass(frozen=True)
class Held:
    """What a worker holds in a project: a task that he has open, and one that is reserved ahead of it."""

    current: Assignment | None = None
    ahead: Assignment | None = None


def take_next(
    *, worker: Worker, project_id: int, guidelines_read: int | None = None, random: Random = UNPREDICTABLE
) -> Assignment:
    """The assignment he holds here, or a new one. Asking again returns the same.

    `guidelines_read`: the version of the guidelines that he confirms to have read. Raises NotFound, NoWork, and what
    `gate.admit` raises.
    """
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project_id, worker_id=worker.id)
        project = project_of(project_id)
        return current_or_new(entry, worker=worker, project=project, random=random, guidelines_read=guidelines_read)


def take_named(
    *,
    worker: Worker,
    project_id: int,
    task_id: int,
    guidelines_read: int | None = None,
    privileged: bool = False,
    random: Random = UNPREDICTABLE,
) -> Assignment:
    """The same service with the pick replaced by an id, where the project lets workers choose.

    `privileged` is for staff and for replaying recorded answers: no setting is asked. Raises TasksNotChosen,
    QuizFirst, TaskTaken (also when he holds another task here), NotFound, and what `gate.admit` raises.
    """
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project_id, worker_id=worker.id)
        project = project_of(project_id)
        if not (privileged or project.choose_tasks):
            raise TasksNotChosen
        held = _held(entry).current
        if held is not None:
            return _same(held, task_id)
        entry = gate.admit(entry, project=project, worker=worker, random=random, guidelines_read=guidelines_read)
        if in_quiz(entry.inside, project) and not privileged:
            raise QuizFirst
        held = _held(entry).current if entry.is_new else None
        return _same(held, task_id) if held is not None else _claim_named(task_id, entry, project=project)


def take_ahead(*, worker: Worker, assignment_id: int, random: Random = UNPREDICTABLE) -> Assignment | None:
    """What follows the task that he has open, reserved unopened; asking again returns the same.

    None where nothing is gained by it, or there is nothing: the submit will say why. Raises NotFound.
    """
    with transaction.atomic(durable=True):
        entry = gate.enter_by_assignment(assignment_id=assignment_id, worker_id=worker.id)
        held = _held(entry)
        if held.ahead is not None or held.current is None or held.current.id != assignment_id:
            return held.ahead
        project = project_of(entry.inside.project_id)
        if not _may_be_ahead(project, entry.inside):
            return None
        try:
            gate.admit(entry, project=project, worker=worker, random=random)
        except NO_NEXT:
            return None
        return _claim_ahead(held.current, entry, project=project, random=random)


def current_or_new(
    entry: gate.Entry, *, worker: Worker, project: Project, random: Random, guidelines_read: int | None = None
) -> Assignment:
    """As `take_next`, inside the transaction that made the entry."""
    held = _held(entry)
    if held.current is not None:
        return held.current
    entry = replace(entry, ahead_id=held.ahead.id if held.ahead else None)
    return new(entry, worker=worker, project=project, random=random, guidelines_read=guidelines_read)


def new(
    entry: gate.Entry, *, worker: Worker, project: Project, random: Random, guidelines_read: int | None = None
) -> Assignment:
    """A task to begin with, for a worker who has none open here, inside the transaction that made the entry.

    The one that was reserved for him, where there is one; if he may not go on, it lapses.
    """
    reserved = entry.ahead_id
    try:
        entry = gate.admit(entry, project=project, worker=worker, random=random, guidelines_read=guidelines_read)
    except CrowdError:
        if reserved is not None:
            ahead.lapse(reserved, participation=entry.inside)
        raise
    if reserved is not None:
        held = ahead.open_(reserved, entry, project=project)
    else:
        held = _held(entry).current if entry.is_new else None  # his other first request may have been quicker
    return held or _claim(entry, project=project, random=random)


def _claim(entry: gate.Entry, *, project: Project, random: Random) -> Assignment:
    assignment = _gold_if_due(entry, project=project, random=random)
    assignment = assignment or _repeat_if_due(entry, project=project, random=random)
    assignment = assignment or claim.from_ring(entry, project=project)
    if assignment is None and ahead.make_way(entry, project=project):
        assignment = claim.from_ring(entry, project=project)
    if assignment is None:
        raise NoWork
    return assignment


def _claim_named(task_id: int, entry: gate.Entry, *, project: Project) -> Assignment:
    """A repeat that is due stands in his list, and is taken, like any other task."""
    repeat = None
    if repeat_is_due(entry.inside, project):
        repeat = claim.repeat_named(task_id, entry, project=project)
    return repeat or claim.named(task_id, entry, project=project)


def _may_be_ahead(project: Project, participation: Participation) -> bool:
    """Only media have to load. While a quiz runs, whether there is a next task depends on this one's answer."""
    if project.choose_tasks or in_quiz(participation, project) or project.config_id is None:
        return False
    return configs.parsed(project.config_id).data.kind in MEDIA_KINDS


def _claim_ahead(current: Assignment, entry: gate.Entry, *, project: Project, random: Random) -> Assignment | None:
    """Gold comes as often as it would have come; after gold, whose score draws the next place, it is drawn here.

    So it is with repeats.
    """
    until, participation = current.deadline + ahead.OUTLIVES, entry.inside
    if current.is_gold:
        participation.next_gold_at = policy.next_place(
            submitted=participation.submitted_count + 1, share=share_of(participation, project), random=random
        )
    if current.is_repeat:
        participation.next_repeat_at = policy.next_place(
            submitted=participation.submitted_count + 1, share=project.repeat_share, random=random
        )
    gold = _gold_if_due(entry, project=project, random=random, ahead_until=until)
    special = gold or _repeat_if_due(entry, project=project, random=random, ahead_until=until)
    return special or claim.from_ring(entry, project=project, ahead_until=until)


def project_of(project_id: int) -> Project:
    found = sql.rows(PROJECT, {"project": project_id})
    if not found:
        raise NotFound
    return sql.read(Project, found[0])


def _held(entry: gate.Entry) -> Held:
    """What he holds in this project; what ran out of time without anybody noticing is expired on the way."""
    participation = entry.participation
    if participation is None:
        return Held()
    found = sql.rows(HELD, {"project": participation.project_id, "worker": participation.worker_id})
    here = [_alive(row, entry, participation) for row in found]
    opened = next((one for one in here if one and one.opened_at), None)
    return Held(opened, next((one for one in here if one and not one.opened_at), None))


def _alive(row: sql.Row, entry: gate.Entry, participation: Participation) -> Assignment | None:
    held = sql.read(Assignment, row)
    held.task = sql.read(Task, row, sql.width(Assignment))
    if held.deadline <= entry.now:
        gate.lock_gold_reserve(entry, participation.project_id)
        give_back.expire_locked(held, participation=participation)
        return None
    return held


def _same(held: Assignment, task_id: int) -> Assignment:
    if held.task_id != task_id:
        raise TaskTaken(holding=held.id)
    return held


def in_quiz(participation: Participation | None, project: Project) -> bool:
    return (participation.submitted_count if participation else 0) < project.quiz_length


def gold_is_due(participation: Participation, project: Project, *, ahead: bool = False) -> bool:
    """Whether his next task is a gold one; `ahead`: the one after the task that he has open."""
    return policy.gold_is_due(
        submitted=participation.submitted_count + int(ahead),  # the current one will be
        next_gold_at=participation.next_gold_at,
        quiz_left=project.quiz_length - participation.submitted_count,
        share=project.gold_share,
    )


def _gold_if_due(
    entry: gate.Entry, *, project: Project, random: Random, ahead_until: datetime | None = None
) -> Assignment | None:
    participation = entry.inside
    if not gold_is_due(participation, project, ahead=ahead_until is not None):
        return None
    assignment = claim.gold(entry, project=project, random=random, ahead_until=ahead_until)
    if assignment is None:  # he has seen all of it, or the reserve is low: work goes on without
        _draw_next_gold(participation, project, random)
    return assignment


def repeat_is_due(participation: Participation, project: Project, *, ahead: bool = False) -> bool:
    """Whether his next task is one that he answered before; `ahead`: the one after the task that he has open."""
    return policy.repeat_is_due(
        submitted=participation.submitted_count + int(ahead),
        next_repeat_at=participation.next_repeat_at,
        share=project.repeat_share,
    )


def _repeat_if_due(
    entry: gate.Entry, *, project: Project, random: Random, ahead_until: datetime | None = None
) -> Assignment | None:
    participation = entry.inside
    if not repeat_is_due(participation, project, ahead=ahead_until is not None):
        return None
    assignment = claim.repeat(entry, project=project, random=random, ahead_until=ahead_until)
    if assignment is None:  # nothing is long enough ago that was not repeated yet, or the reserve is low
        participation.next_repeat_at = policy.next_place(
            submitted=participation.submitted_count + 1, share=project.repeat_share, random=random
        )
        participation.save(update_fields=["next_repeat_at"])
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
    participation.next_gold_at = policy.next_place(
        submitted=participation.submitted_count + 1, share=share_of(participation, project), random=random
    )
    participation.save(update_fields=["next_gold_at"])
