"""Workers who label over HTTP whatever happens: each submit is insisted on, and sent in the ways that lines break."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from random import Random

from tests.fire.book import Book, Key
from tests.fire.line import LOST, Line, Reply, Request, as_form, as_json

LABELS = ("good", "bad")
PATIENCE_S = 120.0  # for one request, however often it has to be sent
TRANSIENT = {429, 502, 503, 504}
KEPT = 6  # requests that are sent once more, much later and in any order
ATTEMPT = re.compile(r'name="attempt" value="(\d+)"')


class Over(Exception):
    """The run has ended, or nobody answers any more."""


@dataclass(frozen=True)
class Task:
    assignment: int
    attempt: int

    @property
    def key(self) -> Key:
        return self.assignment, self.attempt

    @property
    def value(self) -> str:
        """The same at every repetition, right most of the time (gold is "good")."""
        return LABELS[self.assignment % 5 == 0]


class Labeler(threading.Thread):
    """Through the REST door. When it is `done`, he gives back what he has and ends.

    He begins in the first of `projects`, and goes on to the next one whenever he has no task.
    Unless he is `hurried`, he begins a task every `PACE_S` at most: however fast the machine is, he does not meet the
    limit that a script must meet (SLOW in tests.fire.__main__), and does not run out of tasks.
    """

    PACE_S = 1.5

    def __init__(
        self,
        *,
        line: Line,
        book: Book,
        projects: Sequence[int],
        random: Random,
        done: threading.Event,
        hurried: bool = False,
    ) -> None:
        super().__init__(daemon=True)
        self.pace_s = 0 if hurried else self.PACE_S
        self.line, self.book, self.random, self.done = line, book, random, done
        self.task: Task | None = None
        self.project = 0  # where he works
        self.answered: set[int] = set()  # the projects in which a submit of his was acknowledged
        self.last_at = 0.0  # when his last submit was acknowledged
        self._turns = cycle(projects)
        self._later: list[tuple[Task, Request]] = []

    def run(self) -> None:
        with suppress(Over):
            while not self.done.is_set():
                began = time.monotonic()
                self._step()
                self.done.wait(began + self.pace_s - time.monotonic())
            if self.task:
                self.insist(as_json("POST", f"/api/v1/assignments/{self.task.assignment}/return/", {}))

    # --- the door -----------------------------------------------------------------------------------------------
    def take(self, project: int) -> Task | None:
        reply = self.insist(as_json("POST", f"/api/v1/projects/{project}/next/", {}))
        return Task(reply.told["id"], reply.told["attempt"]) if reply.status == 200 else None

    def submission(self, task: Task) -> Request:
        told = {"value": {"units": [{"mood": task.value}]}, "attempt": task.attempt, "active_ms": 900}
        return as_json("POST", f"/api/v1/assignments/{task.assignment}/submit/", told)

    def follows(self, reply: Reply) -> Task | None:
        following = reply.told["next"]
        return Task(following["id"], following["attempt"]) if following else None

    def answer_id(self, reply: Reply) -> int | None:
        return int(reply.told["answer"])

    # --- what he does -------------------------------------------------------------------------------------------
    def _step(self) -> None:
        if self.task is None:
            self.project = next(self._turns)
            self.task = self.take(self.project)
            if self.task is None:
                self.done.wait(self.random.uniform(0.1, 0.4))
        elif self.random.random() < 0.03:
            self.insist(as_json("POST", f"/api/v1/assignments/{self.task.assignment}/return/", {}))
            self.task = None
        else:
            self._submit(self.task)

    def _submit(self, task: Task) -> None:
        request = self.submission(task)
        self._disturb(request)
        reply = self.insist(request)
        self.task = None
        if reply.status == 200:
            self._note(task, reply)
            self.last_at = time.monotonic()
            self.answered.add(self.project)
            self.task = self.follows(reply)
            self._remember(task, request)
        elif reply.status != 409 or reply.code == "different_answer":
            self.book.breach(f"{reply.status} for the submit of {task.key}: {reply.body[:300]!r}")

    def _disturb(self, request: Request) -> None:
        """Before the submit that is insisted on: half of it, all of it unread, or twice at the same time."""
        way = self.random.choices(["plain", "half", "unread", "twice"], [6, 1, 1, 1])[0]
        with suppress(*LOST):
            if way == "half":
                self.line.cut(request, self.random.uniform(0.1, 0.95))
            elif way == "unread":
                self.line.cut(request, 1.0)
            elif way == "twice":
                other = threading.Thread(target=self._beside, args=[request], daemon=True)
                other.start()

    def _beside(self, request: Request) -> None:
        """Meets the same submit of his own line on the way; what it is told must agree with it."""
        line = Line(self.line.port, timeout=self.line.timeout, source=self.line.source[0])
        line.signed = self.line.signed
        with suppress(*LOST):
            reply = line.ask(request)
            self.book.reply(request, reply)
            if reply.status == 200:
                self._note(self._of(request), reply)
        line.close()

    def _of(self, request: Request) -> Task:
        (assignment,) = re.findall(r"/(\d+)/submit/", request.path)
        attempt = re.search(rb'attempt(?:": |=)(\d+)', request.body)
        assert attempt
        return Task(int(assignment), int(attempt[1]))

    def _note(self, task: Task, reply: Reply) -> None:
        self.book.acknowledge(task.key, task.value, self.answer_id(reply), reply)

    def _remember(self, task: Task, request: Request) -> None:
        """Out of order: an acknowledged submit comes once more when others have been made since."""
        self._later.append((task, request))
        if len(self._later) < KEPT:
            return
        old, again = self._later.pop(self.random.randrange(KEPT))
        reply = self.insist(again)
        if reply.status != 200 or not reply.told["again"]:
            self.book.breach(f"{reply.status} for the repeated submit of {old.key}: {reply.body[:300]!r}")
        else:
            self._note(old, reply)

    def insist(self, request: Request) -> Reply:
        """Send it until there is an answer that says something. Raises Over."""
        end = time.monotonic() + PATIENCE_S
        while True:
            wait = self.random.uniform(0.05, 0.3)
            try:
                reply = self.line.ask(request)
                self.book.reply(request, reply)
                if reply.status not in TRANSIENT and reply.status != 500:
                    return reply
            except LOST:
                self.book.lost()
            if time.monotonic() > end:
                self.book.breach(f"No answer in {PATIENCE_S:.0f} s: {request.method} {request.path}")
                raise Over
            time.sleep(wait)


class PageLabeler(Labeler):
    """Through the pages, as the task page's own script. These have no limit."""

    PACE_S = 0.4

    def take(self, project: int) -> Task | None:
        reply = self.insist(as_form(f"/work/projects/{project}/start/", {"quiz_told": "1"}))
        place = re.fullmatch(r"/work/tasks/(\d+)/", reply.headers.get("location", ""))
        return self._shown(int(place[1]), self.insist(Request("GET", place[0])).body) if place else None

    def submission(self, task: Task) -> Request:
        told = {"u0.mood": task.value, "active_ms": 900, "attempt": task.attempt}
        return as_form(f"/work/tasks/{task.assignment}/submit/", told)

    def follows(self, reply: Reply) -> Task | None:
        following = reply.told["next"]
        return self._shown(following, reply.told["html"].encode()) if following else None

    def answer_id(self, reply: Reply) -> int | None:
        return None  # the page has no use for it

    def _shown(self, assignment: int, html: bytes) -> Task | None:
        found = ATTEMPT.search(html.decode())
        return Task(assignment, int(found[1])) if found else None  # else it was over before it was shown


DOORS: tuple[Callable[..., Labeler], ...] = (Labeler, PageLabeler)
