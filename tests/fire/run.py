"""One run: build, burn, calm down, close everything, and reckon. Needs Django set up for the site."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connection

from tests.fire import reckoning, world
from tests.fire.bad_clients import BadClients
from tests.fire.blows import Blows
from tests.fire.book import Book
from tests.fire.labelers import DOORS
from tests.fire.line import LOST, Line, as_json
from tests.fire.requester import Deciding
from tests.fire.site import Broken, Site

CALM_S = 180.0  # on a machine that does much else
CLOSE_S = 180.0
SIEGE_STEP_S = 5.0
HURRIED_TASKS = 30  # a second and project; a project gets at least two answers a task
PACED_TASKS = 0.5  # a second, worker and project
AFTERWARDS_S = 120  # how long people go on after the fire on a slow machine; the slower, the fewer tasks they take


@dataclass(frozen=True)
class Options:
    seed: int
    seconds: int
    workers: int
    kills: bool
    every: float
    sockets: int
    siege: int


class Run:
    """`done`, `decided`, `calm` end the labelers, the requester and the blows."""

    def __init__(self, site: Site, given: Options) -> None:
        self.site, self.given, self.book = site, given, Book()
        self.done, self.decided, self.calm = threading.Event(), threading.Event(), threading.Event()
        self.world = world.build(workers=given.workers, tasks=self._tasks())
        self.labelers = [
            DOORS[one % len(DOORS)](done=self.done, hurried=not given.kills, **self._person(key, one))
            for one, key in enumerate(self.world.workers)
        ]
        self.requester = Deciding(done=self.decided, **self._person(self.world.requester, -1))
        self.blows = Blows(site=site, random=Random(given.seed), done=self.calm, pause_s=given.every)
        self.took: dict[str, float] = {}
        self.waited: dict[str, list[float]] = {}

    def burn(self) -> None:
        connection.close()  # it would not live through what comes
        began = time.monotonic()
        self.site.start()
        self.took["to start"] = time.monotonic() - began
        for thread in (*self.labelers, self.requester, *([self.blows] if self.given.kills else [])):
            thread.start()
        self.calm.wait(self.given.seconds)
        if self.given.kills and not self.blows.each.wait(CALM_S):
            self.book.breach(f"Never killed: {', '.join(self.blows.missing())}")
        self.calm.set()
        for thread in (self.blows, self.requester):
            self.decided.set()
            self._join(thread)
        self.took["under fire"] = time.monotonic() - began - self.took["to start"]

    def calm_down(self) -> None:
        """From now on nobody does anything for the site: it must come back, and everybody get on with his work."""
        began = time.monotonic()
        self.site.wait_until_healthy(CALM_S)
        since = reckoning.now()
        self.requester.catch_up()
        for project in self.world.projects:
            self.requester.make_good(project)
        self._expect_work("After the fire", began)
        self._expect_each_door()
        self.took["until everybody works again"] = time.monotonic() - began
        if self.given.kills:
            self.meet_bad_clients()
        if not reckoning.eventually(lambda: reckoning.jobs_ran(since), CALM_S):
            self.book.breach("After the fire the jobs did not run")
        self._check("while people work")
        self.done.set()
        for labeler in self.labelers:
            self._join(labeler)

    def meet_bad_clients(self) -> None:
        """Everybody goes on with his work meanwhile, and is answered."""
        began, before = time.monotonic(), self.book.unanswered()
        told: dict[str, Any] = {"port": self.site.port, "book": self.book, "project": self.world.projects[0]}
        bad = BadClients(**told, sessions=self.world.others, sockets=self.given.sockets)

        def script() -> None:
            since = time.monotonic()
            bad.greedy()
            bad.tabs()
            self._expect_work("Beside a script, fifty tabs, silent and slow clients", since)
            while time.monotonic() < began + self.given.siege:
                since = time.monotonic()
                time.sleep(SIEGE_STEP_S)
                self._expect_work(f"Beside {self.given.sockets} sockets that say nothing", since)

        waited, self.book.seconds = self.book.seconds, []
        bad.in_front(meanwhile=script) if self.site.front else script()
        self.took["beside a script, fifty tabs, silent and slow clients"] = time.monotonic() - began
        if (lost := self.book.unanswered() - before) > 0:
            self.book.breach(f"Beside bad clients {lost} requests of others were not answered")
        self.waited = {"before": waited, "beside bad clients": self.book.seconds}

    def close(self) -> None:
        """The requester closes. That everything is decided, paid and closed then is the jobs' work alone."""
        began, line = time.monotonic(), Line(self.site.port, self.world.requester)
        for project in self.world.projects:
            self.book.reply(ask := as_json("POST", f"/api/v1/projects/{project}/close/", {}), line.ask(ask))
        line.close()
        if not reckoning.eventually(reckoning.all_closed, CLOSE_S):
            self.book.breach("The jobs did not decide, pay and close everything")
        self.took["until everything is paid and closed"] = time.monotonic() - began
        self._check("at the end")
        for sentence in reckoning.lost_answers(self.book):
            self.book.breach(sentence)
        if not self.given.kills and (deadlocks := self._deadlocks()):
            self.book.breach(f"{deadlocks} deadlocks")

    def summary(self) -> str:
        book, took = self.book, [f"{seconds:.1f} s {what}" for what, seconds in self.took.items()]
        blows = ", ".join(f"{name} {times}" for name, times in sorted(self.blows.dealt.items())) or "none"
        statuses = ", ".join(f"{status}: {times}" for status, times in sorted(book.statuses.items()))
        return "\n".join(
            [
                f"seed {self.given.seed}, {self.given.workers} workers, {', '.join(took)}",
                f"killed: {blows}",
                f"replies: {statuses}",
                *(
                    []
                    if self.site.front
                    else ["left out, for there is no nginx: slow clients, open sockets, large posts"]
                ),
                f"answers acknowledged: {len(book.acknowledged)}, told again with the same id: {book.repeats}; "
                f"longest time without any: {book.longest_gap:.1f} s",
                *(f"people waited {when}: {_spread(seconds)}" for when, seconds in self.waited.items()),
                f"stored: {reckoning.told()}, {self._deadlocks()} deadlocks",
                *(f"BREACH: {sentence}" for sentence in book.breaches),
                "Something was lost, doubled or needed a person."
                if book.breaches
                else "Nothing was lost or doubled, and nobody was needed.",
            ]
        )

    def _deadlocks(self) -> int:
        """Those that PostgreSQL has counted since it last crashed, or told in its log, which outlives that."""
        log = self.site.folder / "postgres" / "log" / "postgres.log"
        logged = log.read_text(errors="replace").count("deadlock detected") if log.exists() else 0
        return max(logged, reckoning.deadlocks())

    def _expect_work(self, when: str, since: float) -> None:
        """Since then everybody had an answer stored, or has one soon."""
        if not reckoning.eventually(lambda: all(one.last_at > since for one in self.labelers), CALM_S):
            self.book.breach(f"{when} not everybody could go on with his work")

    def _expect_each_door(self) -> None:
        """People came through each door to an answer in each project where they begin, or soon do."""
        people = Counter(type(one) for one in self.labelers)
        wanted = {(door, project) for door, many in people.items() for project in self.world.projects[:many]}

        def met() -> bool:
            return wanted <= {(type(one), project) for one in self.labelers for project in one.answered.copy()}

        if not reckoning.eventually(met, CALM_S):
            self.book.breach("Through one of the doors nobody could answer in one of the projects")

    def _check(self, when: str) -> None:
        for sentence in reckoning.broken():
            self.book.breach(f"{when}: {sentence}")

    def _tasks(self) -> int:
        """A project: more than people can do, however fast the machine is."""
        given = self.given
        if not given.kills:
            return max(400, HURRIED_TASKS * given.seconds)
        return int(PACED_TASKS * given.workers * (given.seconds + AFTERWARDS_S))

    def _person(self, session: str, number: int) -> dict[str, Any]:
        random = Random(f"{self.given.seed}:{number}")
        line = Line(self.site.port, session, source=f"127.0.1.{number + 2}")
        ids = self.world.projects
        first = number // len(DOORS) % len(ids)  # who come through the same door begin in different ones
        return {"line": line, "book": self.book, "projects": [*ids[first:], *ids[:first]], "random": random}

    def _join(self, thread: threading.Thread) -> None:
        if thread.is_alive():
            thread.join(CALM_S)
        if thread.is_alive():
            self.book.breach(f"{thread.name} hangs")


def _spread(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "too few to tell"
    p50, p99 = (statistics.quantiles(seconds, n=100)[percent - 1] * 1000 for percent in (50, 99))
    return f"{p50:.0f} ms in the middle, {p99:.0f} ms at the 99th of a hundred, {max(seconds):.1f} s at most"


def burn(site: Site, given: Options) -> int:
    """The exit code: 1 where anything was wrong."""
    run = Run(site, given)
    try:
        run.burn()
        run.calm_down()
        run.close()
    except (Broken, *LOST) as error:
        run.book.breach(f"It did not come back: {error}")
    except SystemExit as ended:
        run.book.breach(str(ended))
    print(run.summary())
    if run.book.breaches:
        print(site.logs())
    return 1 if run.book.breaches else 0
