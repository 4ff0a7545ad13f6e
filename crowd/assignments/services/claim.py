"""Picking a task: the ring for ordinary ones, a query of its own for gold, or one that is named.

All three need the project's gate and the participation's lock, and leave an active assignment behind.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.db.models import F

from crowd.assignments.errors import TaskTaken
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services.gate import RING_PLACES, gold_reserve_left
from crowd.assignments.states import ASSIGNMENT, AssignmentState
from crowd.kernel.errors import NotFound
from crowd.projects.models import Project, Task
from crowd.projects.states import TaskState

# One statement: walk the ring from the worker's cursor to its end and round again, priority by priority, skip what
# others are just taking and what he had before, and fill one slot of the first task found. OFFSET 0 keeps the planner
# from turning NOT EXISTS into an anti-join, which scans all his assignments. The counter is driven by the insert's
# RETURNING, so that a lost race leaks no slot.
RING = """
WITH pick AS MATERIALIZED (
    SELECT found.id, found.ring
    FROM (SELECT pr, lap FROM generate_series(4, 0, -1) pr, generate_series(0, 1) lap ORDER BY pr DESC, lap) part
    CROSS JOIN LATERAL (
        SELECT t.id, t.ring FROM projects_task t
        WHERE t.project_id = %(project)s AND t.open AND t.priority = part.pr
          AND t.ring >= CASE part.lap WHEN 0 THEN %(cursor)s ELSE 0 END
          AND t.ring <= CASE part.lap WHEN 0 THEN 2147483647 ELSE %(cursor)s END
          AND NOT EXISTS (
              SELECT 1 FROM assignments_assignment a
              WHERE a.project_id = %(project)s AND a.task_id = t.id AND a.worker_id = %(worker)s OFFSET 0)
        ORDER BY t.ring LIMIT 1 FOR NO KEY UPDATE OF t SKIP LOCKED) found
    LIMIT 1),
made AS (
    INSERT INTO assignments_assignment (
        project_id, task_id, worker_id, state, attempt, counts, is_gold, reward_micros, fee_micros,
        config_id, guidelines_id, taken_at, opened_at, deadline, return_reason)
    SELECT %(project)s, pick.id, %(worker)s, %(active)s, 1, true, false, %(reward)s, %(fee)s,
        %(config)s, %(guidelines)s, %(now)s, %(now)s, %(deadline)s, '' FROM pick
    ON CONFLICT (project_id, task_id, worker_id) DO NOTHING
    RETURNING id, task_id),
walked AS (
    UPDATE assignments_participation SET cursor = pick.ring, taken_count = taken_count + 1
    FROM pick WHERE assignments_participation.id = %(participation)s),
filled AS (
    UPDATE projects_task SET filled = filled + 1, open = (filled + 1 < needed)
    FROM made WHERE projects_task.id = made.task_id)
SELECT id FROM made
"""

GOLD = """
SELECT t.id FROM projects_task t
WHERE t.project_id = %(project)s AND t.is_gold AND t.state = %(live)s
  AND NOT EXISTS (
      SELECT 1 FROM assignments_assignment a
      WHERE a.project_id = %(project)s AND a.task_id = t.id AND a.worker_id = %(worker)s OFFSET 0)
ORDER BY (t.ring < %(start)s), t.ring LIMIT 1
"""


def from_ring(participation: Participation, *, project: Project, now: datetime) -> Assignment | None:
    terms = _terms(project, now)
    row = _one(
        RING,
        {
            "project": project.id,
            "worker": participation.worker_id,
            "participation": participation.id,
            "cursor": participation.cursor,
            "active": AssignmentState.ACTIVE,
            "reward": terms["reward_micros"],
            "fee": terms["fee_micros"],
            "config": terms["config_id"],
            "guidelines": terms["guidelines_id"],
            "now": now,
            "deadline": terms["deadline"],
        },
    )
    return None if row is None else Assignment.objects.select_related("task").get(id=row)


def gold(participation: Participation, *, project: Project, now: datetime, random: Random) -> Assignment | None:
    """A gold task that he has not seen, if there is one and the reserve pays for it."""
    if not _can_pay_gold(participation, project):
        return None
    parameters = {
        "project": project.id,
        "worker": participation.worker_id,
        "live": TaskState.LIVE,
        "start": random.randrange(RING_PLACES),
    }
    task_id = _one(GOLD, parameters)
    if task_id is None:
        return None
    assignment = Assignment(task=Task.objects.get(id=task_id), worker_id=participation.worker_id, is_gold=True)
    return _take(assignment, participation=participation, project=project, now=now)


def named(task_id: int, *, participation: Participation, project: Project, now: datetime) -> Assignment:
    """Exactly this task, gold included. Raises NotFound, TaskTaken."""
    task = _locked(task_id, project)
    free = _can_pay_gold(participation, project) if task.is_gold else task.open
    if not free:
        raise TaskTaken(task=task_id)
    before = Assignment.objects.filter(project=project, task=task, worker_id=participation.worker_id).first()
    if before is not None and not ASSIGNMENT.allows(before.state, AssignmentState.ACTIVE):
        raise TaskTaken(task=task_id)
    assignment = before or Assignment(worker_id=participation.worker_id, is_gold=task.is_gold, attempt=0)
    assignment.task = task
    assignment.attempt += 1
    if not task.is_gold:
        task.filled += 1
        task.open = task.filled < task.needed
        task.save(update_fields=["filled", "open"])
    return _take(assignment, participation=participation, project=project, now=now)


def _locked(task_id: int, project: Project) -> Task:
    """Gold has no counters to guard, and the reserve's lock comes before a task's: so a gold task is not locked."""
    tasks = Task.objects.filter(project_id=project.id, id=task_id)
    task = tasks.filter(is_gold=False).select_for_update(no_key=True).first() or tasks.first()
    if task is None:
        raise NotFound
    return task


def _can_pay_gold(participation: Participation, project: Project) -> bool:
    price = project.price_micros
    return price == 0 or participation.quiz_owed_micros >= price or gold_reserve_left(project) >= price


def _take(assignment: Assignment, *, participation: Participation, project: Project, now: datetime) -> Assignment:
    for field, value in _terms(project, now).items():
        setattr(assignment, field, value)
    assignment.project_id = project.id
    assignment.state, assignment.counts, assignment.return_reason = AssignmentState.ACTIVE, True, ""
    assignment.taken_at = assignment.opened_at = now
    assignment.save()
    price = project.price_micros if assignment.is_gold else 0
    from_quiz = min(price, participation.quiz_owed_micros)
    Participation.objects.filter(id=participation.id).update(
        taken_count=F("taken_count") + 1,
        gold_spent_micros=F("gold_spent_micros") + price,
        quiz_owed_micros=F("quiz_owed_micros") - from_quiz,
    )
    return assignment


def _terms(project: Project, now: datetime) -> dict[str, Any]:
    """What is promised at this moment, frozen on the assignment."""
    return {
        "reward_micros": project.reward_micros,
        "fee_micros": project.fee_micros,
        "config_id": project.config_id,
        "guidelines_id": project.guidelines_id,
        "deadline": now + timedelta(seconds=project.time_limit_s),
    }


def _one(sql: str, parameters: Mapping[str, Any]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return None if row is None else int(row[0])
