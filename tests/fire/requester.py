"""A requester who decides, pauses and adds while his workers label: everything that takes the same locks from above."""

import threading
import time
from collections.abc import Sequence
from random import Random
from typing import Any

from tests.fire.book import Book
from tests.fire.line import LOST, Line, Reply, as_json

PATIENCE_S = 30.0
GROUNDS = {"evidence": "written", "reason": "The text is clearly about the weather."}


class Deciding(threading.Thread):
    def __init__(
        self, *, line: Line, book: Book, projects: Sequence[int], random: Random, done: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.line, self.book, self.projects, self.random, self.done = line, book, projects, random, done
        self.deeds = [self.accept, self.accept, self.reject, self.pause, self.lift, self.add, self.pause_project]

    def run(self) -> None:
        while not self.done.wait(self.random.uniform(0.1, 0.4)):
            try:
                self.random.choice(self.deeds)(f"/api/v1/projects/{self.random.choice(self.projects)}/")
            except LOST:
                self.book.lost()

    def accept(self, project: str) -> None:
        self._tell("POST", f"{project}assignments/accept/", {"assignments": self._undecided(project)})

    def reject(self, project: str) -> None:
        told = {"assignments": self._undecided(project)[:2], "reopen": self.random.random() < 0.5, **GROUNDS}
        self._tell("POST", f"{project}assignments/reject/", told)

    def pause(self, project: str) -> None:
        for worker in self._workers(project, "active")[:1]:
            self._tell("POST", f"{project}workers/{worker}/pause/", {"reason": "Let us talk first."})

    def lift(self, project: str) -> None:
        for worker in self._workers(project, "paused"):
            self._tell("POST", f"{project}workers/{worker}/lift/", {"reason": "We talked."})

    def add(self, project: str) -> None:
        rows = [{"text": f"added {self.random.random()}"} for _number in range(3)]
        self._tell("POST", f"{project}items/", {"rows": rows})

    def pause_project(self, project: str) -> None:
        self._tell("POST", f"{project}pause/", {"reason": "A moment, please."})
        self.open(project)

    def open(self, project: str) -> None:
        """Until it is: a pause whose answer was lost may have happened."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if self._tell("POST", f"{project}resume/").status < 500:
                    return
            except LOST:
                self.book.lost()
            time.sleep(0.2)

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

    def _tell(self, method: str, path: str, told: Any = None) -> Reply:
        request = as_json(method, path, told)
        reply = self.line.ask(request)
        self.book.reply(request, reply)
        return reply
