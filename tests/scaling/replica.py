"""A real streaming replica of the tests' PostgreSQL, for as long as a test wants one."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections

from crowd.kernel import environment, replica
from crowd.kernel.postgres.binaries import find_binaries
from tests.database import conninfo
from tests.scaling.identity import as_user_of

PORT = 6433
WAIT_S = 60
OPTIONS = (
    "-c listen_addresses='' -c shared_buffers=16MB -c max_connections=200 -c hot_standby_feedback=on"
    " -c unix_socket_directories={0} -p {1}"
)


@dataclass
class Standby:
    """A server in recovery, which replays what the tests' server writes."""

    folder: Path

    @property
    def url(self) -> str:
        of = settings.DATABASES["default"]
        return f"postgresql://{of['USER']}@/{connection.settings_dict['NAME']}?host={self.folder}&port={PORT}"

    def start(self) -> None:
        self._control("-w", "-t", str(WAIT_S), "-o", OPTIONS.format(self.folder, PORT), "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "-w", "stop")

    def lag(self) -> None:
        """It still answers, and hears of everything, but replays nothing more."""
        self._say("SELECT pg_wal_replay_pause()")
        while self._say("SELECT pg_get_wal_replay_pause_state()") != "paused":
            time.sleep(0.02)

    def go_on(self) -> None:
        self._say("SELECT pg_wal_replay_resume()")

    def _say(self, question: str) -> Any:
        with psycopg.connect(self.url, autocommit=True) as line:
            row = line.execute(question).fetchone()
            assert row is not None
            return row[0]

    def _control(self, *deed: str) -> None:
        data, log = self.folder / "data", self.folder / "log"
        command = [str(find_binaries() / "pg_ctl"), "-D", str(data), "-l", str(log), *deed]
        done = _run(command, self.folder)
        assert done.returncode == 0, f"{done.stdout}{log.read_text() if log.exists() else ''}"


@contextmanager
def standby() -> Iterator[Standby]:
    """With its first copy made and replaying; the site's `replica` for as long as this lasts."""
    folder = Path(mkdtemp(prefix="crowd-replica-", dir="/tmp"))
    one = Standby(folder)
    _keep_log("512MB")  # until it has been read: beside this test others write, and make checkpoints
    try:
        copy = [str(find_binaries() / "pg_basebackup"), "-D", str(folder / "data"), "-R", "-X", "stream", "-c", "fast"]
        done = _run([*copy, "--no-sync", "-d", conninfo()], folder)
        assert done.returncode == 0, done.stdout
        one.start()
        with _as_replica(one):
            yield one
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            one.stop()
        _keep_log("0")
        shutil.rmtree(folder)


def _keep_log(size: str) -> None:
    with psycopg.connect(conninfo(dbname="postgres"), autocommit=True) as line:
        line.execute(f"ALTER SYSTEM SET wal_keep_size = '{size}'")
        line.execute("SELECT pg_reload_conf()")


@contextmanager
def _as_replica(one: Standby) -> Iterator[None]:
    primary = connections.settings["default"]
    connections.settings[replica.REPLICA] = {**primary, **environment.replica(one.url, primary)}
    line: Any = connections[replica.REPLICA]

    def ensure_connection() -> None:
        """Django's own: in a test it allows only databases that were there when the test began."""
        if line.connection is None:
            with line.wrap_database_errors:
                line.connect()

    line.ensure_connection = ensure_connection
    try:
        yield
    finally:
        connections[replica.REPLICA].close()
        del connections[replica.REPLICA]
        del connections.settings[replica.REPLICA]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """As the database server's user; the output goes to a file, for a server that stays keeps a pipe open."""
    output = folder / "output"
    output.touch()
    of = as_user_of(settings.DATABASES["default"]["HOST"], folder)
    with output.open("w+") as file:
        done = subprocess.run(command, stdout=file, stderr=file, timeout=WAIT_S * 2, cwd="/", **of)
        return subprocess.CompletedProcess(command, done.returncode, output.read_text())
