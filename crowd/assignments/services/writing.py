"""The statements that store an answer with all that it changes; one of them takes the next task from the ring as well.

Both need the project's gate and the participation's lock (`gate.enter`).
"""

from typing import Any

from psycopg.types.json import Jsonb

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import claim
from crowd.kernel import locks

SAID = """
said AS (
    INSERT INTO assignments_answer (
        project_id, assignment_id, attempt, task_id, worker_id, config_id, value, cannot_answer, late, submitted_at,
        elapsed_ms, active_ms)
    VALUES (%(project)s, %(assignment)s, %(attempt)s, %(task)s, %(worker)s, %(asked)s, %(value)s, %(cannot_answer)s,
        %(late)s, %(now)s, %(elapsed_ms)s, %(active_ms)s)
    RETURNING id)
"""
DONE = """
done AS (
    UPDATE assignments_assignment
    SET state = %(submitted)s, counts = %(counts)s, submitted_at = %(now)s, due_at = %(due)s,
        gold_score = %(score)s::float8, gold_passed = %(passed)s, rework_of = NULL
    WHERE id = %(assignment)s),
forgotten AS (DELETE FROM assignments_draft WHERE assignment_id = %(assignment)s)
"""
TALLIES = """
submitted_count = submitted_count + 1, gold_right = %(gold_right)s, gold_wrong = %(gold_wrong)s,
next_gold_at = %(next_gold_at)s, next_repeat_at = %(next_repeat_at)s,
quiz_owed_micros = CASE WHEN %(in_quiz)s THEN quiz_owed_micros ELSE 0 END
"""

# Of writes in WITH that nothing reads from, PostgreSQL does the last one first, and after those that are read from: so
# the task is locked before the assignment, as by everybody else (tests/lock_order.py).
WRITE = f"""
WITH {SAID},
{DONE},
counted AS (UPDATE projects_task SET answered = answered + 1 WHERE id = %(task)s AND %(ordinary)s),
tallied AS (UPDATE assignments_participation SET {TALLIES} WHERE id = %(participation)s),
reserve AS ( -- that must pay for the gold, or the repeat, which follows: its lock is taken on the way
    SELECT pg_advisory_xact_lock({int(locks.Gate.GOLD_RESERVE)}, (%(project)s::bigint & 2147483647)::int)
    WHERE %(reserve_follows)s)
SELECT said.id FROM said LEFT JOIN reserve ON true
"""

# An ordinary answer, after which an ordinary task follows, as mostly. Where the ring has none: the answer's id alone.
WRITE_AND_TAKE = f"""
WITH {SAID},
counted AS (UPDATE projects_task SET answered = answered + 1 WHERE id = %(task)s RETURNING id),
{DONE},
pick AS MATERIALIZED ({claim.FROM_RING_AFTER_COUNTED}),
{claim.MADE},
{claim.FILLED},
tallied AS (
    UPDATE assignments_participation
    SET {TALLIES}, cursor = coalesce(taken.ring, cursor), taken_count = taken_count + (taken.ring IS NOT NULL)::int
    FROM said LEFT JOIN (SELECT pick.ring FROM pick JOIN made ON made.task_id = pick.id) taken ON true
    WHERE assignments_participation.id = %(participation)s)
SELECT said.id, {claim.TAKEN}
FROM said LEFT JOIN made ON true LEFT JOIN projects_task t ON t.id = made.task_id
"""


def facts(
    assignment: Assignment, answer: Answer, participation: Participation, *, in_quiz: bool, on_task: bool
) -> dict[str, Any]:
    """What both ask for, but for `reserve_follows`. `on_task`: whether its task counts it here."""
    return {
        "project": answer.project_id,
        "assignment": answer.assignment_id,
        "attempt": answer.attempt,
        "task": answer.task_id,
        "worker": answer.worker_id,
        "asked": answer.config_id,
        "value": Jsonb(answer.value),
        "cannot_answer": answer.cannot_answer,
        "late": answer.late,
        "now": answer.submitted_at,
        "elapsed_ms": answer.elapsed_ms,
        "active_ms": answer.active_ms,
        "ordinary": on_task,
        "submitted": assignment.state,
        "counts": assignment.counts,
        "due": assignment.due_at,
        "score": assignment.gold_score,
        "passed": assignment.gold_passed,
        "participation": participation.id,
        "gold_right": participation.gold_right,
        "gold_wrong": participation.gold_wrong,
        "next_gold_at": participation.next_gold_at,
        "next_repeat_at": participation.next_repeat_at,
        "in_quiz": in_quiz,
    }
