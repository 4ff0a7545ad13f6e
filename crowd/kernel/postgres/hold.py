"""Run a command with the embedded server there, and leave the machine as it was found."""

import fcntl
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import psycopg

from crowd.kernel.postgres import server

CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


def hold(folder: Path, command: Sequence[str]) -> int:
    """Start the server if needed, run the command, stop what was started; returns the command's exit code.

    Several holds may overlap (`make run` in one window, `make test` in another). Each has a shared lock while it
    lives. The last one to end stops the server, if it was a hold that started it and nobody else is connected.
    Signals are passed on to the command (Ctrl-C at a terminal reaches it by itself).
    """
    mark = folder / "postgres" / "started-by-hold"
    with server.locked(folder, "holding", fcntl.LOCK_SH):
        if server.ensure_running(folder):
            mark.touch()
        code = _run(command)
    _stop_if_last(folder, mark)
    return code


def _run(command: Sequence[str]) -> int:
    child = subprocess.Popen(command)

    def pass_on(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN if sys.stdin.isatty() else pass_on)
    before_term = signal.signal(signal.SIGTERM, pass_on)
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_term)
    return code if code >= 0 else 128 - code


def _stop_if_last(folder: Path, mark: Path) -> None:
    try:
        with server.locked(folder, "holding", fcntl.LOCK_EX | fcntl.LOCK_NB):
            if mark.exists() and not _others_connected(folder):
                mark.unlink()
                server.stop(folder)
    except BlockingIOError:
        pass  # another hold is alive; it will stop the server


def _others_connected(folder: Path) -> bool:
    try:
        with psycopg.connect(server.url(folder)) as connection:
            row = connection.execute(CLIENTS).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])
