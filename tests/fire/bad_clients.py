"""Clients who mean harm or know no better, while others work: they get a clear no, and the others notice nothing."""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from django.conf import settings

from crowd.assignments.models import Answer
from tests.fire.book import Book
from tests.fire.front import PATIENCE_S
from tests.fire.line import HOST, LOST, Line, Reply, Request, as_json
from tests.fire.world import CLOCK
from tests.races import errors, together

TABS = 50
GREEDY_S = 55.0  # the limit is of a minute
LARGE = 100 * 1024**2
SLOW = 40
TIME_LIMIT_S = CLOCK["time_limit_s"]
LATE_S = 60.0  # more than its patience, nginx on a busy machine needs no more to say so


class BadClients:
    """`sockets`: how many are kept open and say nothing. What is not as it must be is a breach in the book."""

    def __init__(self, *, port: int, book: Book, project: int, sessions: Sequence[str], sockets: int) -> None:
        self.port, self.book, self.project, self.sessions, self.sockets = port, book, project, sessions, sockets

    def in_front(self, *, meanwhile: Callable[[], None]) -> None:
        """What only nginx can keep away; `meanwhile` is done while all the sockets are open."""
        with self._silent(self.sockets), self._slow() as slow:
            self.large()
            meanwhile()
            for name, wire in slow:
                self._expect_end(name, wire)

    def large(self) -> None:
        """100 MB where a few bytes are asked for: refused before they are sent."""
        head = Line(self.port, self.sessions[0]).raw(as_json("POST", "/api/v1/assignments/1/submit/"))
        head = head.replace(b"Content-Length: 0", f"Content-Length: {LARGE}".encode())
        with closing(self._wire("127.0.4.1")) as wire:
            wire.sendall(head + b"x" * 65536)
            said = wire.recv(200)
        if b" 413 " not in said:
            self.book.breach(f"100 MB were answered with {said!r}")

    def greedy(self) -> None:
        """A script that asks for the next task for ever: it holds one at a time, and is told to slow down. On a machine
        that does much else it may not come to so many requests within the minute."""
        began, replies = time.monotonic(), list[Reply]()

        def ask() -> None:
            line = Line(self.port, self.sessions[0], source="127.0.2.1")
            while time.monotonic() < began + GREEDY_S and not any(one.status == 429 for one in replies):
                reply = self._ask(line, as_json("POST", f"/api/v1/projects/{self.project}/next/", {}))
                replies.extend([reply] if reply is not None else [])
            line.close()

        self._together([ask] * 4)
        limited = [one for one in replies if one.status == 429]
        most = int(settings.CROWD_API_RATES["work"].split("/")[0])
        if (len(replies) > most and not limited) or not all(one.headers.get("retry-after") for one in limited):
            self.book.breach(f"Nobody stopped who asked {len(replies)} times for the next task, or said how long")
        self._expect_one_at_a_time("a script", replies, began)

    def tabs(self) -> None:
        """One worker, fifty tabs at once: one task, and one answer."""
        began = time.monotonic()
        taken = self._at_once(as_json("POST", f"/api/v1/projects/{self.project}/next/", {}))
        for assignment, attempt in self._expect_one_at_a_time("fifty tabs", taken, began).items():
            told = {"value": {"units": [{"mood": "good"}]}, "attempt": attempt, "take_next": False}
            said = self._at_once(as_json("POST", f"/api/v1/assignments/{assignment}/submit/", told))
            done = [reply for reply in said if reply.status == 200]
            for reply in done:
                self.book.acknowledge((assignment, attempt), "good", reply.told["answer"], reply)
            answers = Answer.objects.filter(assignment=assignment, attempt=attempt).count()
            if done and answers != 1:
                self.book.breach(f"{len(done)} submits of fifty tabs were acknowledged, and made {answers} answers")
            strange = {reply.status for reply in said} - {200, 409, 429, 503}  # 409: its time had run out
            if strange:
                self.book.breach(f"Fifty tabs were answered with {strange}")

    def _at_once(self, request: Request) -> list[Reply]:
        replies: list[Reply] = []

        def one() -> None:
            line = Line(self.port, self.sessions[1], source="127.0.2.2")
            reply = self._ask(line, request)
            replies.extend([reply] if reply is not None else [])
            line.close()

        self._together([one] * TABS)
        return replies

    def _ask(self, line: Line, request: Request) -> Reply | None:
        try:
            reply = line.ask(request)
        except LOST:
            self.book.lost()
            return None
        self.book.reply(request, reply, bad=True)
        return reply

    def _expect_one_at_a_time(self, who: str, replies: Sequence[Reply], began: float) -> dict[int, int]:
        """The attempt of each; another one only where the time for the one before has run out."""
        held = {one.told["id"]: one.told["attempt"] for one in replies if one.status == 200}
        if not 1 <= len(held) <= 1 + (time.monotonic() - began) / TIME_LIMIT_S:
            self.book.breach(f"After {len(replies)} requests for the next task {who} got {len(held)} tasks")
        return held

    @contextmanager
    def _silent(self, number: int) -> Iterator[None]:
        """Sockets that are opened and say nothing; one that is closed by the site is opened anew."""
        wires: dict[int, tuple[socket.socket, str]] = {}
        done, poll = threading.Event(), select.poll()

        def open_one(source: str) -> None:
            wire = self._wire(source)
            wires[wire.fileno()] = wire, source
            poll.register(wire, select.POLLIN)

        def keep() -> None:
            while not done.wait(0.2):
                for descriptor, _event in poll.poll(0):
                    wire, source = wires.pop(descriptor)
                    poll.unregister(descriptor)
                    wire.close()
                    open_one(source)

        keeper = threading.Thread(target=keep, daemon=True)
        try:
            for one in range(number):
                open_one(f"127.0.{5 + one // 250}.{1 + one % 250}")
            keeper.start()
            yield
            if not keeper.is_alive():
                self.book.breach("Sockets that say nothing could not be kept open")
        finally:
            done.set()
            if keeper.ident:
                keeper.join(LATE_S)
            for wire, _source in wires.values():
                wire.close()

    @contextmanager
    def _slow(self) -> Iterator[list[tuple[str, socket.socket]]]:
        """Half a head, byte by byte; a head with half of its body; and nothing."""
        request = Line(self.port, self.sessions[0]).raw(as_json("POST", "/api/v1/assignments/1/submit/", {"value": 1}))
        wires = [("half a head", self._wire("127.0.3.1")) for _number in range(SLOW // 2)]
        wires += [("half a body", self._wire("127.0.3.2")) for _number in range(SLOW // 2)]
        wires.append(("nothing", self._wire("127.0.3.3")))
        for name, wire in wires[:-1]:
            wire.sendall(request[:20] if name == "half a head" else request[:-5])
        done = threading.Event()
        dripping = threading.Thread(target=self._drip, args=[[one for name, one in wires if "head" in name], done])
        dripping.start()
        try:
            yield wires
        finally:
            done.set()
            dripping.join(LATE_S)
            for _name, wire in wires:
                wire.close()

    def _drip(self, wires: Sequence[socket.socket], done: threading.Event) -> None:
        while not done.wait(0.5):
            for wire in wires:
                with contextlib.suppress(OSError):
                    wire.send(b"x")

    def _expect_end(self, name: str, wire: socket.socket) -> None:
        """A refusal, or the line is closed."""
        wire.settimeout(PATIENCE_S + LATE_S)
        try:
            said = wire.recv(200)
        except TimeoutError:
            self.book.breach(f"Who sent {name} is still waited for")
        except OSError:
            return
        else:
            if said and b" 408 " not in said and b" 400 " not in said:
                self.book.breach(f"Who sent {name} was answered with {said!r}")

    def _together(self, deeds: Sequence[Callable[[], None]]) -> None:
        for error in errors(together(*deeds, seconds=GREEDY_S + 120)):
            self.book.breach(f"A bad client gave up: {error!r}")

    def _wire(self, source: str) -> socket.socket:
        return socket.create_connection((HOST, self.port), 20, source_address=(source, 0))
