"""Whether transactions take their locks in the order of docs/concurrency.md, read off the statements of a connection.

A statement that may wait for a lock, while its transaction holds one that comes later in the order, is a breach. What
is only tried (`pg_try_...`, SKIP LOCKED) waits for nothing; rows of a table of which the transaction has locked or made
some already are taken for the same rows. Whoever holds the project's row alone takes what is IN_PROJECT in any order:
docs/concurrency.md says why. A transaction is the durable block of a service, also inside a test's own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import Atomic

from crowd.kernel.locks import Gate

ADVISORY = {Gate.ITEMS: "items gate", Gate.PROJECT: "project gate", Gate.GOLD_RESERVE: "gold reserve"}
PROJECT_ROW = "projects_project"
ORDER = (
    "items gate",
    "project gate",
    PROJECT_ROW,
    "rules_firing",
    "assignments_participation",
    "assignments_contribution",
    "gold reserve",
    "projects_task",
    "assignments_assignment",
    "workers_worker",
    "qualifications_testpay",
    "projects_tier",
    "ledger_account",
)
IN_PROJECT = {"projects_task", "assignments_assignment", "projects_tier"}
RANK = {name: rank for rank, name in enumerate(ORDER)}
TABLE = r'"?([a-z]+_[a-z]+)"?'
WRITTEN = re.compile(rf"\bUPDATE {TABLE}|\bDELETE FROM {TABLE}")
INSERTED = re.compile(rf"\bINSERT INTO {TABLE}")
READ = re.compile(rf"(?:\bFROM|\bJOIN|,)\s+{TABLE}(?: (?:AS )?([a-z][a-z0-9_]*))?")
LOCKED = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b(?: OF ((?:\"?[a-z_0-9]+\"?(?:, )?)+))?( SKIP LOCKED)?")
PICK = "WITH pick AS MATERIALIZED"
GATE = re.compile(r"\bpg_advisory_xact_lock(?:_shared)?\((\d+)?")


@lru_cache(maxsize=4000)
def row_locks(sql: str) -> tuple[str, ...]:
    """Tables of which a statement locks rows and would wait for them, in the order in which it does.

    Of writes that stand in WITH and nothing reads from, PostgreSQL does the last one first.
    """
    found = [(-match.start(), match[1] or match[2]) for match in WRITTEN.finditer(sql)]
    if PICK in sql:  # the task whose counters it writes is the one that it has locked in picking it
        found = [one for one in found if one[1] != "projects_task"]
    for match in LOCKED.finditer(sql):
        if not match[2]:
            tables = _tables_before(sql, match.start())
            named = re.findall(r"[a-z_0-9]+", match[1]) if match[1] else list(tables)
            found += [(match.start() - 2 * len(sql), tables.get(name, name)) for name in named]
    return tuple(table for _place, table in sorted(found) if table in RANK)


def _tables_before(sql: str, place: int) -> dict[str, str]:
    """By alias or name, those of the query that a locking clause ends."""
    found = {}
    for match in READ.finditer(sql, sql.rfind("SELECT", 0, place), place):
        if match[1] in RANK:
            found[match[1]] = found[match[2] or match[1]] = match[1]
    return found


class Watch:
    """Hears every statement; `breaches` are told with theirs. `transactions`: how many took locks at all."""

    def __init__(self) -> None:
        self.breaches: list[str] = []
        self.transactions = 0
        self.depth = 0
        self.held: dict[str, str] = {}
        self.own: set[str] = set()  # with rows that the transaction has made, which nobody else can lock

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.depth:
            self._hear(str(sql), params)
        return execute(sql, params, many, context)

    def begin(self) -> None:
        self.depth += 1

    def end(self) -> None:
        self.depth -= 1
        if not self.depth:
            self.transactions += bool(self.held)
            self.held.clear()
            self.own.clear()

    def _hear(self, sql: str, params: Any) -> None:
        for lock in (*_gates(sql, params), *row_locks(sql)):
            if lock not in self.held and lock not in self.own and (later := self._later(lock)):
                self.breaches.append(f"{lock} after {', '.join(later)}: {sql[:300]}")
            self.held.setdefault(lock, sql)
        self.own.update(table for table in INSERTED.findall(sql) if table in RANK)

    def _later(self, lock: str) -> list[str]:
        later = [name for name in self.held if RANK[name] > RANK[lock]]
        return [] if lock in IN_PROJECT and PROJECT_ROW in self.held else later


def _gates(sql: str, params: Any) -> Iterator[str]:
    """Advisory locks that are waited for."""
    if found := GATE.search(sql):
        given = params if isinstance(params, Mapping) else {"gate": params[0]}
        gate = int(found[1] or given["gate"])
        if gate in ADVISORY and given.get("reserve_follows", True):  # only then does a submit take that of gold
            yield ADVISORY[Gate(gate)]


@contextmanager
def watched() -> Iterator[Watch]:
    """Of this thread's connection."""
    watch, enter, leave = Watch(), Atomic.__enter__, Atomic.__exit__

    def begin(block: Any) -> None:
        enter(block)
        if block.durable:
            watch.begin()

    def end(block: Any, *failure: Any) -> None:
        if block.durable:
            watch.end()
        leave(block, *failure)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(watch):
        patch.setattr(Atomic, "__enter__", begin)
        patch.setattr(Atomic, "__exit__", end)
        yield watch
