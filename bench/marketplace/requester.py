"""`make bench-requester`: large imports and exports, and pages over many projects; prints a table.

    python -m bench.marketplace.requester [--rows 1M] [--projects 1000] [--output docs/benchmarks/requester.md]

An import is measured beside a raw COPY of the same bytes into a table of texts, and beside a bare INSERT of those texts
into the tables of items and tasks, with their indexes and constraints; in turns, medians of three. Imports and
exports run in forked processes, so that the most memory that they added to what they began with can be told; the file
of an import is there before. Every task of the last import has an answer and was aggregated; the other projects share
four times as many answers, three a task.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import numpy as np

from bench.marketplace import place
from bench.quality import memory
from crowd.kernel.postgres import server

if TYPE_CHECKING:
    from bench.marketplace.fill import World

LOOKS = 40
WORKERS = 20
OTHERS = 4  # times as many answers as the largest project has, in all others together
APART_SECONDS = 3600
PAGES = {  # what they are, and where
    "the list of {projects:,} projects": "/requester/organisations/{organisation}/",
    "the organisation's money": "/requester/organisations/{organisation}/money/",
    "its audit log": "/requester/organisations/{organisation}/history/",
    "the page of the largest project": "/requester/projects/{project}/",
    "its figures anew": "/requester/projects/{project}/live/",
    "its results": "/requester/projects/{project}/results/",
    "its answers": "/requester/projects/{project}/answers/",
    "its workers": "/requester/projects/{project}/workers/",
    "its gold": "/requester/projects/{project}/gold/",
    "its items": "/requester/projects/{project}/items/",
    "its money": "/requester/projects/{project}/money/",
    "its exports": "/requester/projects/{project}/exports/",
}
# What no import can be without: a row of each table, with its indexes and constraints, out of texts that are there.
FLOOR = """
    WITH item AS (
        INSERT INTO projects_item (project_id, data, gold_reason, created_at)
        SELECT %(project)s, to_jsonb(raw), '', now() FROM raw RETURNING id, data)
    INSERT INTO projects_task (project_id, item_id, state, payload, source, units, redundancy, needed, filled, answered,
        open, priority, ring, is_gold, gold_reason, cannot_answer_count, rejected_count)
    SELECT %(project)s, id, 'live', jsonb_build_object('units', jsonb_build_array(data - '{gold,gold_reason}'::text[])),
        '{}', 1, 3, 3, 0, 0, true, 2, (random() * 2147483646)::integer, false, '', 0, 0 FROM item
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.marketplace.requester")
    parser.add_argument("--rows", default="1M", help="of the import, and answers of the export")
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", default="docs/benchmarks/requester.md")
    options = parser.parse_args()
    folder = server.data_folder() / "bench"
    try:
        place.settle(folder)
        django.setup()
        page = _bench(place.number(options.rows), options.projects, options.rounds)
    finally:
        place.leave(folder)
    Path(options.output).write_text(page)
    print(page)


def _bench(rows: int, projects: int, rounds: int) -> str:
    from bench.marketplace import report
    from bench.marketplace.fill import World

    place.say(f"an empty site with {WORKERS} workers")
    world = World(WORKERS)
    lines = [line for count in (rows // 10, rows) for line in _import_and_export(world, count, rounds)]
    lines += _pages(world, projects, rows)
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    place.say("the invariants")
    return f"""# What a requester waits for

Written by `make bench-requester`: medians of {rounds} for imports, of {LOOKS} looks for pages. *Raw COPY* is that of
the file into a table of texts, *bare INSERT* that of those texts into the tables of items and tasks, with their indexes
and constraints. Memory is the most that the process which did it held above what it began with; the file of an import
is not part of it, nor is PostgreSQL. There are {(1 + OTHERS) * rows:,} answers while pages are looked at. Afterwards
`manage.py verify` found that all {place.verify()} invariants hold.

{report.machine()}

| | time | beside | memory, MB |
|---|---:|---:|---:|
{table}
"""


def _import_and_export(world: "World", rows: int, rounds: int) -> list[list[str]]:
    from bench.marketplace import answered, fill

    file = fill.rows(rows - fill.QUIZ, fill.QUIZ)
    copies, floors, imports = list[float](), list[float](), list[tuple[float, int]]()
    for number in range(rounds):
        place.say(f"import of {rows:,} rows, {number + 1} of {rounds}")
        copies.append(_copied(file))
        last = world.draft(f"{rows:,}")
        floors.append(_floor(last))
        imports.append(apart(place.timed, world.add, last, file))
    raw, floor = statistics.median(copies), statistics.median(floors)
    ours = statistics.median(took for took, _held in imports)
    place.say(f"export of {rows:,} answers")
    world.publish(last)
    answered.answer(world, [last], rows - fill.QUIZ, each=1, counters=True)
    answered.settle_down()
    (first, whole, answers), held = apart(_exported, last)
    beside = f"{ours / raw:.1f} x raw COPY ({raw:.2f} s), {ours / floor:.1f} x bare INSERT ({floor:.1f} s)"
    return [
        [f"import of {rows:,} rows", f"{ours:.1f} s", beside, f"{max(most for _took, most in imports)}"],
        [f"export of {answers:,} answers", f"{whole:.1f} s", f"first row after {first:.2f} s", f"{held}"],
    ]


def _copied(file: bytes) -> float:
    """Seconds of a COPY of the same bytes."""
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS raw")
        cursor.execute("CREATE TABLE raw (text text, gold text, gold_reason text)")
        began = time.perf_counter()
        with cursor.copy("COPY raw FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(file)
        return time.perf_counter() - began


def _floor(project: int) -> float:
    """Seconds of the bare INSERT of what was copied, the check of its foreign keys included; nothing of it stays."""
    with place.connect() as connection, connection.transaction(force_rollback=True), connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(FLOOR, {"project": project})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return time.perf_counter() - began


def _exported(project_id: int) -> tuple[float, float, int]:
    """Seconds to the first row, to the last, and how many there are."""
    from crowd.consensus import exports
    from crowd.projects.models import Project

    began = time.perf_counter()
    lines = exports.lines(Project.objects.get(pk=project_id), "answers", "csv")
    next(lines), next(lines)  # the names of the columns, and a row
    first = time.perf_counter() - began
    count = 1 + sum(1 for _line in lines)
    return first, time.perf_counter() - began, count


def _pages(world: "World", projects: int, answers: int) -> list[list[str]]:
    """The list of all projects and the pages of the largest, as the requester's browser gets them: all looks, and the
    first, in a process that has read nothing yet. What is kept has been counted by then, as by the sweep's jobs."""
    from django.conf import settings
    from django.test import Client

    from bench.marketplace import answered, fill
    from crowd.consensus.services.aggregate import aggregate
    from crowd.projects.models import Project

    largest = Project.objects.filter(state="open").latest("pk").pk
    place.say("aggregation of the largest project")
    apart(aggregate, largest)
    tasks = max(1, OTHERS * answers // fill.REDUNDANCY // projects)
    place.say(f"{projects:,} projects of {tasks:,} tasks")
    others = answered.published(world, projects, tasks, each=fill.REDUNDANCY, name="Project")
    answered.answer(world, others, tasks, each=fill.REDUNDANCY)
    answered.settle_down()
    counting = place.timed(_count_figures)
    client = Client(headers={"host": place.HOST, "x-forwarded-proto": "https"})
    client.force_login(world.requester, backend=settings.AUTHENTICATION_BACKENDS[0])
    found = [["all figures that are kept, counted by jobs", f"{counting:.1f} s", "", ""]]
    for page, path in PAGES.items():
        place.say(page.format(projects=projects))
        address = path.format(project=largest, organisation=world.organisation.pk)
        times = [place.timed(_look, client, address) * 1000 for _time in range(LOOKS)]
        p50, p95 = np.percentile(times, [50, 95])
        beside = f"p95 {p95:.0f} ms, the first {times[0]:.0f} ms"
        found.append([page.format(projects=projects), f"{p50:.0f} ms", beside, ""])
    return found


def _count_figures() -> None:
    from crowd.web import jobs
    from crowd.web.requester import kept

    for figure in list(kept.due()):
        jobs.count_figure(*figure)


def _look(client: Any, address: str) -> None:
    answered = client.get(address)
    assert answered.status_code == 200, (address, answered.status_code, answered.headers)


def apart(deed: Callable[..., Any], *given: Any) -> tuple[Any, int]:
    """What the deed returned, run in a forked process, and the most memory that this added to its beginning, in MB."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def run() -> None:
        memory.forget_peak()  # a fork begins with what its parent held
        before = memory.now()
        answers.put((deed(*given), round(memory.high_water() - before)))

    child = context.Process(target=run)
    child.start()
    child.join(APART_SECONDS)
    if child.exitcode != 0:
        child.kill()
        raise SystemExit("It did not work; the reason stands above.")
    found: tuple[Any, int] = answers.get()
    return found


if __name__ == "__main__":
    main()
