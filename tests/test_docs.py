"""What the documents say is compared with the code, wherever it can be."""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands
from pytest_django.live_server_helper import LiveServer

from crowd.kernel.locks import Gate
from crowd.ledger.states import Kind
from crowd.users.models import Organisation, User
from crowd.users.services import api_keys
from tests.test_architecture import layers
from workers.models import Worker

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = ("crowd", "workers", "qualifications")
READERS = (
    *("text", "flag", "number", "decimal", "choice", "listing", "pairs", "amounts"),
    *("networks", "origin", "cache", "broker"),
)  # of crowd.kernel.environment
OUTSIDE = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # read by a library, not by us
ELSEWHERE = {"CROWD_TEST_DATA", "CROWD_TEST_DATABASE", "CROWD_DATASETS"}  # told below the table: they are for tests

NAMED = r"`((?:crowd|workers|qualifications|tests|docs|deploy|requirements)/[^`\s]*)`"

each_document = pytest.mark.parametrize("document", DOCS, ids=[path.name for path in DOCS])


def text(name: str) -> str:
    return (ROOT / name).read_text()


def section(document: str, title: str) -> str:
    """What stands under a heading, up to the next one of its depth."""
    (found,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text(document), re.M | re.S)
    return str(found)


def rows(table: str) -> list[list[str]]:
    """The cells of a Markdown table, without its head."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def words(cell: str) -> list[str]:
    """What stands in a cell as code."""
    return re.findall(r"`([^`]+)`", cell)


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        place, _hash, anchor = target.partition("#")
        found = (document.parent / place).resolve() if place else document
        if place.startswith(("http://", "https://")):
            continue
        if not found.exists() or (anchor and anchor not in anchors(found)):
            lost.append(target)
    assert lost == []


@each_document
def test_files_that_are_named_exist(document: Path) -> None:
    named = re.findall(
        r"`((?:crowd|workers|qualifications|tests|docs|deploy|requirements)/[^`\s]*)`", document.read_text()
    )
    assert [name for name in named if "NEW" not in name and not list(ROOT.glob(name.rstrip("/")))] == []


@each_document
def test_commands_that_are_named_exist(document: Path) -> None:
    said = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", said, re.M)) <= targets
    assert set(re.findall(r"(?:manage\.py|\bmanage) ([a-z]+)", said)) <= set(get_commands()) | {"check"}
    assert [module for module in re.findall(r"python -m (crowd[\w.]*)", said) if find_spec(module) is None] == []


def environment() -> dict[str, str | None]:
    """Every variable that the code reads, with its default where that is a plain value."""
    found: dict[str, str | None] = {}
    for path in (path for package in CODE for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (name := variable(node)):
                found[name] = default(node)
    return found


def variable(call: ast.Call) -> str | None:
    asked = ast.unparse(call.func)
    readers = {f"env.{reader}" for reader in READERS} | {"os.environ.get", "environ.get"}
    first = call.args[0] if call.args else None
    return first.value if asked in readers and isinstance(first, ast.Constant) else None  # type: ignore[return-value]


def default(call: ast.Call) -> str | None:
    given = [*call.args[1:], *(word.value for word in call.keywords if word.arg == "default")]
    if ast.unparse(call.func) == "env.flag" and not given:
        return "0"
    if not given or not isinstance(given[0], ast.Constant):
        return None
    return str(int(given[0].value)) if isinstance(given[0].value, bool) else str(given[0].value)


def test_the_table_of_settings_is_complete_and_its_defaults_are_true() -> None:
    table = [(name, cells[1]) for cells in rows(section("README.md", "Settings")) for name in words(cells[0])]
    told, read = dict(table), environment()

    assert len(told) == len(table)  # each once
    assert set(told) - OUTSIDE == set(read) - ELSEWHERE
    assert all(name in section("README.md", "Settings") for name in ELSEWHERE)
    plain = {name: value for name, value in read.items() if value and name in told and "://" not in value}
    assert {name: told[name] for name, value in plain.items() if value not in told[name]} == {}


def test_every_kind_of_transfer_is_in_the_table() -> None:
    told = {word for cells in rows(section("docs/money.md", "Every transfer there is")) for word in words(cells[0])}

    assert told == set(Kind.values)


def test_every_sweep_is_in_the_table() -> None:
    seconds = {"s": 1, "min": 60, "h": 3600}
    told = {}
    for entry, every, _what in rows(section("docs/architecture.md", "Jobs and sweeps")):
        number, unit = every.split()
        told[entry.strip("`")] = int(number) * seconds[unit]

    assert told == {name: entry["schedule"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}


def test_every_package_and_every_lock_is_told_of() -> None:
    said = text("docs/architecture.md")
    packages = {name for names in layers() for name in names if find_spec(name)} - {"crowd.urls"}

    assert [name for name in packages if f"`{name.replace('.', '/')}" not in said] == []
    locks = section("docs/concurrency.md", "Locks, in this order").lower()
    assert [gate.name for gate in Gate if gate.name.lower().replace("_", " ") not in locks] == []


def tour() -> Iterator[str]:
    blocks = re.findall(r"```sh\n(.*?)```", section("README.md", "Five minutes with the API"), re.S)
    assert blocks[0].startswith("site=http")
    yield from blocks[1:]


def test_the_tour_through_the_api_does_what_it_says(
    live_server: LiveServer,
    job_worker: None,
    requester: User,
    organisation: Organisation,
    worker: Worker,
    tmp_path: Path,
) -> None:
    """The commands of the README as they stand there, against a real server with a real job worker."""
    keys = {
        "requester": api_keys.create(user=requester, name="tour", scopes=["read", "projects", "money"])[1],
        "worker": api_keys.create(user=worker.user, name="tour", scopes=["read", "work"])[1],
    }
    surroundings: dict[str, Any] = {**os.environ, **keys, "site": live_server.url, "no_proxy": "*"}
    script = "set -euo pipefail\n" + "\n".join(tour())

    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=400
    )

    assert done.returncode == 0, done.stderr
    assert '"code"' not in done.stdout  # of a problem
    assert "\nopen\n" in done.stdout
    assert '"rows_good":3' in done.stdout
    assert "I love it,good," in done.stdout  # the export
    assert "I hate it,bad," in done.stdout
    assert '"available":{"micros":0' not in done.stdout.splitlines()[-1]
