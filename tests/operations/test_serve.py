"""`manage.py serve` brings up the whole site, and takes all of it down again."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.request import urlopen

import psutil
import pytest

from crowd.kernel.postgres import server
from crowd.operations import serve
from tests.fire.parts import kill_all
from tests.operations.waiting import eventually
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HOLD = [sys.executable, "-m", "crowd.kernel.postgres", "hold"]
SERVE = [sys.executable, "manage.py", "serve"]


@pytest.fixture
def surroundings() -> Iterator[dict[str, str]]:
    """A site of its own: data folder, embedded database, broker folder and port."""
    folder = Path(mkdtemp(prefix="crowd-test-")).resolve()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "CELERY_BROKER_"))}
    yield kept | {
        "CROWD_DATA": str(folder),
        "CROWD_URL": f"http://127.0.0.1:{free_port()}",
        "DJANGO_SETTINGS_MODULE": "crowd.settings",
    }
    server.stop(folder)
    rmtree(folder)


def command_of(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):  # some live for a moment only
        return list(process.cmdline())
    return []


@pytest.mark.slow
def test_the_site_comes_up_starts_again_what_ends_and_goes_down_as_a_whole(surroundings: dict[str, str]) -> None:
    """One site for the whole story: it takes seconds to come up."""
    site = subprocess.Popen([*HOLD, *SERVE], cwd=ROOT, env=surroundings, stdin=-3, stdout=-1, stderr=-1, text=True)
    assert site.stdout
    assert site.stderr
    try:
        assert f"Serving {surroundings['CROWD_URL']}" in site.stdout.readline()
        with urlopen(f"{surroundings['CROWD_URL']}/healthz") as answer:
            assert answer.read() == b"ok"
        commands = [" ".join(command_of(each)) for each in parts_of(site)]
        for part in ("gunicorn", "celery --quiet -A crowd.celery worker", "celery --quiet -A crowd.celery beat"):
            assert any(part in command for command in commands)

        (worker,) = main_processes(site, "worker")
        kill_all([worker, *worker.children(recursive=True)])
        assert any("Ended by itself: job worker" in line for line in site.stderr)
        assert eventually(lambda: bool(main_processes(site, "worker")), 60)
        running = parts_of(site)
    finally:
        site.send_signal(signal.SIGINT)
        site.communicate(timeout=180)

    assert site.returncode == 0
    assert psutil.wait_procs(running, timeout=60)[1] == []
    assert not server.is_running(Path(surroundings["CROWD_DATA"]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_service_manager_ask_it_to_stop(number: int) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        asked = serve._listen_for_signals()
        os.kill(os.getpid(), number)
        assert asked.wait(60)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def parts_of(site: "subprocess.Popen[str]") -> list[psutil.Process]:
    return list(psutil.Process(site.pid).children(recursive=True))


def main_processes(site: "subprocess.Popen[str]", part: str) -> list[psutil.Process]:
    """Of one part: without those that it has started itself."""
    named = [each for each in parts_of(site) if part in command_of(each)]
    return [each for each in named if each.parent() not in named]


def test_a_part_that_ends_again_and_again_is_waited_for_longer_and_longer() -> None:
    part, now = serve.Part([sys.executable, "-c", ""]), 0.0
    try:
        for pause in (1, 2, 4, 8, 16, 30, 30):
            part.process.wait(60)
            part.began = now
            assert part.look_after(now)
            assert part.pause_s == pause
            assert not part.look_after(now)
            assert part.ended()  # still
            now += pause
            assert not part.look_after(now)
        part.process.wait(60)
        part.began = now - serve.LIVED_S - 1
        assert part.look_after(now)
        assert part.pause_s == 1
    finally:
        serve.stop([part.process])


def test_what_ends_before_the_site_answers_is_waited_for_by_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    part, address = serve.Part([sys.executable, "-c", ""]), serve.Address("127.0.0.1", free_port())
    part.process.wait(60)

    assert not serve._answers(address, {"beat": part}, threading.Event())
    assert serve._verdict({"beat": part}, threading.Event()) == 1
    assert "Ended by itself: beat. Stopping the rest." in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_plainly(surroundings: dict[str, str]) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", int(surroundings["CROWD_URL"].rsplit(":")[-1])))
        other.listen()
        done = subprocess.run(SERVE, cwd=ROOT, env=surroundings, capture_output=True, text=True)

    assert done.returncode == 1
    assert "Cannot serve on 127.0.0.1" in done.stderr
    assert "CROWD_URL=http://127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr
