"""What one submit and the next task cost in processor time, which hardly moves on a machine that others use too.

    python -m bench.marketplace.cpu [--answers 600] [--profile cumulative]   # of Python, in this process, without HTTP
    python -m bench.marketplace.cpu --site                                   # of each part, over HTTP, by 8 workers

`--keep` leaves the folder as it is for the next time, and uses what was left. Linux only.
"""

import argparse
import cProfile
import json
import os
import pstats
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import django

from bench.marketplace import place
from crowd.kernel.postgres import server

WARM_UP, PROFILED = 100, 200
WORKERS, SECONDS, ROUNDS = 8, 6, 3


def main() -> None:
    options = _options()
    folder = server.data_folder() / "bench"
    place.settle(folder, anew=not options.keep)
    django.setup()
    try:
        if options.site:
            _parts()
        else:
            _python(options.answers, options.profile)
    finally:
        place.leave(folder, wipe=not options.keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.marketplace.cpu", description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=600)
    parser.add_argument("--profile", default="", help="also print a profile in this order: tottime, cumulative")
    parser.add_argument("--site", action="store_true", help="the parts of a running site instead")
    parser.add_argument("--keep", action="store_true", help="leave the folder for the next time")
    return parser.parse_args()


def _python(answers: int, order: str) -> None:
    from bench.marketplace.fill import World

    world = World(1)
    submit = _submitter(world, world.project(WARM_UP + PROFILED + answers + 100))
    _times(submit, WARM_UP)
    times = _times(submit, answers)
    profile = cProfile.Profile(time.thread_time)
    profile.runcall(_times, submit, PROFILED)
    found: Any = pstats.Stats(profile)
    if order:
        found.strip_dirs().sort_stats(order).print_stats(90)
    median, mean = statistics.median(times) * 1000, statistics.mean(times) * 1000
    print(f"{median:.2f} ms (mean {mean:.2f}) of Python a submit, {found.total_calls / PROFILED:,.0f} calls")


def _submitter(world: Any, project: int) -> Callable[[], None]:
    """Submits what the first worker holds through the task page's door, as its script does; then he holds the next."""
    from django.test.client import RequestFactory

    from bench.marketplace.drive import Connection, Page, Plan
    from crowd.assignments.services import take
    from crowd.wsgi import application

    person = world.people[0]
    held = [take.take_next(worker=world.workers[0], project_id=project, guidelines_read=1).pk]
    plan = Plan(0, place.HOST, "page", 0, [person], [[project]])
    page = Page(Connection(plan, 0), person, place.HOST)  # which is never opened
    factory: Any = RequestFactory()

    def submit() -> None:
        lines = [line.split(": ", 1) for line in page.submit_headers().split("\r\n") if line]
        named = {name.upper().replace("-", "_"): value for name, value in lines}
        headers = {name if name.startswith("CONTENT_") else f"HTTP_{name}": value for name, value in named.items()}
        headers |= {"HTTP_HOST": place.HOST, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "10.0.0.1"}
        body = page.form_of_submit()
        more = {"REQUEST_METHOD": "POST", "PATH_INFO": f"/work/tasks/{held[0]}/submit/", "wsgi.input": BytesIO(body)}
        environ = factory._base_environ(**headers, **more, CONTENT_LENGTH=str(len(body)))
        answer: Any = application(environ, lambda *_told: print)
        told = json.loads(b"".join(answer))
        answer.close()
        page.learn(told)
        held[0] = told["next"]

    return submit


def _times(submit: Callable[[], None], count: int) -> list[float]:
    """Of each, in seconds of this thread."""
    found = []
    for _one in range(count):
        began = time.thread_time()
        submit()
        found.append(time.thread_time() - began)
    return found


def _parts() -> None:
    from bench.marketplace.fill import World
    from bench.marketplace.measure import Case, riding

    world = World(WORKERS)
    projects = [world.project(5_000) for _round in range(ROUNDS)]
    facts: Any = {"name": "", "title": "", "workers": (WORKERS,), "floor": [], "seconds": SECONDS}
    case = Case(people=world.people, projects=projects, **facts)
    database = int((server.data_folder() / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    before_it = _processes()
    with place.site() as port:
        site = next(pid for pid, (of, _s) in _processes().items() if of == os.getpid() and pid not in before_it)
        for round in range(ROUNDS):
            with riding(case.plan("page", WORKERS, round, port)) as go:
                before, written = [_spent(site), _spent(database)], _log_bytes()
                told = go()
                written = _log_bytes() - written
            web, base = (
                (_spent(pid) - then) * 1000 / len(told["took"])
                for pid, then in zip((site, database), before, strict=True)
            )
            driver, rate = told["spent"] * 1000 / len(told["took"]), len(told["took"]) / told["seconds"]
            parts = f"web server {web:.2f} ms, PostgreSQL {base:.2f} ms, driver {driver:.2f} ms"
            print(f"{rate:.0f}/s: {parts}, {written / len(told['took']) / 1000:.2f} kB of write-ahead log a submit")
    print(f"{_disk_bytes():.0f} bytes of disk an answer, with its assignment and all indexes")


def _log_bytes() -> int:
    return int(_asked("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"))


def _disk_bytes() -> float:
    tables = "pg_total_relation_size('assignments_answer') + pg_total_relation_size('assignments_assignment')"
    return float(_asked(f"SELECT ({tables})::float8 / count(*) FROM assignments_answer"))


def _asked(question: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _spent(pid: int) -> float:
    """Seconds of processor of a process and of those below it."""
    return _sum(pid, _processes())


def _sum(pid: int, found: dict[int, tuple[int, float]]) -> float:
    return found[pid][1] + sum(_sum(child, found) for child, (of, _seconds) in found.items() if of == pid)


def _processes() -> dict[int, tuple[int, float]]:
    """Of each process its parent, and its seconds of processor with those of its children that have ended."""
    found, ticks = {}, os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        found[int(stat.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / ticks
    return found


if __name__ == "__main__":
    main()
