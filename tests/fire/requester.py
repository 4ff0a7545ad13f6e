"""A requester who decides, pauses and adds while his workers label: everything that takes the same locks from above."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fire.book import Book
from tests.fire.labelers import TRANSIENT
from tests.fire.line import LOST, Line, Reply, as_json

PATIENCE_S = 90.0
GROUNDS = {"evidence": "written", "reason": "The text is clearly about the weather."}


class Deciding(threading.Thread):
    def __init__(
        self, *, line: Line, book: Book, projects: Sequence[int], random: Random, done: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.line, self.book, self.projects, self.random, self.done = line, book, projects, random, done
        self.deeds = [self.accept, self.accept, self.reject, self.pause, self.lift, self.add, self.pause_project]
        self.succeeded: Counter[str] = Counter()

    def run(self) -> None:
        while not self.done.wait(self.random.uniform(0.1, 0.4)):
            self._try(self.random.choice(self.deeds))

    def _try(self, deed: Callable[[str], None]) -> None:
        try:
            deed(f"/api/v1/projects/{self.random.choice(self.projects)}/")
        except LOST:
            self.book.lost()

    def accept(self, project: str) -> None:
        if answers := self._undecided(project):
            self._do("accept", f"{project}assignments/accept/", {"assignments": answers})

    def reject(self, project: str) -> None:
        if answers := self._undecided(project)[:2]:
            told = {"assignments": answers, "reopen": self.random.random() < 0.5, **GROUNDS}
            self._do("reject", f"{project}assignments/reject/", told)

    def pause(self, project: str) -> None:
        for worker in self._workers(project, "active")[:1]:
            self._do("pause", f"{project}workers/{worker}/pause/", {"reason": "Let us talk first."})

    def lift(self, project: str) -> None:
        for worker in self._workers(project, "paused"):
            self._do("lift", f"{project}workers/{worker}/lift/", {"reason": "We talked."})

    def add(self, project: str) -> None:
        rows = [{"text": f"added {self.random.random()}"} for _number in range(3)]
        self._do("add", f"{project}items/", {"rows": rows})

    def pause_project(self, project: str) -> None:
        self._do("pause_project", f"{project}pause/", {"reason": "A moment, please."})
        self.open(project)

    def open(self, project: str) -> None:
        """Until it is: a pause whose answer was lost may have happened. Patience begins when the fire has ended: on a
        machine that does much else a part may be killed again before it has come back."""
        end = math.inf
        while time.monotonic() < end:
            try:
                if self._do("open", f"{project}resume/").status not in TRANSIENT | {500}:
                    return
            except LOST:
                self.book.lost()
            if self.done.wait(0.2):
                end = min(end, time.monotonic() + PATIENCE_S)
                time.sleep(0.2)
        self.book.breach(f"The project could not be opened again in {PATIENCE_S:.0f} s")

    def catch_up(self) -> None:
        """Each kind of deed must succeed at least once; what had no luck under fire is tried until it does. What ends
        a pause needs one: a deed whose answer was lost may have ended the one before."""
        first = {self.lift: self.pause, self.open: self.pause_project}
        end = time.monotonic() + PATIENCE_S
        while self.missing() and time.monotonic() < end:
            for deed in self.missing():
                if deed in first:
                    self._try(first[deed])
                self._try(deed)
            time.sleep(0.2)
        for deed in self.missing():
            self.book.breach(f"The requester never succeeded in this: {deed.__name__}")

    def missing(self) -> list[Callable[[str], None]]:
        return [one for one in (*self.deeds, self.open) if not self.succeeded[one.__name__]]

    def make_good(self, project_id: int) -> None:
        """Nobody is paused any more."""
        project = f"/api/v1/projects/{project_id}/"
        self.open(project)
        self.lift(project)

    def _undecided(self, project: str) -> list[int]:
        found = self._tell("GET", f"{project}assignments/?state=submitted").told.get("results", [])
        return [one["id"] for one in self.random.sample(found, min(5, len(found)))]

    def _workers(self, project: str, state: str) -> list[str]:
        found = self._tell("GET", f"{project}workers/?state={state}").told.get("results", [])
        return [one["worker"] for one in self.random.sample(found, len(found))]

    def _do(self, deed: str, path: str, told: Any = None) -> Reply:
        reply = self._tell("POST", path, told)
        self.succeeded[deed] += 200 <= reply.status < 300
        return reply

    def _tell(self, method: str, path: str, told: Any = None) -> Reply:
        """Done, in conflict with what others did meanwhile, or not now; anything else is a breach."""
        request = as_json(method, path, told)
        reply = self.line.ask(request)
        self.book.reply(request, reply)
        if not (200 <= reply.status < 300 or reply.status in TRANSIENT | {409, 500}):  # the book breaches at 500
            self.book.breach(f"{reply.status} for {method} of the requester: {reply.body[:300]!r}")
        return reply
