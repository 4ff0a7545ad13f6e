"""Aggregation of a large project: from the database to the stored consensus, and again after 1 % new answers.

python -m bench.aggregation [--answers 1000000] [--keep PROJECT]

It fills an embedded database of its own by COPY (in the folder `aggregation` of the data folder, which stays for
--keep; a database that DATABASE_URL names, or that is not empty, is refused), measures each run in a process of its
own, and prints: seconds, seconds of the processor, peak memory, buffers of the answer and assignment tables (heap and
indexes, read or found in memory, as PostgreSQL counts them), rows of the consensus that were written.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.quality import memory
from crowd.kernel.postgres import server

TITLE = "Aggregation benchmark"
MERGED = ("consensus_consensus", "consensus_workerscore", "consensus_votepart")
TABLES = ("assignments_answer", "assignments_assignment")
LABELS = ("cat", "dog", "fish", "bird")
WORKERS, REDUNDANCY = 500, 4
RUN_SECONDS = 3600
STAGED = "CREATE TEMP TABLE staged (n int, task int, worker int, label text) ON COMMIT DROP"
NAMED = """
CREATE TEMP TABLE named ON COMMIT DROP AS
SELECT s.n, t.id AS task_id, w.id AS worker_id, s.label FROM staged s
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM projects_task WHERE project_id = %(project)s) t
    ON t.n = s.task
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM workers_worker) w ON w.n = s.worker
"""
ITEMS = """
WITH item AS (INSERT INTO projects_item (project_id, data, gold_reason)
    SELECT %(project)s, '{"text": "a text"}', '' FROM generate_series(1, %(tasks)s) RETURNING id)
INSERT INTO projects_task (project_id, item_id, state, payload, source, units, redundancy, needed, filled, answered,
    open, priority, ring, is_gold, gold_reason, cannot_answer_count, rejected_count)
SELECT %(project)s, id, 'live', '{"units": [{"text": "a text"}]}', '{}', 1, %(each)s, %(each)s, 0, 0, true, 2,
    (random() * 2147483647)::int, false, '', 0, 0 FROM item ORDER BY id
"""
ASSIGNMENTS = """
INSERT INTO assignments_assignment (project_id, task_id, worker_id, state, attempt, counts, is_gold, reward_micros,
    fee_micros, config_id, taken_at, opened_at, deadline, submitted_at, due_at, return_reason)
SELECT %(project)s, task_id, worker_id, 'submitted', 1, true, false, 0, 0,
    %(config)s, now(), now(), now(), now(), now() + interval '30 days', '' FROM named ORDER BY n
"""
ANSWERS = """
INSERT INTO assignments_answer (project_id, assignment_id, attempt, task_id, worker_id, config_id, value, cannot_answer,
    late, submitted_at, elapsed_ms)
SELECT s.project_id, s.id, 1, s.task_id, s.worker_id, s.config_id,
    jsonb_build_object('units', jsonb_build_array(jsonb_build_object('animal', named.label))), '', false, now(), 2000
FROM named JOIN assignments_assignment s ON s.project_id = %(project)s AND s.task_id = named.task_id
    AND s.worker_id = named.worker_id ORDER BY s.id
"""
TALLIES = """
INSERT INTO assignments_participation (project_id, worker_id, state, cursor, taken_count, submitted_count, next_gold_at,
    gold_right, gold_wrong, forgiven_right, forgiven_wrong, gold_spent_micros, quiz_owed_micros, eligible_for, tiers,
    pause_reason, pause_evidence, recount_due)
SELECT %(project)s, worker_id, 'active', 0, count(*), count(*), 0, 0, 0, 0, 0, 0, 0, '', '{}', '', '{}', false
FROM named GROUP BY worker_id
ON CONFLICT (project_id, worker_id) DO UPDATE SET
    submitted_count = assignments_participation.submitted_count + excluded.submitted_count,
    taken_count = assignments_participation.taken_count + excluded.taken_count
"""
COUNTERS = """
UPDATE projects_task t SET filled = n.answers, answered = n.answers, needed = greatest(needed, n.answers), open = false
FROM (SELECT task_id, count(*) AS answers FROM assignments_assignment
      WHERE project_id = %(project)s GROUP BY 1) n WHERE n.task_id = t.id
"""


def said(rng: np.random.Generator, tasks: int, truth: Any, accuracy: Any) -> Iterator[tuple[int, int, str]]:
    """(task, worker, label) in a random order of tasks, each answered by `REDUNDANCY` workers."""
    worker = np.argsort(rng.random((tasks, 16)), axis=1)[:, :REDUNDANCY] + 16 * rng.integers(
        0, WORKERS // 16, (tasks, 1)
    )
    task = np.repeat(np.arange(tasks), REDUNDANCY)
    worker = worker.reshape(-1)
    right = rng.random(len(task)) < accuracy[worker]
    label = np.where(right, truth[task], (truth[task] + rng.integers(1, len(LABELS), len(task))) % len(LABELS))
    for place in rng.permutation(len(task)).tolist():
        yield int(task[place]), int(worker[place]), LABELS[label[place]]


def fill(answers: int) -> int:
    """A project with so many answers and one in a hundred more that are still to come (`more`); its id."""
    from django.db import transaction

    from tests import make
    from tests.make_project import make_draft

    requester = make.make_user()
    organisation = make.make_organisation(owner=requester)
    asked = {"id": "animal", "kind": "choice", "text": "Which?", "labels": list(LABELS)}
    config = {"data": {"kind": "text", "field": "text"}, "questions": [asked]}
    project = make_draft(actor=requester, organisation=organisation, label_config=config, title=TITLE)
    for _each in range(WORKERS):
        make.make_worker()
    rng = np.random.default_rng(1)
    tasks = answers // REDUNDANCY
    rows = said(rng, tasks, rng.integers(0, len(LABELS), tasks), rng.beta(6, 2.5, WORKERS))
    with transaction.atomic():
        _execute(ITEMS, {"project": project.pk, "tasks": tasks, "each": REDUNDANCY})
        _execute(
            "UPDATE projects_project SET state = 'open', published_at = now() WHERE id = %(id)s", {"id": project.pk}
        )
        add(project.pk, rows)
    _execute("VACUUM ANALYZE", {})
    return int(project.pk)


def more(project_id: int) -> None:
    """One in a hundred answers more, to tasks of any age that got none in this way before (so workers are new to them).

    Other ones each time: the answers that are there by now are the seed.
    """
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT answered FROM projects_task WHERE project_id = %s ORDER BY id", [project_id])
        answered = np.array([row[0] for row in cursor.fetchall()])
    rng = np.random.default_rng(int(answered.sum()))
    tasks = rng.choice(np.flatnonzero(answered == REDUNDANCY), len(answered) * REDUNDANCY // 100, replace=False)
    labels = rng.integers(0, len(LABELS), len(tasks))
    with transaction.atomic():  # workers beyond those of `said`: 496 of 500 are in its groups of sixteen
        add(
            project_id,
            [(int(t), WORKERS - 1 - n % 4, LABELS[k]) for n, (t, k) in enumerate(zip(tasks, labels, strict=True))],
        )


def add(project_id: int, rows: Any) -> None:
    """Answers as they are after a submit, with the counters that follow them."""
    from django.db import connection

    from crowd.projects.models import Project

    known = {"project": project_id, "config": Project.objects.get(pk=project_id).config_id}
    with connection.cursor() as cursor:
        cursor.execute(STAGED)
        with cursor.copy("COPY staged FROM STDIN") as copy:
            for n, row in enumerate(rows):
                copy.write_row((n, *row))
    for statement in (NAMED, "ANALYZE named", ASSIGNMENTS, ANSWERS, TALLIES, COUNTERS):
        _execute(statement, known)


def measured(project_id: int) -> dict[str, Any]:
    """One run in this process, cold."""
    from crowd.consensus.models import AggregationRun
    from crowd.consensus.services.aggregate import aggregate

    before, processor, begun = buffers(), time.process_time(), time.perf_counter()
    aggregate(project_id)
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    after = buffers()
    run = AggregationRun.objects.filter(project=project_id).latest("id")
    (written,) = _execute(
        "SELECT count(*) FROM consensus_consensus WHERE project_id = %(id)s AND run_id = %(run)s",
        {"id": project_id, "run": run.pk},
    )
    return {
        "answers": run.answers,
        "seconds": round(seconds, 1),
        "of the processor": round(processor, 1),
        "peak MB": round(memory.high_water()),
        "buffers": sum(after) - sum(before),
        "rows written": written,
    }


def buffers() -> list[int]:
    """Buffers of each table so far, heap and indexes, once the backends have told."""
    time.sleep(1.5)
    statement = """SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit FROM pg_statio_user_tables
        WHERE relname = %(name)s"""
    return [int(_execute(statement, {"name": name})[0]) for name in TABLES]


def _execute(statement: str, parameters: dict[str, Any]) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        wanted = {name: value for name, value in parameters.items() if f"%({name})s" in statement}
        cursor.execute(statement, wanted or None)
        return cursor.fetchone() if cursor.description else None


def refused(keep: int | None) -> str:
    """Why this database is not filled or worked in; empty where it may be."""
    from crowd.projects.models import Project
    from crowd.users.models import User

    there = list(Project.objects.values_list("id", "title"))
    if keep is None and (there or User.objects.exists()):
        return f"the database is not empty: --keep its project ({there}), or delete the folder {server.data_folder()}"
    if keep is not None and there != [(keep, TITLE)]:
        return f"project {keep} is not alone there, or was not made by this program ({there})"
    return ""


def forget(project_id: int) -> None:
    """What was merged of it."""
    for table in MERGED:
        _execute(f"DELETE FROM {table} WHERE project_id = %(id)s", {"id": project_id})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument(
        "--keep", type=int, help="the id of a project that was filled before; what is merged is forgotten"
    )
    asked = parser.parse_args()
    if os.environ.get("DATABASE_URL", "").strip():
        parser.error("this fills a database: it takes only an embedded one of its own, so DATABASE_URL must not be set")
    if not asked.measure:  # whoever measures was started by this program, and finds the folder named
        os.environ["CROWD_DATA"] = str(server.data_folder() / "aggregation")
    _set_up()
    if asked.measure:
        print(measured(asked.measure))
        return
    try:
        _bench(parser, asked)
    finally:
        server.stop(server.data_folder())


def _set_up() -> None:
    import django
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "crowd.settings"
    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in


def _bench(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if why := refused(asked.keep):
        parser.error(why)
    project_id = asked.keep or fill(asked.answers)
    forget(project_id)
    print(f"project {project_id}", flush=True)
    for name in ("full", "nothing new", "1 % more"):
        if name == "1 % more":
            more(project_id)
        run = [sys.executable, "-m", "bench.aggregation", "--measure", str(project_id)]
        done = subprocess.run(run, check=True, capture_output=True, text=True, timeout=RUN_SECONDS)
        print(name, done.stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
