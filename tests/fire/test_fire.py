"""The short form of `make fire`: a few seconds under fire, each part of the site killed once, and nothing is lost."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import database
from tests.fire import schema
from tests.fire.parts import ROOT, kill_all

LIMIT_S = 480  # on a machine that does much else; alone it takes a tenth of that
# With this seed nothing is hit while it is just coming back, which would only be waited for.
SHORT = ["--seed", "504", "--seconds", "5", "--every", "0.7", "--workers", "8", "--sockets", "300"]
ONCE = ["--siege", "0", "--beats", "1", "--processes", "1"]


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_is_killed_nothing_is_lost_or_doubled_and_nobody_is_needed(tmp_path: Path) -> None:
    schema.write(file := tmp_path / "schema.sql", database=database.template())
    command = [sys.executable, "-m", "tests.fire", *SHORT, *ONCE, "--schema", str(file), "--limit", str(LIMIT_S)]
    fire = subprocess.Popen(command, cwd=ROOT, stdin=-3, stdout=-1, stderr=subprocess.STDOUT, text=True)
    try:
        said = fire.communicate(timeout=LIMIT_S + 30)[0]
    except subprocess.TimeoutExpired:
        fire.send_signal(signal.SIGTERM)
        said = fire.communicate(timeout=60)[0]
    finally:
        if fire.poll() is None:
            main = psutil.Process(fire.pid)
            kill_all([*main.children(recursive=True), main])

    assert fire.returncode == 0, said
    assert re.search(r"^killed: .*\bdatabase [1-9]", said, re.M)  # that each kind was, the run itself has seen to
    print(said)
