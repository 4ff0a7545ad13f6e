"""python -m tests.fire.schema FILE: the migrated, empty database as SQL.

Migrating takes some seconds; the suite keeps a template (tests.database), and this copies it out of there.
"""

import subprocess
import sys
from pathlib import Path

from crowd.kernel.postgres import server
from crowd.kernel.postgres.binaries import find_binaries
from tests.database import conninfo, template

TOOL_SECONDS = 60


def write(file: Path, *, database: str) -> None:
    """Of a database beside the one of Django's settings."""
    _run("pg_dump", "--no-owner", f"--file={file}", f"--dbname={conninfo(dbname=database)}")


def load(file: Path, *, folder: Path) -> None:
    """Into the database of this data folder, which is empty."""
    quiet = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null"]
    _run("psql", *quiet, f"--file={file}", f"--dbname={server.url(folder)}")


def _run(program: str, *arguments: str) -> None:
    subprocess.run([str(find_binaries() / program), *arguments], check=True, timeout=TOOL_SECONDS)


def main(file: Path) -> None:
    import django

    django.setup()
    write(file, database=template())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
