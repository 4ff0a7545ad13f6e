"""A whole site as in production, in a folder of its own, and systemd's part in it: what dies is started again."""

import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import mkdtemp

import psutil

from crowd.kernel.postgres import server
from tests.fire import front
from tests.fire.parts import Database, Part, Program, replaced, unit
from tests.ports import free_port

OWN = ("CROWD_", "DATABASE_", "CELERY_", "CACHE_URL", "EMAIL_URL", "DJANGO_", "PYTEST_", "PG")
STARTS, WITHIN_S = 5, 10.0  # systemd's limit: a unit that is started more often stays dead until a person comes
READY_S = 180.0


class Broken(Exception):
    """The site does not come up by itself; the message says what stays dead."""


class Site:
    """Web server, job worker, beat, broker and database. `folder` holds everything, the logs too."""

    def __init__(self, folder: Path, *, processes: int, beats: int, rates: str) -> None:
        self.folder, self.rates, self.database = folder, rates, Database(folder)
        web = self.port = free_port()
        if front.is_there():
            self.port = free_port()
        self.surroundings = self._surroundings()
        self.front = front.program(folder, self.surroundings, port=self.port, web=web) if front.is_there() else None
        self.broker = self._broker()
        self.web = self._unit("web", bind=f"127.0.0.1:{web}", workers=processes)
        self.job_worker = self._unit("worker", concurrency=processes)
        self.beat, *others = (self._beat(number) for number in range(beats))
        self.parts: list[Part] = [
            part for part in (self.broker, self.web, self.job_worker, self.beat, *others, self.front) if part
        ]
        self.given_up: list[str] = []
        self._done = threading.Event()
        self._supervisor: list[threading.Thread] = []

    def start(self) -> None:
        """Everything but the database, which is filled first; then whatever dies is started again."""
        for part in self.parts:
            part.start()
        for each in (self.database, *self.parts):
            thread = threading.Thread(target=self._look_after, args=[each], daemon=True)
            self._supervisor.append(thread)
            thread.start()
        self.wait_until_healthy(READY_S)

    def wait_until_healthy(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.is_healthy():
            if time.monotonic() > end or self.given_up:
                raise Broken(f"Dead: {', '.join(self.given_up) or 'no answer of /healthz'}")
            time.sleep(0.1)

    def is_healthy(self) -> bool:
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as line:
                line.request("GET", "/healthz")
                return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False

    def stop(self) -> None:
        self._done.set()
        for thread in self._supervisor:
            thread.join(server.START_SECONDS)
        for part in (*reversed(self.parts), self.database):
            part.stop()

    def logs(self, lines: int = 15) -> str:
        """The end of each log, for who has to find out what went wrong."""
        said = []
        for path in sorted(self.folder.glob("*.log")):
            end = deque(path.open(errors="replace"), lines)
            said.append(f"--- {path.name}\n{''.join(end)}")
        return "\n".join(said)

    def _look_after(self, part: Part) -> None:
        starts: deque[float] = deque(maxlen=STARTS)
        while not self._done.wait(0.1):
            if part.alive():
                continue
            if self._done.wait(part.restart_s):
                return
            now = time.monotonic()
            if part.limited and len(starts) == STARTS and now - starts[0] < WITHIN_S:
                self.given_up.append(part.name)
                return
            starts.append(now)
            part.start()

    def _surroundings(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        redis = {
            "CELERY_BROKER_URL": f"redis+socket://{self.folder}/redis.sock",
            "CACHE_URL": f"unix://{self.folder}/redis.sock?db=1",
        }
        return kept | {
            "CROWD_DATA": str(self.folder),
            "CROWD_URL": f"http://127.0.0.1:{self.port}",
            "CROWD_REVIEW_FIRST_PROJECT": "0",
            "CROWD_API_RATES": self.rates,
            "CROWD_PROXIES": "1" if front.is_there() else "0",
            "DATABASE_URL": server.url(self.folder),
            "DJANGO_SETTINGS_MODULE": "tests.fire.settings",
            **(redis if shutil.which("redis-server") else {}),
        }

    def _broker(self) -> Program | None:
        """Redis; without it the messages are files, and nobody is there who could be killed."""
        if not shutil.which("redis-server"):
            return None
        options = ["--port", "0", "--unixsocket", f"{self.folder}/redis.sock", "--save", "", "--appendonly", "no"]
        return Program("broker", ["redis-server", *options], self.surroundings, self.folder / "broker.log")

    def _beat(self, number: int) -> Program:
        """Each with a timetable of its own: the second one is there by mistake."""
        beat = self._unit("beat")
        beat.command = [*beat.command, "--schedule", str(self.folder / f"beat-schedule-{number}")]
        return beat

    def _unit(self, name: str, **options: object) -> Program:
        said = unit(name)
        command = replaced(said.command, **options)
        program = Program(name, command, self.surroundings, self.folder / f"{name}.log")
        program.restart_s, program.limited = said.restart_s, said.limited
        return program


@contextmanager
def site(*, processes: int, beats: int, rates: str) -> Iterator[Site]:
    """A site with an empty PostgreSQL that runs; nothing of it is left afterwards."""
    folder = Path(mkdtemp(prefix="crowd-fire-")).resolve()
    made = Site(folder, processes=processes, beats=beats, rates=rates)
    try:
        made.database.start()
        made.database.hurry()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def left_of(here: Site) -> list[str]:
    """Processes that are still there though the site was stopped."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            told = [*process.cmdline(), process.environ().get("CROWD_DATA", "")]
            if process.pid != os.getpid() and any(str(here.folder) in one for one in told):
                found.append(" ".join(process.cmdline()))
    return found
