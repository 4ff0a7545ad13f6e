"""Serve the site from one command: the web server, a job worker and beat, started together and stopped together.

For this machine, demos and small installations. Bigger ones run the three under systemd (docs/deploy.md). As there, a
part that ends by itself is started again: a job worker does end, for one, when one of its processes is killed in the
moment in which the broker is lost (StopIteration in billiard's `_avail_index`; celery/celery#3729).
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils.translation import gettext as _

STOP_SECONDS = 20.0
READY_SECONDS = 60.0
LOOK_EVERY = 0.2
# Before a part is started again; twice as long each time, until it has lived for a while.
FIRST_PAUSE_S, LONGEST_PAUSE_S, LIVED_S = 1.0, 30.0, 60.0
WEB_OPTIONS = (
    "--worker-class gthread --workers 2 --threads 8 --log-level warning --graceful-timeout 10 --no-control-socket"
)


class CannotServe(Exception):
    """The site cannot be served here; the message says why."""


@dataclass(frozen=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def serve(*, on_ready: Callable[[str], None] = print, wait: bool = True) -> int:
    """Start everything, call `on_ready` with the site's address, then stay until Ctrl-C or SIGTERM.

    Returns 0 after a stop that was asked for, 1 when a part ended by itself before the site answered (its name is told
    on standard error; the others are stopped too); once it has, such a part is started again. With wait=False
    everything is stopped again as soon as the site answers. Raises CannotServe when the address is taken or the site
    does not come up.
    """
    address = _address()
    _refuse_taken(address)
    asked_to_stop = _listen_for_signals()
    parts = {name: Part(command) for name, command in _commands(address).items()}
    try:
        if _answers(address, parts, asked_to_stop):
            on_ready(settings.CROWD_URL)
            if wait:
                _watch(parts, asked_to_stop)
        return _verdict(parts, asked_to_stop if wait else None)
    finally:
        stop([part.process for part in parts.values()])


class Part:
    """One of the three, which can be started again."""

    def __init__(self, command: list[str]) -> None:
        self.command, self.pause_s = command, FIRST_PAUSE_S
        self.again_at: float | None = None
        self._start()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def look_after(self, now: float) -> bool:
        """Whether it was found to have ended just now; after its pause it is started again."""
        if not self.ended():
            return False
        if self.again_at is None:
            self.pause_s = FIRST_PAUSE_S if now > self.began + LIVED_S else self.pause_s
            self.again_at = now + self.pause_s
            return True
        if now >= self.again_at:
            stop([self.process])  # what is left of its session
            self.pause_s = min(2 * self.pause_s, LONGEST_PAUSE_S)
            self._start()
        return False

    def _start(self) -> None:
        self.process, self.began, self.again_at = start(self.command), time.monotonic(), None


def _address() -> Address:
    """CROWD_BIND (host:port), else the port of CROWD_URL on this machine, else 127.0.0.1:8000."""
    bind = os.environ.get("CROWD_BIND", "").strip()
    parts = urlsplit(f"//{bind}" if bind else settings.CROWD_URL)
    if not bind and not settings.CROWD_LOCAL:
        return Address("127.0.0.1", 8000)
    try:
        return Address(parts.hostname or "127.0.0.1", parts.port or 8000)
    except ValueError as error:
        raise CannotServe(f"CROWD_BIND={bind}: {error}") from error


def _refuse_taken(address: Address) -> None:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            reason = _("Cannot serve on %(address)s: %(error)s. Choose another port, such as CROWD_URL=%(other)s")
            facts = {"address": address, "error": error.strerror, "other": f"http://127.0.0.1:{address.port + 1}"}
            raise CannotServe(reason % facts) from error


def _commands(address: Address) -> dict[str, list[str]]:
    commands = {
        _("web server"): f"gunicorn crowd.wsgi:application --bind {address} {WEB_OPTIONS}",
        _("job worker"): "celery --quiet -A crowd.celery worker --concurrency 2 --loglevel WARNING",
        _("beat"): "celery --quiet -A crowd.celery beat --loglevel WARNING --pidfile=",
    }
    return {name: [sys.executable, "-m", *command.split()] for name, command in commands.items()}


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """One part of the site; `stop` ends it."""
    # A session of its own: Ctrl-C reaches this process only, which then stops the parts in an orderly way.
    # Celery warns of running as root for the sake of pickled messages; ours are JSON.
    surroundings = os.environ | {"PYTHONWARNINGS": "ignore:You're running the worker"}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=surroundings, start_new_session=True)


def _listen_for_signals() -> threading.Event:
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return asked


def _answers(address: Address, parts: dict[str, Part], asked_to_stop: threading.Event) -> bool:
    """Wait for the first good answer; False when there is no use in waiting any more."""
    end = time.monotonic() + READY_SECONDS
    while not asked_to_stop.wait(LOOK_EVERY) and not _ended(parts):
        if _is_healthy(address):
            return True
        if time.monotonic() > end:
            raise CannotServe(_("The site did not answer within %(seconds)d seconds.") % {"seconds": READY_SECONDS})
    return False


def _is_healthy(address: Address) -> bool:
    host = urlsplit(settings.CROWD_URL).netloc
    request = Request(f"http://{address}/healthz", headers={"Host": host})
    with contextlib.suppress(URLError, OSError), urlopen(request, timeout=5) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


def _watch(parts: dict[str, Part], asked_to_stop: threading.Event) -> None:
    while not asked_to_stop.wait(LOOK_EVERY):
        for name, part in parts.items():
            if part.look_after(time.monotonic()):
                facts = {"name": name, "seconds": f"{part.pause_s:.0f}"}
                said = _("Ended by itself: %(name)s. It is started again in %(seconds)s seconds.") % facts
                print(said, file=sys.stderr, flush=True)


def _ended(parts: dict[str, Part]) -> list[str]:
    return [name for name, part in parts.items() if part.ended()]


def _verdict(parts: dict[str, Part], asked_to_stop: threading.Event | None) -> int:
    ended = _ended(parts)
    if not ended or (asked_to_stop and asked_to_stop.is_set()):
        return 0
    print(_("Ended by itself: %(names)s. Stopping the rest.") % {"names": ", ".join(ended)}, file=sys.stderr)
    return 1


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all of them to end what they are doing; after a while, end them and their children."""
    for process in processes:
        process.terminate()
    end = time.monotonic() + STOP_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, end - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
