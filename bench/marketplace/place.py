"""Where it runs: a PostgreSQL of its own in a folder of its own, and the web server as production starts it.

The settings are those of deploy/example.env, so DEBUG is off, cookies are secure, static files are collected, and the
site believes that a proxy speaks to it.
"""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from crowd.kernel.postgres import server
from crowd.kernel.postgres.binaries import find_binaries
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HOST = "labels.example.org"
BEGAN = time.monotonic()
PATIENCE = 60.0
BYSTANDER = "bystander"  # who is connected while pages are counted, and asks for none
VERIFY_SECONDS = 3600  # over millions of tasks
UNITS = {"k": 1_000, "M": 1_000_000}
# What differs from the example: no services besides the database, and nobody is slowed down on purpose.
OURS = {
    "DATABASE_URL": "",  # the embedded server, in this folder
    "CELERY_BROKER_URL": "",
    "CACHE_URL": "",
    "EMAIL_URL": "",
    "CROWD_API_RATES": "work=1000000/min",
    "CROWD_TEST_MONEY_CAP": "100000000",
}
# As one would set PostgreSQL on a small machine of its own; everything that makes a commit durable stays on.
POSTGRES = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min", "wal_compression": "on"}
NOT_WORK = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ", "ALTER SYSTEM", "SELECT pg_reload_conf")
STATEMENT = re.compile(r"LOG:  (?:execute [^:]*|statement): *(.*)")


def settle(folder: Path, *, anew: bool = True, **other: str) -> None:
    """Environment (`other`: what else differs from the example), server, tables and static files, empty if `anew`.
    Django may be loaded after this, not before."""
    os.environ |= _example() | OURS | {"CROWD_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "crowd.settings"} | other
    server.stop(folder)
    if anew:
        shutil.rmtree(folder, ignore_errors=True)
    server.OPTIONS.update(POSTGRES)
    server.ensure_running(folder)
    for command in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"])[: 1 + anew]:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True, timeout=600)


def leave(folder: Path, *, wipe: bool = True) -> None:
    server.stop(folder)
    if wipe:
        shutil.rmtree(folder, ignore_errors=True)


def _example() -> dict[str, str]:
    """deploy/example.env, as a shell reads it."""
    words = shlex.split((ROOT / "deploy" / "example.env").read_text(), comments=True)
    return dict(word.split("=", 1) for word in words)


def verify() -> int:
    """How many invariants hold, which must be all."""
    command = [sys.executable, "manage.py", "verify"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=VERIFY_SECONDS)
    if done.returncode:
        raise SystemExit(f"Not everything holds that must hold:\n{done.stdout}{done.stderr}")
    return done.stdout.count("\nok") + 1


def say(words: str) -> None:
    """A line of progress, with the seconds since the program began."""
    print(f"{time.monotonic() - BEGAN:6.0f} s  {words}", file=sys.stderr, flush=True)


def timed(deed: Callable[..., Any], *given: Any) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    deed(*given)
    return time.perf_counter() - began


def number(text: str) -> int:
    """10k, 1M."""
    return int(float(text.rstrip("kM")) * UNITS.get(text[-1], 1))


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(server.url(server.data_folder()), autocommit=True)


def pgbench() -> list[str]:
    """The program and where its server is: the embedded PostgreSQL's, else the one of the machine's newest."""
    here = find_binaries() / "pgbench"
    found = [here] if here.exists() else sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    if not found:
        raise SystemExit("There is no pgbench. On Debian: apt install postgresql-contrib (postgresql-15 or newer).")
    return [str(found[-1]), "-h", str(server.socket_folder(server.data_folder())), "-U", server.ADMIN]


@contextlib.contextmanager
def site(*, jobs: bool = False) -> Iterator[int]:
    """The web server, with `jobs` also job worker and beat; gives its port, and stops it at the end."""
    from crowd.operations import serve

    port = free_port()
    commands = [f"gunicorn crowd.wsgi:application --bind 127.0.0.1:{port} {serve.WEB_OPTIONS}"]
    if jobs:
        commands.append("celery --quiet -A crowd.celery worker --concurrency 2 --loglevel ERROR")
        commands.append("celery --quiet -A crowd.celery beat --loglevel ERROR --pidfile=")
    parts: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            parts.append(serve.start([sys.executable, "-m", *command.split()]))
        _await(port)
        yield port
    finally:
        serve.stop(parts)


def _await(port: int) -> None:
    end = time.monotonic() + PATIENCE
    request = Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": HOST, "X-Forwarded-Proto": "https"})
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urlopen(request, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("The site does not answer.")


class Counter:
    """Counts what the server is asked in a block: `statements` by its log, `pages` (of 8 kB) by its statistics.

    BEGIN, COMMIT and the like are left out. The statistics are complete when the connections of the block have ended,
    so `pages` has those of the whole block, the log only what comes after `begin`.
    """

    statements = 0
    pages = 0

    def __enter__(self) -> "Counter":
        self.log = server.data_folder() / "postgres" / "log" / "postgres.log"
        self._set(log_statement="all", autovacuum="off")
        self.before = _pages()
        self.begin()
        return self

    def begin(self) -> None:
        self.start = self.log.stat().st_size

    def end(self) -> None:
        with self.log.open("rb") as log:
            log.seek(self.start)
            found = STATEMENT.findall(log.read().decode(errors="replace"))
        self.statements = sum(not one.startswith(NOT_WORK) for one in found)

    def __exit__(self, *failure: object) -> None:
        self.pages = _pages() - self.before
        self._set(log_statement="none", autovacuum="on")

    def _set(self, **values: str) -> None:
        with connect() as connection:
            for name, value in values.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")


def _pages() -> int:
    """Pages that were asked for in this database, found in memory or not."""
    end = time.monotonic() + PATIENCE
    others = """SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> %s"""
    with connect() as connection:
        while connection.execute(others, [BYSTANDER]).fetchone() != (0,):
            if time.monotonic() > end:
                raise SystemExit("Somebody stays connected, so the pages are not known.")
            time.sleep(0.05)
        row = connection.execute(
            "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])
