"""The floor: pgbench's claim and submit (floor.sql) against tables that are like ours, in the same server."""

import os
import re
import subprocess
from pathlib import Path

from bench.marketplace import place

SCRIPT = Path(__file__).with_name("floor.sql")
REDUNDANCY = 3
MOST_WORKERS = 64
# A plan that was made while a table was empty would scan it for ever.
PLANS = {"PGOPTIONS": "-c enable_seqscan=off"}
TABLES = """
CREATE TABLE floor_task (
    project_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, priority smallint, rnd int, needed smallint,
    assigned smallint DEFAULT 0, answered smallint DEFAULT 0, open boolean, is_gold boolean, payload jsonb,
    PRIMARY KEY (project_id, id)) WITH (fillfactor = 80);
CREATE INDEX ON floor_task (project_id, priority, rnd) WHERE open;
CREATE TABLE floor_worker_project (
    worker_id bigint, project_id bigint, cur int, n_done int DEFAULT 0, next_gold_at int DEFAULT 0,
    PRIMARY KEY (project_id, worker_id)) WITH (fillfactor = 50);
CREATE TABLE floor_assignment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, project_id bigint, task_id bigint, worker_id bigint,
    status smallint, lease_until timestamptz, UNIQUE (project_id, task_id, worker_id));
CREATE INDEX ON floor_assignment (lease_until) WHERE status = 0;
CREATE TABLE floor_answer (
    assignment_id bigint PRIMARY KEY, project_id bigint, task_id bigint, worker_id bigint, value jsonb,
    submitted_at timestamptz);
"""
TASKS = """
INSERT INTO floor_task (project_id, priority, rnd, needed, open, is_gold, payload)
SELECT %(project)s, 2, floor(random() * 2147483647)::int, %(needed)s, true, false,
       jsonb_build_object('units', jsonb_build_array(jsonb_build_object('text', 'How does sentence ' || n || ' feel?')))
FROM generate_series(1, %(tasks)s) n
"""
WORKERS = """
INSERT INTO floor_worker_project (project_id, worker_id, cur)
SELECT %(project)s, n, floor(random() * 2147483647)::int FROM generate_series(1, %(workers)s) n
"""


def make_tables() -> None:
    with place.connect() as connection:
        connection.execute(TABLES)


def fill(project: int, tasks: int) -> None:
    facts = {"project": project, "tasks": tasks, "needed": REDUNDANCY, "workers": MOST_WORKERS}
    with place.connect() as connection:
        connection.execute(TASKS, facts)
        connection.execute(WORKERS, facts)


def analyze(*, vacuum: bool) -> None:
    """What autovacuum does within a minute of work, and a short run ends before: the planner knows the tables as they
    are. `vacuum`: what is dead is cleared away too."""
    with place.connect() as connection:
        connection.execute("VACUUM ANALYZE" if vacuum else "ANALYZE")


def seconds_beside(seconds: float) -> int:
    """How long it runs beside a run of so many seconds."""
    return round(max(2, min(10, seconds)))


def run(project: int, *, workers: int, seconds: int) -> float:
    """Transactions a second: tasks claimed and submitted."""
    options = f"-n -M prepared -f {SCRIPT} -D project={project} -c {workers} -j {min(2, workers)} -T {seconds}"
    command = [*place.pgbench(), *options.split(), "crowd"]
    done = subprocess.run(command, env=os.environ | PLANS, capture_output=True, text=True, timeout=seconds + 60)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found or "aborted" in done.stderr:
        why = "If it found no task, it is so fast that there were too few (FLOOR_FAST in bench/marketplace/cases.py)."
        raise SystemExit(f"pgbench failed:\n{done.stdout}{done.stderr}\n{why}")
    return float(found[1])
