"""Rounds: every case through every door, and the floor beside it, one after another; then all of them again.

So that what else happens on the machine meets all of them alike. A figure is the median of its rounds.
"""

import json
import statistics
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any

import numpy as np
from django.db import connections

from bench.marketplace import floor, place
from bench.marketplace.drive import Person, Plan

COUNTED_BY = 8  # workers while statements and pages are counted
START_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Case:
    """One situation that is measured.

    `projects`: what the workers go through, begun at another place in each round; `apart`: each begins at a place of
    his own. `floor`: the floor's projects, as large or larger, taken in turn. `last`: only the last so many answers of
    a run.
    """

    name: str
    title: str
    workers: tuple[int, ...]
    people: list[Person]
    projects: list[int]
    floor: list[int]
    seconds: float
    doors: tuple[str, ...] = ("page", "rest")
    apart: bool = False
    stay: int = 0
    last: int | None = None

    def plan(self, door: str, workers: int, round: int, port: int) -> Plan:
        return Plan(
            port=port,
            host=place.HOST,
            door=door,
            seconds=self.seconds,
            people=self.people[:workers],
            projects=[self._projects(worker, round) for worker in range(workers)],
            stay=self.stay,
        )

    def _projects(self, worker: int, round: int) -> list[int]:
        if self.last:
            return [self.projects[round]]
        begin = (round + worker * (len(self.projects) // len(self.people) + 1) * self.apart) % len(self.projects)
        return self.projects[begin:] + self.projects[:begin]


@dataclass(frozen=True)
class Figures:
    """Of one run: tasks a second, and how long a submit and the next task took, in milliseconds."""

    rate: float
    p50: float
    p95: float
    p99: float


Key = tuple[str, int, str]  # case, workers, door ("floor" for the floor)


def rounds(cases: Sequence[Case], *, rounds: int, port: int) -> dict[Key, list[Figures]]:
    found: dict[Key, list[Figures]] = defaultdict(list)
    for round in range(rounds):
        for case in cases:
            for run, workers in enumerate(case.workers, round * len(case.workers)):
                for door in case.doors:
                    figures = ride(case.plan(door, workers, round, port), case.last)
                    _note(found, (case.name, workers, door), figures)
                project = case.floor[run % len(case.floor)]
                rate = floor.run(project, workers=workers, seconds=floor.seconds_beside(case.seconds))
                _note(found, (case.name, workers, "floor"), Figures(rate, 0, 0, 0))
    return found


def _note(found: dict[Key, list[Figures]], key: Key, figures: Figures) -> None:
    found[key].append(figures)
    name, workers, door = key
    times = f"  p50 {figures.p50:6.1f}  p95 {figures.p95:6.1f}  p99 {figures.p99:6.1f} ms" * (door != "floor")
    print(f"{name:>9} {workers:>3} {door:<5} {figures.rate:8.1f}/s{times}", flush=True)


def ride(plan: Plan, last: int | None = None) -> Figures:
    """One run of the driver."""
    with riding(plan) as go:
        told = go()
    if told["idle"] and not last:
        raise SystemExit("The site is so fast that there were too few tasks (FAST in bench/marketplace/cases.py).")
    at, took = told["at"][-(last or 0) :], np.array(told["took"][-(last or 0) :]) * 1000
    seconds = at[-1] - at[0] + told["took"][-1] if last else told["seconds"]
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    return Figures(len(took) / seconds, p50, p95, p99)


@contextmanager
def riding(plan: Plan) -> Iterator[Callable[[], dict[str, Any]]]:
    """The driver with everybody at a task; calling what this gives lets it go, and gives what it told."""
    command = [sys.executable, "-m", "bench.marketplace.drive"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=place.ROOT) as driver, _killed(driver):
        assert driver.stdin is not None
        assert driver.stdout is not None
        driver.stdin.write(json.dumps(asdict(plan)) + "\n")
        driver.stdin.flush()
        late = threading.Timer(START_SECONDS, driver.kill)  # then nothing more comes, and the line is empty
        late.start()
        told = driver.stdout.readline()
        late.cancel()
        if told != "ready\n":
            raise SystemExit("The driver has given up.")

        def go() -> dict[str, Any]:
            told, _ = driver.communicate("\n", timeout=plan.seconds + START_SECONDS)
            if driver.returncode:
                raise SystemExit("The driver has given up.")
            found: dict[str, Any] = json.loads(told)
            return found

        yield go


@contextmanager
def _killed(process: "subprocess.Popen[str]") -> Iterator[None]:
    """However the block ends, nobody has to wait for it."""
    try:
        yield
    finally:
        process.kill()


def work_off(case: Case, answers: int, *, port: int) -> None:
    """So many answers at least."""
    done = 0
    while done < answers:
        with riding(case.plan("page", max(case.workers), 0, port)) as go:
            told = go()
        if not told["took"]:
            raise SystemExit("There were too few tasks to work off (FAST in bench/marketplace/cases.py).")
        done += told["answers"]


@dataclass(frozen=True)
class Asked:
    """What one submit and its next task ask of PostgreSQL."""

    statements: float
    pages: float


def asked(case: Case, door: str) -> Asked:
    """Counted in a run of its own, for which the site is started anew; drafts are left out."""
    connections.close_all()  # the statistics are complete when nobody is connected
    with place.Counter() as counter, place.site() as port:
        plan = replace(case.plan(door, min(COUNTED_BY, len(case.people)), 0, port), draft_every=0)
        with riding(plan) as go:
            counter.begin()
            told = go()
            counter.end()
    return Asked(counter.statements / len(told["took"]), counter.pages / told["answers"])


def medians(found: dict[Key, list[Figures]]) -> dict[Key, Figures]:
    return {
        key: Figures(*(statistics.median(values) for values in zip(*map(astuple, runs), strict=True)))
        for key, runs in found.items()
    }
