"""Projects that were worked on, filled by SQL: the rows are those that submits would have left, so `verify` holds.

Millions of them by the services would take hours. The projects are drafted and published by the services; while rows
are written, the triggers of their tables rest (foreign keys, which `verify` looks at, and the notes for aggregation,
which a first aggregation does not need).
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from bench.marketplace import fill, place
from bench.marketplace.drive import ANSWER

TOGETHER = 100_000  # answers in a transaction
NOTHING_TO_SAY = 10.0  # seconds between two lines of progress
ITEMS = """
    WITH item AS (
        INSERT INTO projects_item (project_id, data, gold, gold_reason, created_at)
        SELECT project, jsonb_build_object('text', 'How does sentence ' || n || ' feel?'),
            CASE WHEN n <= %(gold)s THEN %(answer)s::jsonb END, '', now()
        FROM unnest(%(projects)s::bigint[]) project, generate_series(1, %(tasks)s + %(gold)s) n
        RETURNING id, project_id, data, gold)
    INSERT INTO projects_task (project_id, item_id, state, payload, source, units, redundancy, needed, filled, answered,
        open, priority, ring, is_gold, gold, gold_reason, cannot_answer_count, rejected_count)
    SELECT project_id, id, 'live', jsonb_build_object('units', jsonb_build_array(data)), '{}', 1, %(redundancy)s,
        CASE WHEN gold IS NULL THEN %(redundancy)s ELSE 0 END, CASE WHEN gold IS NULL THEN %(each)s ELSE 0 END,
        CASE WHEN gold IS NULL THEN %(each)s ELSE 0 END, gold IS NULL AND %(each)s < %(redundancy)s, 2,
        (random() * 2147483646)::integer, gold IS NOT NULL, gold, '', 0, 0 FROM item
"""
COUNTERS = """
    UPDATE projects_task SET filled = %(each)s, answered = %(each)s, open = needed > %(each)s
    WHERE project_id = ANY(%(projects)s) AND NOT is_gold
"""
ASSIGNMENTS = """
    INSERT INTO assignments_assignment (
        project_id, task_id, worker_id, state, attempt, counts, is_gold, reward_micros, fee_micros, config_id,
        guidelines_id, taken_at, opened_at, deadline, submitted_at, due_at, decided_at, return_reason)
    SELECT p.id, t.id, (%(workers)s::bigint[])[1 + (t.id + nth) %% cardinality(%(workers)s::bigint[])], %(state)s::text,
        1, true, false, p.reward_micros, p.fee_micros, p.config_id, p.guidelines_id, now(), now(),
        now() + interval '10 minutes', now(), now() + %(due)s::interval,
        CASE WHEN %(state)s::text = 'accepted' THEN now() END, ''
    FROM projects_task t JOIN projects_project p ON p.id = t.project_id, generate_series(1, %(each)s) nth
    WHERE t.project_id = ANY(%(projects)s) AND NOT t.is_gold
"""
ANSWERS = """
    INSERT INTO assignments_answer (
        project_id, assignment_id, attempt, task_id, worker_id, config_id, value, cannot_answer, late, submitted_at,
        elapsed_ms, active_ms)
    SELECT project_id, id, 1, task_id, worker_id, config_id, %(answer)s::jsonb, '', false, submitted_at, 2100, 1800
    FROM assignments_assignment WHERE project_id = ANY(%(projects)s)
"""
PARTICIPATIONS = """
    INSERT INTO assignments_participation (project_id, worker_id, state, cursor, taken_count, submitted_count,
        next_gold_at, gold_right, gold_wrong, forgiven_right, forgiven_wrong, gold_spent_micros, quiz_owed_micros,
        eligible_for, tiers, pause_reason, pause_evidence, recount_due)
    SELECT project_id, worker_id, 'active', 0, count(*), count(*), 0, 0, 0, 0, 0, 0, 0, '', '{}', '', '{}', false
    FROM assignments_assignment WHERE project_id = ANY(%(projects)s) GROUP BY project_id, worker_id
"""
READ_OFTEN = "projects_item, projects_task, assignments_assignment, assignments_answer, assignments_participation"


def published(world: fill.World, projects: int, tasks: int, *, each: int, name: str) -> list[int]:
    """So many projects of so many tasks, each of which has `each` answers to come by `answer`; their ids."""
    drafts, last = list[int](), time.monotonic()
    for number in range(projects):
        drafts.append(world.draft(f"{name} {number + 1}"))
        if time.monotonic() - last > NOTHING_TO_SAY:
            last = time.monotonic()
            place.say(f"{number + 1:,} of {projects:,} drafts")
    for some in _some(drafts, tasks):
        with _written() as connection:
            connection.execute(ITEMS, told(some, tasks=tasks, each=each))
    for project in drafts:
        world.publish(project)
    return drafts


def answer(
    world: fill.World, projects: Sequence[int], tasks: int, *, each: int, counters: bool = False, **more: str
) -> None:
    """`each` workers answer each of a project's tasks. `counters`: its tasks do not know of that yet. As just
    submitted and due in a week, if `state` and `due` are not given."""
    last, workers = time.monotonic(), [worker.pk for worker in world.workers]
    for number, some in enumerate(_some(projects, tasks * each), start=1):
        with _written() as connection:
            for statement in (*([COUNTERS] if counters else []), ASSIGNMENTS, ANSWERS, PARTICIPATIONS):
                connection.execute(statement, told(some, each=each, workers=workers, **more))
        if time.monotonic() - last > NOTHING_TO_SAY:
            last = time.monotonic()
            place.say(f"{number * len(some) * tasks * each:,} of {len(projects) * tasks * each:,} answers")


def settle_down() -> None:
    """What autovacuum would have done by then."""
    with place.connect() as connection:
        connection.execute(f"VACUUM ANALYZE {READ_OFTEN}")


def told(projects: Sequence[int], **more: Any) -> dict[str, Any]:
    """What the statements ask for; `tasks`, `each` and `workers` are the caller's."""
    answer = f'{{"units": [{{"mood": "{ANSWER}"}}]}}'
    same = {"gold": fill.QUIZ, "answer": answer, "redundancy": fill.REDUNDANCY, "state": "submitted", "due": "7 days"}
    return {**same, "projects": list(projects), **more}


def _some(projects: Sequence[int], answers: int) -> Iterator[Sequence[int]]:
    """As many projects of so many answers as one transaction takes."""
    many = max(1, TOGETHER // max(answers, 1))
    for start in range(0, len(projects), many):
        yield projects[start : start + many]


@contextmanager
def _written() -> Iterator[psycopg.Connection[Any]]:
    with place.connect() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        yield connection
