"""The embedded PostgreSQL: it starts when needed, once, for everybody, and leaves nothing behind."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from unittest.mock import patch

import psycopg
import pytest

from crowd.kernel.postgres import server
from crowd.kernel.postgres.hold import hold

ROOT = Path(__file__).resolve().parents[2]
# By name: the processes of connections that were closed a moment ago may still be there.
COUNT_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'another'"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own, with a path short enough for a socket; its server is stopped at the end."""
    place = Path(mkdtemp(prefix="crowd-test-")).resolve()
    for name in ("CROWD_DATA", "CROWD_TEST_DATA"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield place
    monkeypatch.delenv("CROWD_POSTGRES_BIN", raising=False)
    server.stop(place)
    rmtree(place)


def ask(folder: Path, question: str) -> object:
    with psycopg.connect(server.url(folder), autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


def test_a_first_start_makes_a_server_that_keeps_its_data(folder: Path) -> None:
    assert server.ensure_running(folder)
    with psycopg.connect(server.url(folder)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")

    assert server.stop(folder)
    assert not server.is_running(folder)
    assert not server.stop(folder)

    assert server.ensure_running(folder)
    assert ask(folder, "SELECT number FROM kept") == 42


def test_it_is_safe_and_reachable_only_through_a_private_socket(folder: Path) -> None:
    server.ensure_running(folder)

    shown = {
        name: ask(folder, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "listen_addresses", "timezone")
    }
    assert shown == {"fsync": "on", "synchronous_commit": "on", "listen_addresses": "", "timezone": "UTC"}
    assert int(str(ask(folder, "SHOW max_connections"))) >= 200
    assert server.socket_folder(folder).stat().st_mode & 0o077 == 0


def test_a_running_server_costs_next_to_nothing_to_find(folder: Path) -> None:
    """No process is started and nobody's turn is waited for."""
    server.ensure_running(folder)

    with patch.object(subprocess, "Popen") as process, patch.object(server, "locked") as turn:
        assert not server.ensure_running(folder)
    assert not process.called
    assert not turn.called


def test_many_processes_starting_at_once_get_one_server(folder: Path) -> None:
    outcomes = at_once(6, server.ensure_running, folder)

    assert sorted(outcomes) == ["False"] * 5 + ["True"]


def test_without_the_lock_they_would_trip_over_each_other(folder: Path) -> None:
    """The control of the test above: the same starts, not taking turns."""
    outcomes = at_once(6, server._start, folder)

    assert any(outcome not in ("None", "True", "False") for outcome in outcomes)


def at_once(count: int, start: Callable[[Path], object], folder: Path) -> list[str]:
    context = get_context("fork")
    results: Queue[str] = context.Queue()
    barrier = context.Barrier(count)

    def process() -> None:
        barrier.wait()
        try:
            results.put(str(start(folder)))
        except Exception as error:
            results.put(type(error).__name__)

    processes = [context.Process(target=process) for _ in range(count)]
    for each in processes:
        each.start()
    outcomes = [results.get(timeout=60) for _ in processes]
    for each in processes:
        each.join()
    return outcomes


def test_a_data_folder_with_a_path_too_long_for_sockets_works(folder: Path) -> None:
    deep = folder / ("a folder with a long name " * 4).strip() / "data"
    assert len(str(server.socket_folder(deep))) < 60

    server.ensure_running(deep)
    try:
        assert ask(deep, "SELECT 1") == 1
    finally:
        server.stop(deep)
    assert not server.socket_folder(deep).exists()


def test_a_socket_folder_that_somebody_else_made_is_not_trusted(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder in another user's name")
    deep = folder / ("long name " * 12).strip()
    trap = server.socket_folder(deep)
    trap.mkdir()
    os.chown(trap, 12345, 12345)
    try:
        with pytest.raises(server.CannotStart, match="belongs to another user"):
            server.ensure_running(deep)
    finally:
        trap.rmdir()


def python(program: str) -> str:
    """What the program prints in a process of its own, with the environment of the test."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "crowd.settings"}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


QUESTION = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_database()")
    print(cursor.fetchone()[0])
"""


def test_the_first_question_of_any_process_starts_the_server(folder: Path) -> None:
    assert not server.is_running(folder)
    assert python(QUESTION) == "crowd"
    assert server.is_running(folder)


def test_work_goes_on_after_the_server_was_stopped(folder: Path) -> None:
    again = (
        f"{QUESTION}\nfrom crowd.kernel.postgres import server\nserver.stop(server.data_folder())\nconnection.close()"
    )
    program = f"{again}\n{QUESTION.replace('import django; django.setup()', '')}"

    assert python(program).split() == ["crowd", "crowd"]


def test_after_a_crash_what_was_committed_is_there(folder: Path) -> None:
    server.ensure_running(folder)
    with psycopg.connect(server.url(folder)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")

    os.kill(postmaster(folder), signal.SIGKILL)

    assert python(QUESTION) == "crowd"
    assert ask(folder, "SELECT number FROM kept") == 42


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def test_settings_alone_start_nothing(folder: Path) -> None:
    python("import django; django.setup()")

    assert not server.is_running(folder)


def test_hold_leaves_the_machine_as_it_found_it(folder: Path) -> None:
    assert hold(folder, [sys.executable, "-c", ASKING.format(url=server.url(folder))]) == 7
    assert not server.is_running(folder)


ASKING = "import psycopg, sys; psycopg.connect({url!r}).execute('SELECT 1'); sys.exit(7)"


def test_hold_does_not_stop_a_server_that_was_there_before(folder: Path) -> None:
    server.ensure_running(folder)

    hold(folder, [sys.executable, "-c", ""])

    assert server.is_running(folder)


def test_hold_does_not_stop_a_server_that_others_use(folder: Path) -> None:
    login = f"psycopg.connect({server.url(folder)!r}, application_name='another')"
    connect = f"import psycopg; c = {login}; print('there', flush=True); input()"
    other = [sys.executable, "-c", connect]
    starter = f"import subprocess, sys; p = subprocess.Popen({other!r}, stdin=open({str(fifo(folder))!r}), stdout=-1)"
    assert hold(folder, [sys.executable, "-c", f"{starter}; p.stdout.readline()"]) == 0

    assert server.is_running(folder)
    assert ask(folder, COUNT_OTHERS) == 1


def fifo(folder: Path) -> Path:
    """A pipe that is open for writing as long as the test process lives: who reads from it waits."""
    path = folder / "pipe"
    os.mkfifo(path)
    os.open(path, os.O_RDWR)
    return path


def test_of_overlapping_holds_the_last_one_stops_the_server(folder: Path) -> None:
    inner = [sys.executable, "-m", "crowd.kernel.postgres", "hold", sys.executable, "-c", ""]
    check = f"import subprocess; subprocess.run({inner!r}, check=True)"
    check += "; from crowd.kernel.postgres import server; assert server.is_running(server.data_folder())"

    assert hold(folder, [sys.executable, "-c", check]) == 0

    assert not server.is_running(folder)


def test_a_missing_postgres_is_said_plainly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWD_POSTGRES_BIN", "/nowhere")

    assert "No PostgreSQL found in /nowhere" in refusal()


def test_data_of_another_version_is_said_plainly(folder: Path) -> None:
    server.ensure_running(folder)
    server.stop(folder)
    (folder / "postgres" / "data" / "PG_VERSION").write_text("9\n")

    said = refusal()

    assert "cannot be started" in said
    assert "version 9" in said
    assert "DATABASE_URL" in said


def refusal() -> str:
    """What a command says when there is no database; it ends with one message and no traceback."""
    command = [sys.executable, "manage.py", "showmigrations"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="is about root, who may not run PostgreSQL")
def test_as_root_the_server_runs_as_somebody_with_less_power(folder: Path) -> None:
    server.ensure_running(folder)

    owner = pwd.getpwuid(Path(f"/proc/{postmaster(folder)}").stat().st_uid).pw_name
    assert owner in ("postgres", "nobody")
