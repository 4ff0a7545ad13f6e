"""python -m tests.scaling.rabbit: all job tests once more on a real RabbitMQ (Debian: apt install rabbitmq-server).

A node of its own, in a folder and on ports of its own. Not part of the suite: Erlang takes a minute to start where
others work too.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tests.ports import free_port
from tests.scaling.identity import as_user_of

WAIT_S = 240


@contextmanager
def broker() -> Iterator[str]:
    """Its CELERY_BROKER_URL."""
    folder = Path(mkdtemp(prefix="crowd-rabbit-", dir="/tmp"))
    amqp, between = free_port(), free_port()
    config = folder / "rabbitmq.conf"
    config.write_text(f"listeners.tcp.1 = 127.0.0.1:{amqp}\nlog.console = true\nlog.file = false\n")
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "RABBITMQ_CONFIG_FILE": str(config.with_suffix("")),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_NODENAME": f"crowd{amqp}@localhost",
        "RABBITMQ_DIST_PORT": str(between),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "ERL_EPMD_PORT": str(free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [_program()], env=surroundings, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, **as_user_of(None, folder),
        )  # fmt: skip
    try:
        _wait(amqp, process, folder / "output")
        yield f"amqp://guest:guest@127.0.0.1:{amqp}//"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        subprocess.run(["epmd", "-port", surroundings["ERL_EPMD_PORT"], "-kill"], capture_output=True, timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str:
    """Debian's wrapper runs the server as its own user and with its own folders; this is what it runs."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    return str(found[-1]) if found else "rabbitmq-server"


def _wait(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    end = time.monotonic() + WAIT_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.1)


if __name__ == "__main__":
    jobs = [sys.executable, "-m", "tests", "-m", "jobs", "-p", "no:randomly"]
    with broker() as url:
        sys.exit(subprocess.run(jobs, env=os.environ | {"CELERY_BROKER_URL": url}).returncode)
