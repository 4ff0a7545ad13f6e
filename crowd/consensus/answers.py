"""Reading a project's answers as the aggregation methods want them: one row a value, in a fixed order."""

import hashlib
import json
from dataclasses import dataclass
from itertools import compress
from typing import Any

from django.db import connection

from crowd.assignments.configs import value_as
from crowd.assignments.states import AssignmentState

# What is submitted, counting or not, is evidence about its worker. A rejected answer is not paid for, so it does not
# vote on its task, nor does one that a reviewer corrected; its worker's confusion still learns from it. Reports that a
# task cannot be answered are no class. An answer to a task that was taken before the requester said what is right there
# (a Decision), or before it was asked anew, is no evidence about anybody. What a worker says
# when he is asked again what he answered before is no second vote.
SEEN = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED)

VALUES = """
SELECT s.task_id, unit.place::int - 1, s.worker_id, unit.value -> %(question)s,
    s.state <> %(rejected)s AND NOT s.corrected, s.counts, coalesce(s.taken_at > d.decided_at, true),
    a.config_id, p.config_id
FROM assignments_assignment s
JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
CROSS JOIN LATERAL jsonb_array_elements(a.value -> 'units') WITH ORDINALITY AS unit(value, place)
JOIN projects_task t ON t.id = s.task_id
JOIN projects_project p ON p.id = s.project_id
LEFT JOIN consensus_decision d ON d.project_id = s.project_id AND d.task_id = s.task_id
    AND d.unit = unit.place - 1 AND d.question = %(question)s
WHERE s.project_id = %(project)s AND s.state = ANY(%(seen)s) AND a.cannot_answer = '' AND unit.value ? %(question)s
  AND NOT s.is_repeat AND (s.counts OR t.ruled_at IS NULL OR s.taken_at > t.ruled_at)
ORDER BY s.task_id, unit.place, s.id
"""

Key = tuple[int, int]  # task id, unit


@dataclass(frozen=True)
class Given:
    """The answers to one question: columns of equal length, in the order of task, unit and assignment."""

    keys: list[Key]
    workers: list[int]
    values: list[Any]
    voting: list[bool]  # moves the posterior of its task
    counts: list[bool]  # fills a slot of its task
    teaches: list[bool]  # says something about its worker, and about its task

    def taught(self) -> "Given":
        """Those that a model may see."""
        return Given(*[list(compress(column, self.teaches)) for column in self._columns()])

    def _columns(self) -> list[list[Any]]:
        return [self.keys, self.workers, self.values, self.voting, self.counts, self.teaches]

    def digest(self) -> str:
        """Of everything that goes in: the same answers, the same digest."""
        rows = json.dumps(self._columns(), separators=(",", ":"))
        return hashlib.sha256(rows.encode()).hexdigest()


def given(*, project_id: int, question: str) -> Given:
    parameters: dict[str, Any] = {
        "project": project_id,
        "question": question,
        "rejected": AssignmentState.REJECTED,
        "seen": [str(state) for state in SEEN],
    }
    with connection.cursor() as cursor:
        cursor.execute(VALUES, parameters)
        rows = [read for row in cursor.fetchall() if (read := _read(question, row)) is not None]
    return Given(
        keys=[(task, unit) for task, unit, *_ in rows],
        workers=[row[2] for row in rows],
        values=[row[3] for row in rows],
        voting=[row[4] for row in rows],
        counts=[row[5] for row in rows],
        teaches=[row[6] for row in rows],
    )


def _read(question: str, row: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """A row with its value as the config in force has it; None where it says nothing there."""
    value = json.loads(row[3]) if isinstance(row[3], str) else row[3]
    old, new = row[-2:]
    if old != new:
        value = value_as(question, value, old_id=old, new_id=new)
    return None if value is None else (*row[:3], value, *row[4:])
