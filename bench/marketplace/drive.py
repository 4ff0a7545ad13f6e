"""Workers at the door, in a process of their own: each submits, reads what comes next, and submits again.

A closed loop without think time over connections that stay open, as behind a proxy. The plan comes as one line of JSON
on standard input; "ready" is said when everybody holds a task, and the clock runs from the line that answers it.

The client is as thin as can be (a thread and a socket for each worker, a request is bytes that are put together, an
answer is bytes that are cut), because it shares the processors with what it measures.
"""

import json
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

WARM_UP = 5  # answers of each worker before the clock runs: his quiz is among them
ANSWER = "good"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, as his browser or his program would say it."""

    cookie: str
    csrf: str
    key: str


@dataclass(frozen=True)
class Plan:
    """Who works where, through which door, for how long.

    `projects` has for each worker the projects that he goes through, one after another; he stays for `stay` answers
    (0: until there is no work left). Each `draft_every`-th answer is kept once as a draft before it is submitted.
    """

    port: int
    host: str
    door: str
    seconds: float
    people: list[Person]
    projects: list[list[int]]
    stay: int = 0
    draft_every: int = 10


class Connection:
    """One kept-alive connection; opened anew when the server has closed it."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.port = plan.port
        self.head = f"Host: {plan.host}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 10.0.0.{number + 1}\r\n"
        self.socket: socket.socket | None = None

    def ask(self, method: str, path: str, headers: str, body: bytes = b"") -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        head = f"{method} {path} HTTP/1.1\r\n{self.head}{headers}Content-Length: {len(body)}\r\n\r\n"
        request = head.encode() + body
        for again in (True, False):
            try:
                return self._exchange(request)
            except ConnectionError:
                self.socket = None  # it was idle for too long, or its process was replaced; a submit may come twice
                if not again:
                    raise
        raise AssertionError

    def _exchange(self, request: bytes) -> tuple[int, bytes, bytes]:
        self.socket = self.socket or socket.create_connection(("127.0.0.1", self.port))
        self.socket.sendall(request)
        head, _, body = self._until(b"", lambda told: b"\r\n\r\n" in told).partition(b"\r\n\r\n")
        lowered = head.lower()
        _, found, rest = lowered.partition(b"content-length:")
        length = int(rest.split(b"\r\n", 1)[0]) if found else 0
        body = self._until(body, lambda told: len(told) >= length)
        if b"connection: close" in lowered:
            self.socket.close()
            self.socket = None
        return int(head[9:12]), head, body

    def _until(self, told: bytes, is_enough: Callable[[bytes], bool]) -> bytes:
        while not is_enough(told):
            assert self.socket is not None
            more = self.socket.recv(2**16)
            if not more:
                raise ConnectionError
            told += more
        return told


class Door(Protocol):
    """How one takes the first task of a project, keeps a draft, submits and gets the next task."""

    def start(self, project: int) -> int | None: ...

    def keep(self, task: int) -> bool: ...

    def submit(self, task: int) -> int | None: ...


class Page:
    """The worker page's own door: forms in, JSON with the next task out."""

    def __init__(self, connection: Connection, person: Person, host: str) -> None:
        self.ask = connection.ask
        sent = f"Cookie: {person.cookie}; csrftoken={person.csrf}\r\nX-CSRFToken: {person.csrf}\r\n"
        self.headers = f"{sent}Origin: https://{host}\r\nReferer: https://{host}/work/\r\nAccept: application/json\r\n"
        self.shell = "none"
        self.form = f"{self.headers}Content-Type: application/x-www-form-urlencoded\r\n"

    def start(self, project: int) -> int | None:
        status, head, body = self.ask("POST", f"/work/projects/{project}/start/", self.form, b"guidelines_read=1")
        _expect(status, 302, body)
        address = head.lower().partition(b"location: ")[2].split(b"\r\n", 1)[0].decode()
        where = address.rstrip("/").rpartition("/")[2]
        return None if where == "end" else int(where)  # the page that says why there is nothing more for him

    def keep(self, task: int) -> bool:
        body = json.dumps({"attempt": 1, "fields": {"u0.mood": [ANSWER]}, "active_ms": 900}).encode()
        status, _, body = self.ask("PUT", f"/work/tasks/{task}/draft/", self.headers, body)
        _expect(status, 200, body)
        return True

    def submit(self, task: int) -> int | None:
        form, headers = self.form_of_submit(), self.submit_headers()
        status, _, body = self.ask("POST", f"/work/tasks/{task}/submit/", headers, form)
        _expect(status, 200, body)
        told = json.loads(body)
        self.learn(told)
        return _next(told, told["next"])

    def form_of_submit(self) -> bytes:
        return f"u0.mood={ANSWER}&attempt=1&active_ms=1800".encode()

    def submit_headers(self) -> str:
        return f"{self.form}X-Task-Shell: {self.shell}\r\n"

    def learn(self, told: dict[str, Any]) -> None:
        """As the page's script: it keeps the shell of the last task, and asks for what differs (web.worker.shell)."""
        self.shell = told.get("shell", self.shell)


class Rest:
    """The API, with a key."""

    def __init__(self, connection: Connection, person: Person, host: str) -> None:
        self.ask = connection.ask
        self.headers = f"Authorization: Bearer {person.key}\r\nContent-Type: application/json\r\n"

    def start(self, project: int) -> int | None:
        where = f"/api/v1/projects/{project}/next/"
        status, _, body = self.ask("POST", where, self.headers, b'{"guidelines_read": 1}')
        if status == 409 and b'"no_work"' in body:
            return None
        _expect(status, 200, body)
        return int(json.loads(body)["id"])

    def keep(self, task: int) -> bool:
        """Programs keep none."""
        return False

    def submit(self, task: int) -> int | None:
        told = {"value": {"mood": ANSWER}, "attempt": 1, "active_ms": 1800}
        body = json.dumps(told).encode()
        status, _, body = self.ask("POST", f"/api/v1/assignments/{task}/submit/", self.headers, body)
        _expect(status, 200, body)
        told = json.loads(body)
        return _next(told, told["next"] and told["next"]["id"])


DOORS: dict[str, type[Page] | type[Rest]] = {"page": Page, "rest": Rest}


def _expect(status: int, wanted: int, body: bytes) -> None:
    if status != wanted:
        raise SystemExit(f"The site answered {status}: {body[:600].decode(errors='replace')}")


def _next(told: dict[str, Any], following: int | None) -> int | None:
    if not told["counted"] or (following is None and "no_work" not in str(told["ended"])):
        raise SystemExit(f"An answer did not count, or the work ended too early: {told}")
    return following


class Worker:
    """One worker's day: submit and next, from project to project, until he finds nothing in any of them."""

    def __init__(self, door: Door, projects: list[int], plan: Plan) -> None:
        self.door, self.projects, self.plan = door, projects, plan
        self.task: int | None = None
        self.place = -1
        self.stayed = 0  # answers in this project
        self.answers: list[tuple[float, float]] = []  # when each submit was sent, and how long it took, in seconds
        self.drafts = 0

    def answer(self) -> bool:
        """One draft now and then, one submit; False when there is nothing left for him."""
        if self.task is None or (self.plan.stay and self.stayed >= self.plan.stay):
            self._move_on()
        if self.task is None:
            return False
        if self.plan.draft_every and len(self.answers) % self.plan.draft_every == self.plan.draft_every - 1:
            self.drafts += self.door.keep(self.task)
        began = time.perf_counter()
        self.task = self.door.submit(self.task)
        self.answers.append((began, time.perf_counter() - began))
        self.stayed += 1
        return True

    def _move_on(self) -> None:
        self.task, self.stayed = None, 0
        for _project in self.projects:
            if self.task is None:
                self.place = (self.place + 1) % len(self.projects)
                self.task = self.door.start(self.projects[self.place])

    def warm_up(self) -> None:
        for _answer in range(WARM_UP):
            self.answer()

    def go_on(self, until: float) -> None:
        while time.perf_counter() < until and self.answer():
            pass


def drive(plan: Plan) -> dict[str, Any]:
    """The whole plan; what came of it, as plain JSON."""
    workers = [
        Worker(DOORS[plan.door](Connection(plan, number), person, plan.host), projects, plan)
        for number, (person, projects) in enumerate(zip(plan.people, plan.projects, strict=True))
    ]
    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(Worker.warm_up, workers))
        print("ready", flush=True)
        sys.stdin.readline()
        began, spent = time.perf_counter(), time.process_time()
        list(threads.map(lambda worker: worker.go_on(began + plan.seconds), workers))
    counted = sorted(answer for worker in workers for answer in worker.answers if answer[0] >= began)
    return {
        "spent": time.process_time() - spent,
        "seconds": time.perf_counter() - began,
        "at": [sent - began for sent, _took in counted],
        "took": [took for _sent, took in counted],
        "drafts": sum(worker.drafts for worker in workers),
        "idle": sum(worker.task is None for worker in workers),  # who found nothing more to do
        "answers": sum(len(worker.answers) for worker in workers),  # the warm-up's included
    }


def main() -> None:
    told = json.loads(sys.stdin.readline())
    plan = Plan(**told | {"people": [Person(**one) for one in told["people"]]})
    print(json.dumps(drive(plan)))


if __name__ == "__main__":
    main()
