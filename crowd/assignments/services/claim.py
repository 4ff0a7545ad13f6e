"""Picking a task and taking it, in one statement: from the ring, from the gold, or one that is named.

All of this needs the project's gate and the participation's lock (`gate.enter`).
"""

from datetime import datetime
from random import Random
from typing import Any

from django.utils.crypto import salted_hmac

from crowd.assignments.errors import TaskTaken
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import renewal
from crowd.assignments.services.gate import RING_PLACES, Entry, lock_gold_reserve
from crowd.assignments.states import ASSIGNMENT, AssignmentState
from crowd.kernel import sql
from crowd.kernel.errors import NotFound
from crowd.projects.models import Project, Task
from crowd.projects.states import TaskState

RECENT = 50  # so many of his answers are candidates for a repeat

# What he had before is skipped, but not what was only reserved for him and never shown. OFFSET 0 keeps the planner from
# turning NOT EXISTS into an anti-join, which would scan all of his assignments. The order is that of the index that
# holds a worker to one assignment a task: for a project younger than the table's statistics, which a large table has
# seldom renewed, every index looks as good to the planner, and one by project alone would be read from end to end.
NOT_HIS = f"""
NOT EXISTS (SELECT 1 FROM assignments_assignment a
            WHERE a.project_id = %(project)s AND a.task_id = t.id AND a.worker_id = %(worker)s
              AND (a.opened_at IS NOT NULL OR a.state = '{AssignmentState.ACTIVE}')
            ORDER BY a.is_repeat OFFSET 0)
"""

# Walk the ring from the worker's cursor to its end and round again, the highest of his tiers first, then priority by
# priority; skip what others are just taking. Each tier is a ring of its own in the index: whoever may not have a tier's
# tasks never walks past them.
RING = f"""
SELECT found.id, found.ring, part.tier, false AS is_gold, false AS is_repeat
FROM {{after}} (SELECT tier, pr, lap
      FROM unnest(%(tiers)s::smallint[]) tier, generate_series(4, 0, -1) pr, generate_series(0, 1) lap
      ORDER BY tier DESC, pr DESC, lap) part
CROSS JOIN LATERAL (
    SELECT t.id, t.ring FROM projects_task t
    WHERE t.project_id = %(project)s AND t.open AND t.tier = part.tier AND t.priority = part.pr
      AND t.ring >= CASE part.lap WHEN 0 THEN %(cursor)s::int ELSE 0 END
      AND t.ring <= CASE part.lap WHEN 0 THEN 2147483647 ELSE %(cursor)s::int END
      AND {NOT_HIS} {{and_so}}
    ORDER BY t.ring LIMIT 1 FOR NO KEY UPDATE OF t SKIP LOCKED) found
LIMIT 1
"""
FROM_RING = RING.format(after="", and_so="")
# In the statement that counts the answer to another task first: looked for when that one is locked, and no sooner.
# Whoever held this one, and then waited for that one, would wait for ever for somebody who does it the other way round.
FROM_RING_AFTER_COUNTED = RING.format(after="counted CROSS JOIN", and_so="AND t.id <> counted.id")

# His own quiz's money, or what the gold reserve has left (crowd.assignments.services.gate.gold_reserve_now).
AFFORDABLE = """
(%(price)s::bigint <= %(owed)s::bigint OR %(price)s::bigint <= %(reserve)s::bigint - (
    SELECT coalesce(sum(gold_spent_micros + quiz_owed_micros), 0) FROM assignments_participation
    WHERE project_id = %(project)s))
"""

# Gold has no counters to guard, so no lock of a task: once a worker, and the reserve, are all that limits it. From a
# random place of its ring to the end and round again: only what he has seen is passed by.
FROM_GOLD = f"""
SELECT found.id, %(cursor)s::int AS ring, 0 AS tier, true AS is_gold, false AS is_repeat
FROM generate_series(0, 1) lap
CROSS JOIN LATERAL (
    SELECT t.id FROM projects_task t
    WHERE t.project_id = %(project)s AND t.is_gold AND t.state = %(live)s
      AND t.ring >= CASE lap WHEN 0 THEN %(start)s::int ELSE 0 END
      AND t.ring <= CASE lap WHEN 0 THEN 2147483647 ELSE %(start)s::int END
      AND {NOT_HIS}
    ORDER BY t.ring LIMIT 1) found
WHERE {AFFORDABLE}
LIMIT 1
"""

NAMED = """
SELECT t.id, %(cursor)s::int AS ring, t.tier, false AS is_gold, false AS is_repeat FROM projects_task t
WHERE t.project_id = %(project)s AND t.id = %(task)s AND t.open AND t.tier = ANY(%(tiers)s::smallint[])
FOR NO KEY UPDATE OF t
"""

NAMED_GOLD = f"""
SELECT t.id, %(cursor)s::int AS ring, 0 AS tier, true AS is_gold, false AS is_repeat FROM projects_task t
WHERE t.project_id = %(project)s AND t.id = %(task)s AND t.is_gold AND t.state = %(live)s AND {AFFORDABLE}
"""

# Of the answers that he gave long enough ago, some of the last ones, one by lot; each task once. Like gold it has no
# counters to guard, and the reserve for repeats must pay for it (the same lock).
OWN_TASK = f"""
SELECT t.id, %(cursor)s::int AS ring, 0 AS tier, false AS is_gold, true AS is_repeat
FROM (SELECT a.task_id FROM assignments_assignment a
      WHERE a.worker_id = %(worker)s AND a.project_id = %(project)s AND a.submitted_at IS NOT NULL
      ORDER BY a.id DESC OFFSET %(after)s LIMIT {RECENT}) his
JOIN projects_task t ON t.id = his.task_id AND t.state = %(live)s AND NOT t.is_gold AND t.tier = 0
JOIN assignments_assignment own ON own.project_id = %(project)s AND own.task_id = t.id AND own.worker_id = %(worker)s
    AND NOT own.is_repeat AND NOT own.is_gold AND NOT own.for_review AND own.state = ANY(%(stands)s)
WHERE NOT EXISTS (SELECT 1 FROM assignments_assignment r WHERE r.project_id = %(project)s AND r.task_id = t.id
                    AND r.worker_id = %(worker)s AND r.is_repeat
                    AND (r.opened_at IS NOT NULL OR r.state = '{AssignmentState.ACTIVE}') OFFSET 0)
  AND %(price)s::bigint <= %(reserve)s::bigint - (
    SELECT coalesce(sum(repeat_spent_micros), 0) FROM assignments_participation WHERE project_id = %(project)s)
ORDER BY hashint8(t.id # %(start)s::bigint) LIMIT 1
"""

NAMED_OWN = f"SELECT * FROM ({OWN_TASK}) lot WHERE lot.id = %(task)s"

# The counters are driven by what the insert returns, so that a lost race leaks no slot. A row that he returned or let
# expire becomes a further attempt, unless he never saw it. What it pays is what its tier pays, else what the project
# does. The task is read as it was before: its counters are nobody's business here.
MADE = """
made AS (
    INSERT INTO assignments_assignment AS a (
        project_id, task_id, worker_id, state, attempt, counts, is_gold, is_repeat, tier, reward_micros, fee_micros,
        config_id, guidelines_id, taken_at, opened_at, deadline, return_reason)
    SELECT %(project)s, pick.id, %(worker)s, %(active)s, 1, NOT pick.is_repeat, pick.is_gold, pick.is_repeat, pick.tier,
        coalesce(s.reward_micros, %(reward)s), coalesce(s.fee_micros, %(fee)s),
        %(config)s, %(guidelines)s, %(now)s, %(opened)s::timestamptz, %(deadline)s, ''
    FROM pick LEFT JOIN projects_tier s ON s.project_id = %(project)s AND s.number = pick.tier
    ON CONFLICT (project_id, task_id, worker_id, is_repeat) DO UPDATE
    SET state = excluded.state, attempt = a.attempt + (a.opened_at IS NOT NULL)::int, counts = excluded.counts,
        is_gold = excluded.is_gold,
        tier = excluded.tier, reward_micros = excluded.reward_micros, fee_micros = excluded.fee_micros,
        config_id = excluded.config_id,
        guidelines_id = excluded.guidelines_id, taken_at = excluded.taken_at, opened_at = excluded.opened_at,
        deadline = excluded.deadline, return_reason = ''
    WHERE a.state = ANY(%(ended)s)
    RETURNING a.*)
"""
FILLED = """
filled AS (
    UPDATE projects_task t SET filled = filled + 1, open = (filled + 1 < needed)
    FROM made WHERE t.id = made.task_id AND NOT made.is_gold AND NOT made.is_repeat)
"""
TAKEN = f"{sql.columns(Assignment, 'made')}, {sql.columns(Task, 't')}"
TAKE = f"""
WITH pick AS MATERIALIZED ({{pick}}), {MADE},
walked AS (
    UPDATE assignments_participation
    SET cursor = pick.ring, taken_count = taken_count + 1,
        gold_spent_micros = gold_spent_micros + CASE WHEN pick.is_gold THEN %(price)s::bigint ELSE 0 END,
        quiz_owed_micros = greatest(0, quiz_owed_micros - CASE WHEN pick.is_gold THEN %(price)s::bigint ELSE 0 END),
        repeat_spent_micros = repeat_spent_micros + CASE WHEN pick.is_repeat THEN %(price)s::bigint ELSE 0 END
    FROM pick JOIN made ON made.task_id = pick.id WHERE assignments_participation.id = %(participation)s), {FILLED}
SELECT {TAKEN} FROM made JOIN projects_task t ON t.id = made.task_id
"""


def from_ring(entry: Entry, *, project: Project, ahead_until: datetime | None = None) -> Assignment | None:
    """The next task on his way. With `ahead_until` it is reserved until then, unopened; else it is opened now."""
    return _take(FROM_RING, entry, project, ahead_until)


def gold(entry: Entry, *, project: Project, random: Random, ahead_until: datetime | None = None) -> Assignment | None:
    """A gold task that he has not seen, if there is one and the reserve pays for it."""
    start = random.randrange(RING_PLACES)
    return _take_gold(FROM_GOLD, entry, project, ahead_until, start=start)


def repeat(entry: Entry, *, project: Project, random: Random, ahead_until: datetime | None = None) -> Assignment | None:
    """A task that he answered long enough ago, if there is one and the reserve pays for it."""
    return _take_repeat(OWN_TASK, entry, project, ahead_until, start=random.randrange(RING_PLACES))


def repeat_to_choose(participation: Participation, project: Project) -> int | None:
    """The task that stands in his list as a repeat, where workers choose: by lot, the same until his next answer."""
    mine = {"project": project.id, "worker": participation.worker_id, "cursor": 0, "price": project.price_micros}
    found = sql.rows(OWN_TASK, {**mine, **_own(project), "start": _lot_of(participation)})
    return found[0][0] if found else None


def repeat_named(task_id: int, entry: Entry, *, project: Project) -> Assignment | None:
    """The same one, taken by its name; None for any other task."""
    return _take_repeat(NAMED_OWN, entry, project, start=_lot_of(entry.inside), task=task_id)


def deadline(entry: Entry, project: Project) -> datetime:
    """The end of a task that he opens now."""
    return entry.now + renewal.limit_of(project, entry.time_percent)


def named(task_id: int, entry: Entry, *, project: Project) -> Assignment:
    """Exactly this task, gold included. Raises NotFound, TaskTaken."""
    taken = _take(NAMED, entry, project, task=task_id)
    if taken is not None:
        return taken
    task = Task.objects.filter(project_id=project.id, id=task_id).only("is_gold").first()
    if task is None:
        raise NotFound
    if task.is_gold:
        taken = _take_gold(NAMED_GOLD, entry, project, task=task_id)
    if taken is None:
        raise TaskTaken(task=task_id)
    return taken


def needs_reserve(participation: Participation, project: Project) -> bool:
    """Whether a gold task for him would be paid from the reserve that others draw on too."""
    return participation.quiz_owed_micros < project.price_micros


def _take_gold(
    pick: str, entry: Entry, project: Project, ahead_until: datetime | None = None, **more: Any
) -> Assignment | None:
    if needs_reserve(entry.inside, project):
        lock_gold_reserve(entry, project.id)
    owed, reserve = entry.inside.quiz_owed_micros, project.gold_reserve_micros
    return _take(pick, entry, project, ahead_until, live=TaskState.LIVE, owed=owed, reserve=reserve, **more)


def _take_repeat(
    pick: str, entry: Entry, project: Project, ahead_until: datetime | None = None, **more: Any
) -> Assignment | None:
    if project.price_micros:
        lock_gold_reserve(entry, project.id)
    return _take(pick, entry, project, ahead_until, **_own(project), **more)


def _own(project: Project) -> dict[str, Any]:
    """What OWN_TASK asks beside who he is."""
    return {
        "live": TaskState.LIVE,
        "stands": [AssignmentState.SUBMITTED, AssignmentState.ACCEPTED],
        "after": project.repeat_after,
        "reserve": project.repeat_reserve_micros,
    }


def _lot_of(participation: Participation) -> int:
    """Drawn anew for each of his repeats; nobody can work it out."""
    drawn = salted_hmac(__name__, f"{participation.pk}:{participation.next_repeat_at}").digest()
    return int.from_bytes(drawn[:4]) % RING_PLACES


def _take(
    pick: str, entry: Entry, project: Project, ahead_until: datetime | None = None, **more: Any
) -> Assignment | None:
    """What is promised at this moment is frozen on the assignment."""
    found = sql.rows(TAKE.format(pick=pick), terms_of(entry, project, ahead_until) | more)
    return read(found[0], 0, project) if found else None


def terms_of(entry: Entry, project: Project, ahead_until: datetime | None = None) -> dict[str, Any]:
    """What MADE and a pick from the ring ask for."""
    participation = entry.inside
    return {
        "project": project.id,
        "worker": participation.worker_id,
        "participation": participation.id,
        "cursor": participation.cursor,
        "tiers": [0, *participation.tiers],
        "active": AssignmentState.ACTIVE,
        "ended": ASSIGNMENT.sources(AssignmentState.ACTIVE),
        "reward": project.reward_micros,
        "fee": project.fee_micros,
        "price": project.price_micros,
        "config": project.config_id,
        "guidelines": project.guidelines_id,
        "now": entry.now,
        "opened": None if ahead_until else entry.now,
        "deadline": ahead_until or deadline(entry, project),
    }


def read(row: sql.Row, start: int, project: Project) -> Assignment:
    """The assignment with its task, from the columns TAKEN."""
    assignment = sql.read(Assignment, row, start)
    assignment.task = sql.read(Task, row, start + sql.width(Assignment))
    assignment.project = project
    return assignment
