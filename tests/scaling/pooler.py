"""A real PgBouncer in transaction mode in front of the tests' PostgreSQL."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings

from tests.database import conninfo
from tests.scaling.identity import as_user_of

PORT = 6432
POOL = 2  # connections to the database, for however many clients
CONFIG = """[databases]
* = {database}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 100
server_reset_query_always = 0
logfile = {folder}/log
pidfile = {folder}/pid
"""


@contextmanager
def transaction_pooler() -> Iterator[str]:
    """The DATABASE_URL of the tests' database through it."""
    folder = Path(mkdtemp(prefix="crowd-pooler-", dir="/tmp"))
    of = settings.DATABASES["default"]
    config = folder / "pgbouncer.ini"
    config.write_text(CONFIG.format(database=conninfo(), port=PORT, folder=folder, pool=POOL))
    process = subprocess.Popen(["pgbouncer", "-q", str(config)], **as_user_of(of["HOST"], folder))
    try:
        _wait(folder / f".s.PGSQL.{PORT}", process)
        yield f"postgresql://{of['USER']}@/{of['NAME']}?host={folder}&port={PORT}"
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(folder)


def _wait(socket: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while not socket.exists():
        assert process.poll() is None, "PgBouncer did not start"
        assert time.monotonic() < end, "PgBouncer does not listen"
        time.sleep(0.05)
