"""After a new version of the guidelines: which tasks are asked again. The requester chooses, and sees the price first.

An answer given under an earlier version stops counting where its task is chosen; as many are asked for as the task
began with, at the most (what was bought beyond, consensus buys anew where it is worth it). All of it is paid for in
the same transaction, out of the surplus and the organisation's available money, or nothing happens. Whoever gave an
answer is paid as usual, and it counts against nobody.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.assignments.services import slots
from crowd.consensus.services import proposals
from crowd.guidance import parts
from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, Conflict
from crowd.projects.access import locked_for, project_for
from crowd.projects.models import Project
from crowd.projects.services import budget, reserves
from crowd.users.models import User
from crowd.users.services import audit

# Answers that count, given under an earlier version than the one in force. What the requester decided himself is not
# asked again, nor what specialists have: it is theirs to settle, at a price of their own.
OLD = """
SELECT s.id, s.task_id, a.cannot_answer <> '' AS report
FROM projects_task t
JOIN assignments_assignment s ON s.project_id = t.project_id AND s.task_id = t.id
JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
WHERE t.project_id = %(project)s AND t.state = 'live' AND NOT t.is_gold AND t.tier = 0
  AND s.state IN ('submitted', 'accepted') AND s.counts AND s.guidelines_id IS DISTINCT FROM %(guidelines)s
  AND NOT EXISTS (SELECT 1 FROM consensus_decision d WHERE d.project_id = t.project_id AND d.task_id = t.id)
  AND (%(locked)s::bigint[] IS NULL OR t.id = ANY(%(locked)s::bigint[]))
"""
CHOSEN = """
  AND EXISTS (SELECT 1 FROM consensus_consensus c WHERE c.project_id = t.project_id AND c.task_id = t.id
              AND (%(question)s = '' OR c.question = %(question)s)
              AND (%(label)s = '' OR c.value @> to_jsonb(%(label)s::text))
              AND (%(below)s::float IS NULL OR c.posterior < %(below)s))
"""
FIGURES = """
WITH old AS ({old}),
a_task AS (SELECT task_id, count(*) AS answers FROM old GROUP BY 1)
SELECT count(*), coalesce(sum(answers), 0), coalesce(sum(answers - least(t.bought, answers)), 0)
FROM a_task JOIN projects_task t ON t.id = a_task.task_id
"""
LOCK = """
SELECT id FROM projects_task WHERE id IN (SELECT task_id FROM ({old}) old) ORDER BY id FOR NO KEY UPDATE
"""
STOP = """
WITH old AS ({old}),
stopped AS (UPDATE assignments_assignment SET counts = false WHERE id IN (SELECT id FROM old))
SELECT task_id, count(*), count(*) FILTER (WHERE report) FROM old GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Which:
    """Tasks whose merged answer to `question` is `label`, or whose posterior is `below`; with neither of them all."""

    question: str = ""
    label: str = ""
    below: float | None = None

    @property
    def all(self) -> bool:
        return not self.label and self.below is None


@dataclass(frozen=True)
class Plan:
    """So many tasks with so many answers by an earlier version; `slots` are asked again, for `price_micros`."""

    tasks: int
    answers: int
    slots: int
    price_micros: int
    from_surplus_micros: int


def plan(*, actor: User, project_id: int, which: Which) -> Plan:
    """What reopening would ask, and cost, now. Reads only. Raises NotFound, BadInput."""
    project = project_for(actor, project_id)
    _check(project, which)
    return _plan(project, which)


def reopen(*, actor: User, project_id: int, which: Which, at_most_micros: int | None = None) -> Plan:
    """Do it, all or nothing; the plan that was carried out.

    `at_most_micros`: what the requester was shown; Conflict where it has become more. Raises NotFound, BadInput,
    WrongState, BudgetShort, Conflict (also where there is nothing to ask again).
    """
    project_for(actor, project_id)
    with transaction.atomic(durable=True):
        locks.shared(locks.Gate.PROJECT, project_id)
        project = locked_for(actor, project_id, *reserves.RUNNING)
        _check(project, which)
        parameters, now = _parameters(project, which), clock.now()
        locked = [id for (id,) in _run(LOCK, which, parameters)]  # others may be answered meanwhile: not these
        found = _plan(project, which, locked)
        if not found.tasks:
            raise Conflict(_("No task has an answer by an earlier version: there is nothing to ask again."))
        if at_most_micros is not None and found.price_micros > at_most_micros:
            raise Conflict(_("Meanwhile it has become more than you were shown. Look at it again."))
        budget.reserve_reopened(project, found.slots, key=_key(now), actor=actor, now=now)
        slots.stop_many(_run(STOP, which, parameters | {"locked": locked}), ruled_at=now)
        proposals.drop(locked, now=now)
        audit.record(
            actor=actor,
            action="guidance.reopen",
            subject=project,
            organisation=project.organisation,
            after=asdict(which) | {"tasks": found.tasks, "answers": found.answers, "slots": found.slots},
            now=now,
        )
    return found


def _plan(project: Project, which: Which, locked: list[int] | None = None) -> Plan:
    ((tasks, answers, slots),) = _run(FIGURES, which, _parameters(project, which) | {"locked": locked})
    price = int(slots) * project.price_micros
    return Plan(tasks, int(answers), int(slots), price, min(price, budget.whole_slots_of_surplus(project)))


def _parameters(project: Project, which: Which) -> dict[str, Any]:
    return {"project": project.pk, "guidelines": project.guidelines_id, "locked": None} | asdict(which)


def _run(statement: str, which: Which, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(old=OLD if which.all else OLD + CHOSEN), parameters)
        return cursor.fetchall() if cursor.description else []


def _key(now: datetime) -> str:
    return f"reopen:{int(now.timestamp() * 1_000_000)}"


def _check(project: Project, which: Which) -> None:
    closed = {one.id: one for one in parts.closed(parsed(project.config_id))} if project.config_id else {}
    faults = {}
    if which.label and (
        which.question not in closed or which.label not in [one.name for one in closed[which.question].labels]
    ):
        faults["label"] = _("This label is not one of the question's.")
    if which.question and which.question not in closed:
        faults["question"] = _("One of %(these)s.") % {"these": ", ".join(closed)}
    if which.below is not None and not 0 < which.below <= 1:
        faults["below"] = _("A posterior is above 0 and at most 1.")
    if faults:
        raise BadInput(errors=faults)
