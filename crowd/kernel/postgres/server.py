"""The embedded PostgreSQL: a private server in the data folder, for machines where DATABASE_URL names none.

One server serves every process of the folder (web, worker, commands, tests). Nobody has to start it: the database
backend beside this file calls `ensure_running` when a connection is refused, so a process that finds it running
pays nothing. It listens on a Unix socket in a folder that only its owner (and root) can enter, never on TCP, and
it syncs to disk like any other PostgreSQL. No Django in here: settings import this file.

PostgreSQL refuses to run as root; then the server runs as the user `postgres` if the machine has one, else as
`nobody`, and the folders above the data folder are made passable (x, not readable) for it.
"""

import fcntl
import os
import pwd
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from crowd.kernel.postgres.binaries import find_binaries

PORT = 5432  # names the socket file; nothing listens on TCP
ADMIN = "postgres"
DATABASE = "crowd"
SOCKET_PATH_LIMIT = 103  # 107 bytes on Linux, 103 on macOS
START_SECONDS = 60
OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "max_wal_size": "1GB",
    "log_min_messages": "warning",
}


class CannotStart(Exception):
    """The embedded PostgreSQL could not be started; the message says why and what to do."""


def data_folder() -> Path:
    """CROWD_DATA, else `.crowd` beside manage.py; absolute, whether it exists or not."""
    chosen = os.environ.get("CROWD_DATA", "").strip()
    return Path(chosen).expanduser().resolve() if chosen else Path(__file__).resolve().parents[3] / ".crowd"


def settings(folder: Path) -> dict[str, Any]:
    """Django's DATABASES entry for the embedded server of this data folder. Starts nothing."""
    return {
        "ENGINE": "crowd.kernel.postgres",
        "NAME": DATABASE,
        "USER": ADMIN,
        "HOST": str(socket_folder(folder)),
        "PORT": str(PORT),
        "OPTIONS": {"connect_timeout": 10},
    }


def url(folder: Path) -> str:
    """For psql, pg_dump and other tools."""
    return f"postgresql://{ADMIN}@/{DATABASE}?host={socket_folder(folder)}&port={PORT}"


def socket_folder(folder: Path) -> Path:
    """Where the socket is: in the data folder, or under /tmp when that path is too long or too odd for a socket."""
    wanted = folder / "postgres" / "run"
    fits = len(os.fsencode(wanted / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT
    if fits and re.fullmatch(r"[\w./+@-]+", str(wanted), re.ASCII):
        return wanted
    return Path("/tmp") / f"crowd-{sha256(os.fsencode(folder)).hexdigest()[:16]}"  # noqa: S108 - owner is checked


def is_running(folder: Path) -> bool:
    """Whether something accepts connections on the socket (a fraction of a millisecond)."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_folder(folder) / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
        return True


def ensure_running(folder: Path) -> bool:
    """Start the server unless it runs; True if this call started it. Callers at the same time wait for the first.

    Raises CannotStart.
    """
    if is_running(folder):
        return False
    try:
        with locked(folder, "starting"):
            if is_running(folder):
                return False
            _start(folder)
            return True
    except OSError as error:
        raise CannotStart(f"The embedded PostgreSQL cannot be started: {error}") from error


def stop(folder: Path) -> bool:
    """Stop the server, ending its connections; False if it was not running."""
    home = folder / "postgres"
    if not (home / "data" / "postmaster.pid").exists():
        return False
    with locked(folder, "starting"):
        result = _run(home, [str(find_binaries() / "pg_ctl"), "-D", str(home / "data"), "-m", "fast", "-w", "stop"])
    if home not in socket_folder(folder).parents:
        shutil.rmtree(socket_folder(folder), ignore_errors=True)
    return result.returncode == 0


@contextmanager
def locked(folder: Path, name: str, mode: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Holds a lock file of the data folder; the system releases it when the process dies, however it dies."""
    home = folder / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    with open(home / f"{name}.lock", "a") as file:
        fcntl.flock(file, mode)
        yield


def _start(folder: Path) -> None:
    home = folder / "postgres"
    binaries = find_binaries()
    _prepare_folders(folder, binaries)
    if not (home / "data" / "PG_VERSION").exists():
        _create_cluster(home, binaries)
    options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in OPTIONS.items())
    options += f" -c unix_socket_directories={socket_folder(folder)} -c unix_socket_permissions=0700 -p {PORT}"
    command = [str(binaries / "pg_ctl"), "-D", str(home / "data"), "-l", str(home / "log" / "postgres.log")]
    for lock in (home / "data" / "postmaster.pid", socket_folder(folder) / f".s.PGSQL.{PORT}.lock"):
        _forget_the_dead(lock)
    command += ["-w", "-t", str(START_SECONDS), "-o", options, "start"]
    result = _run(home, command)
    end = time.monotonic() + START_SECONDS
    while result.returncode != 0 and _is_dying(home) and time.monotonic() < end:
        time.sleep(0.2)
        result = _run(home, command)
    if result.returncode != 0:
        raise CannotStart(_explain(home, result))
    _create_database(folder)


def _forget_the_dead(lock: Path) -> None:
    """Remove the lock file of a server that was killed but not yet buried (a zombie): PostgreSQL takes it for alive."""
    try:
        pid = int(lock.read_text().split()[0])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError, IndexError):
        return
    if state == "Z":
        lock.unlink(missing_ok=True)


def _is_dying(home: Path) -> bool:
    """Whether children of a server that was killed are still there: they leave as soon as they notice."""
    return any("shared memory block" in line and "still in use" in line for line in _log_end(home))


def _create_cluster(home: Path, binaries: Path) -> None:
    """initdb beside the final place and a rename, so that a broken-off start leaves nothing half done."""
    draft = home / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _give_away(home, draft)
    command = [str(binaries / "initdb"), "-D", str(draft), "-U", ADMIN, "--encoding=UTF8", "--locale=C", "--auth=trust"]
    result = _run(home, command)
    if result.returncode != 0:
        raise CannotStart(_explain(home, result))
    draft.rename(home / "data")


def _create_database(folder: Path) -> None:
    import psycopg

    address = {"host": str(socket_folder(folder)), "port": PORT, "user": ADMIN, "dbname": ADMIN}
    with psycopg.connect(**address, autocommit=True) as connection:  # type: ignore[arg-type]
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not found:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _prepare_folders(folder: Path, binaries: Path) -> None:
    home, sockets = folder / "postgres", socket_folder(folder)
    for path in (home / "log", sockets):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.lstat().st_uid not in (os.geteuid(), _server_user(home).pw_uid) or path.is_symlink():
            raise CannotStart(f"{path} belongs to another user of this machine; remove it or set CROWD_DATA.")
        _give_away(home, path)
    if os.geteuid() == 0:
        _let_through([home, binaries])


def _server_user(home: Path) -> pwd.struct_passwd:
    """Who the server runs as: this user; for root the owner of the existing data, else postgres, else nobody."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    if (home / "data").exists() and (owner := (home / "data").stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    names = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_name in ("postgres", "nobody")}
    if not names:
        raise CannotStart("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")
    return names.get("postgres") or names["nobody"]


def _give_away(home: Path, path: Path) -> None:
    if os.geteuid() == 0:
        user = _server_user(home)
        os.chown(path, user.pw_uid, user.pw_gid)


def _let_through(paths: Sequence[Path]) -> None:
    """Let the server's user pass (x) through the folders above; nothing becomes readable."""
    for folder in {parent for path in paths for parent in (path, *path.parents)}:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            print(f"Made {folder} passable for the database server's user.", file=sys.stderr)


def _run(home: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's user; its output goes to a file, as pg_ctl's child keeps it."""
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = _server_user(home)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # Variables such as PGPORT or PGDATA of the person at the keyboard are meant for another server.
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=surroundings, cwd="/", **identity
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read())


def _log_end(home: Path) -> list[str]:
    log = home / "log" / "postgres.log"
    return log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []


def _explain(home: Path, result: subprocess.CompletedProcess[str]) -> str:
    lines = _log_end(home)
    return "\n".join(
        [
            f"The embedded PostgreSQL in {home} cannot be started.",
            result.stdout.strip(),
            *(["The end of its log:", *lines] if lines else []),
            "Set DATABASE_URL to use a PostgreSQL of your own.",
        ]
    )
