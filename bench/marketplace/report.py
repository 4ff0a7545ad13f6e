"""The page of what was measured."""

import os
import platform
import statistics
from collections.abc import Sequence

from bench.marketplace import pick, place
from bench.marketplace.measure import Asked, Case, Figures, Key

MOST_STATEMENTS = 8
DOORS = {"page": "the task page's own door", "rest": "REST"}
INTRODUCTION = """
Written by `make bench`. Workers who are signed in submit an answer and get the next task in one request, over HTTP, in
a closed loop without think time; the site runs with the settings of deploy/example.env and the web server of
`manage.py serve` (two processes of eight threads). On are gold (a tenth, and a quiz of it at the start), a requirement
that asks for a qualification, validation against the label config, guidelines, a minimum accuracy, active time, and a
draft kept with each tenth answer. Three answers a task. REST calls are not slowed down (`CROWD_API_RATES`), and there
is no proxy. Of services there is the database alone: the cache is each web process's own memory and not Redis, without
its round trips, and job messages are files and not a broker's, worked off in the line with job worker and beat only.

The **floor** is pgbench with `bench/marketplace/floor.sql` in the same server: claim and submit in one transaction, and
nothing else; its projects have as many tasks as the line's, but no fewer than 40,000. Each round runs every line below
through every door and the floor beside it, one after another; the lines with job worker and beat and with a snapshot
have rounds of their own afterwards. Figures are medians of the rounds; *of the floor* is the median of each round's own
share, with the least and the most. *Statements* are those that PostgreSQL logged while at most eight workers submitted,
in a run of its own without drafts, sign-in included; BEGIN, COMMIT, ROLLBACK, savepoints and SET are left out. *Pages*
are the buffers of 8 kB that were asked for in that run, its start included, by the database's statistics.
"""


def page(
    cases: Sequence[Case],
    medians: dict[Key, Figures],
    found: dict[Key, list[Figures]],
    asked: dict[tuple[str, str], Asked],
    picked: dict[str, float],
    verified: int,
    seconds: float,
) -> str:
    runs = len(next(iter(found.values())))
    facts = [
        f"Medians of {runs}, {cases[0].seconds:g} s each; {seconds / 60:.0f} minutes in all. Afterwards"
        f" `manage.py verify` found that all {verified} invariants hold.",
        machine(),
    ]
    facts += _flatness(cases, medians)
    facts += [pick.told(picked)] if picked else []
    parts = ["# Submit and next: how fast, beside what PostgreSQL alone takes", INTRODUCTION.strip(), *facts]
    for door, title in DOORS.items():
        rows = [_row(case, workers, door, medians, found, asked) for case in cases for workers in case.workers
                if door in case.doors]  # fmt: skip
        if rows:
            parts += [f"## Through {title}", _table(rows)]
    return "\n\n".join(parts) + "\n"


def breaches(asked: dict[tuple[str, str], Asked], picked: dict[str, float]) -> list[str]:
    """What more was asked of PostgreSQL than may be, in sentences."""
    found = [f"The pick reads too much: {title}." for title in (pick.breaches(picked) if picked else ())]
    many = [(name, one.statements) for (name, door), one in asked.items() if door == "page"]
    return found + [f"{name}: {each:.2f} statements." for name, each in many if each > MOST_STATEMENTS]


def _flatness(cases: Sequence[Case], medians: dict[Key, Figures]) -> list[str]:
    """How the slow ones of the largest project compare with those of the smallest."""
    sizes = [case for case in cases if case.title == f"{case.name} tasks"]
    if len(sizes) < 2:
        return []
    small, large = sizes[0], sizes[-1]
    ratios = [
        f"{medians[large.name, workers, 'page'].p99 / medians[small.name, workers, 'page'].p99:.2f} with {workers}"
        for workers in small.workers
    ]
    return [f"p99 at {large.title} by p99 at {small.title}, through the page's door: {', '.join(ratios)} workers."]


HEAD = ["", "workers", "tasks/s", "floor", "of the floor", "p50 ms", "p95 ms", "p99 ms", "statements", "pages"]


def _row(
    case: Case,
    workers: int,
    door: str,
    medians: dict[Key, Figures],
    found: dict[Key, list[Figures]],
    asked: dict[tuple[str, str], Asked],
) -> list[str]:
    ours, floor = medians[case.name, workers, door], medians[case.name, workers, "floor"]
    pairs = zip(found[case.name, workers, door], found[case.name, workers, "floor"], strict=True)
    shares = sorted(one.rate / other.rate for one, other in pairs)
    count = asked.get((case.name, door))
    return [
        case.title,
        str(workers),
        f"{ours.rate:,.0f}",
        f"{floor.rate:,.0f}",
        f"{statistics.median(shares):.0%} ({shares[0]:.0%}-{shares[-1]:.0%})",
        *(f"{value:.1f}" for value in (ours.p50, ours.p95, ours.p99)),
        *((f"{count.statements:.2f}", f"{count.pages:.0f}") if count else ("", "")),
    ]


def _table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(HEAD) + " |", "|---" + "|---:" * (len(HEAD) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def machine() -> str:
    """Where it was measured, in a sentence."""
    return (
        f"{os.cpu_count()} processors ({_processor()}), {_memory()} GB, Python {platform.python_version()}, PostgreSQL"
        f" {_postgres()} with {', '.join(f'{name} {value}' for name, value in place.POSTGRES.items())}."
    )


def _processor() -> str:
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _postgres() -> str:
    with place.connect() as connection:
        return str(connection.info.server_version // 10_000)
