"""The parts of a site as processes that can be killed: each says how it is started, killed and stopped for good."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import psycopg

from crowd.kernel.postgres import server
from tests.operations.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20


@dataclass(frozen=True)
class Unit:
    """What systemd is told of a service, as far as it matters here."""

    command: list[str]  # run by this Python
    restart_s: float  # before it is started again
    limited: bool  # whether it stays dead once it was started too often


def unit(name: str) -> Unit:
    """deploy/crowd-NAME.service; what it does not say is systemd's own default."""
    said = RawConfigParser(strict=False)
    said.optionxform = str  # type: ignore[assignment,method-assign]
    said.read(ROOT / "deploy" / f"crowd-{name}.service")
    program, *rest = shlex.split(said["Service"]["ExecStart"])
    return Unit(
        command=[sys.executable, "-m", Path(program).name, *rest],
        restart_s=float(said["Service"].get("RestartSec", "0.1")),
        limited=said["Unit"].get("StartLimitIntervalSec") != "0",
    )


def replaced(command: Sequence[str], **options: object) -> list[str]:
    """The command with other values of some of its options."""
    found = list(command)
    for name, value in options.items():
        found[found.index(f"--{name}") + 1] = str(value)
    return found


def kill_all(processes: Sequence[psutil.Process]) -> bool:
    """Whether any of them lived until then."""
    killed = False
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if _lives(process):
                process.kill()
                killed = True
    eventually(lambda: not any(map(_lives, processes)), 5)
    return killed


def _lives(process: psutil.Process) -> bool:
    """A zombie does not: it has closed everything, and is only not buried yet by whoever inherited it."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


class Part:
    """One of them. `restart_s` and `limited` as in Unit. Who kills is told whether there was anything to kill."""

    name: str
    restart_s = 0.1
    limited = False

    def start(self) -> None:
        raise NotImplementedError

    def alive(self) -> bool:
        raise NotImplementedError

    def processes(self) -> list[psutil.Process]:
        """All of them, the main one first; empty when it is dead."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def kill(self) -> bool:
        """All of its processes at once, as a power cut does."""
        return kill_all(self.processes())

    def kill_one(self, random: Random) -> bool:
        """One of its children only: the main process has to notice."""
        children = self.children()
        return bool(children) and kill_all([random.choice(children)])

    def children(self) -> list[psutil.Process]:
        return self.processes()[1:]


class Program(Part):
    def __init__(self, name: str, command: Sequence[str], surroundings: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.surroundings, self.log = name, command, surroundings, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.surroundings),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def alive(self) -> bool:
        if self.process is None or self.process.poll() is None:
            return self.process is not None
        self._bury()
        return False

    def processes(self) -> list[psutil.Process]:
        try:
            main = psutil.Process(self.process.pid if self.process and self.process.poll() is None else -1)
            return [main, *main.children(recursive=True)]
        except (psutil.NoSuchProcess, ValueError):
            return []

    def kill(self) -> bool:
        killed = super().kill()
        self._bury()
        return killed

    def stop(self) -> None:
        """At once: what dies in the middle is what this is about."""
        if self.process is not None:
            self.kill()

    def _bury(self) -> None:
        """What is left of its session goes too, as systemd clears a unit's group."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


class Database(Part):
    """A PostgreSQL of the run's own. A commit is written before it is told, as by default, but not forced to the disk:
    processes are killed here, not the machine, and after each of their deaths it would sync all of its files."""

    name = "database"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self) -> None:
        server.ensure_running(self.folder)

    def hurry(self) -> None:
        with psycopg.connect(server.url(self.folder), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def alive(self) -> bool:
        return server.is_running(self.folder)

    def processes(self) -> list[psutil.Process]:
        try:
            pid = int((self.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
            main = psutil.Process(pid)
            return [main, *main.children()]
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return []

    def children(self) -> list[psutil.Process]:
        """Those behind a connection; when one dies, PostgreSQL ends all of them and recovers from its log."""
        return [one for one in super().children() if "crowd" in _command(one)]

    def stop(self) -> None:
        server.stop(self.folder)


def _command(process: psutil.Process) -> str:
    try:
        return "".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""
