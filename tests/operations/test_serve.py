"""`manage.py serve` brings up the whole site, and takes all of it down again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.request import urlopen

import psutil
import pytest

from crowd.kernel.postgres import server
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HOLD = [sys.executable, "-m", "crowd.kernel.postgres", "hold"]
SERVE = [sys.executable, "manage.py", "serve"]


@pytest.fixture
def surroundings() -> Iterator[dict[str, str]]:
    """A site of its own: data folder, embedded database, broker folder and port."""
    folder = Path(mkdtemp(prefix="crowd-test-")).resolve()
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    yield kept | {
        "CROWD_DATA": str(folder),
        "CROWD_URL": f"http://127.0.0.1:{free_port()}",
        "DJANGO_SETTINGS_MODULE": "crowd.settings",
    }
    server.stop(folder)
    rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize("request_to_stop", [signal.SIGINT, signal.SIGTERM])
def test_the_site_comes_up_and_goes_down_as_a_whole(surroundings: dict[str, str], request_to_stop: int) -> None:
    site = subprocess.Popen([*HOLD, *SERVE], cwd=ROOT, env=surroundings, stdin=-3, stdout=-1, text=True)
    assert site.stdout
    try:
        assert f"Serving {surroundings['CROWD_URL']}" in site.stdout.readline()
        with urlopen(f"{surroundings['CROWD_URL']}/healthz") as answer:
            assert answer.read() == b"ok"
        running = psutil.Process(site.pid).children(recursive=True)
        commands = [" ".join(each.cmdline()) for each in running]
        for part in ("gunicorn", "celery --quiet -A crowd.celery worker", "celery --quiet -A crowd.celery beat"):
            assert any(part in command for command in commands)
    finally:
        site.send_signal(request_to_stop)
        code = site.wait(timeout=60)

    assert code == 0
    assert [each for each in running if each.is_running()] == []
    assert not server.is_running(Path(surroundings["CROWD_DATA"]))


@pytest.mark.slow
def test_when_one_part_ends_by_itself_the_rest_is_stopped_and_it_is_told(surroundings: dict[str, str]) -> None:
    site = subprocess.Popen([*HOLD, *SERVE], cwd=ROOT, env=surroundings, stdin=-3, stdout=-1, stderr=-1, text=True)
    assert site.stdout
    site.stdout.readline()
    running = psutil.Process(site.pid).children(recursive=True)
    (beat,) = [each for each in running if "beat" in each.cmdline()]

    beat.kill()
    said = site.communicate(timeout=60)[1]

    assert site.returncode == 1
    assert "Ended by itself: beat" in said
    assert [each for each in running if each.is_running()] == []


def test_a_port_that_is_taken_is_said_plainly(surroundings: dict[str, str]) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", int(surroundings["CROWD_URL"].rsplit(":")[-1])))
        other.listen()
        done = subprocess.run(SERVE, cwd=ROOT, env=surroundings, capture_output=True, text=True)

    assert done.returncode == 1
    assert "Cannot serve on 127.0.0.1" in done.stderr
    assert "CROWD_URL=http://127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr
