"""The code that still serves while a migration runs, as the database sees it: the statements of Django's models as they
were, each with every column that they knew and with values that they wrote.

A statement is judged by what comes of it (the SQLSTATE): what worked before must work during and after a migration, and
what a constraint refused must be refused for the same reason.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db.migrations.state import ProjectState
from django.db.models import Field, Model
from psycopg import sql

Outcomes = dict[str, str]
FINE = "00000"
AGAIN = frozenset({"40P01", "55P03"})  # deadlock, lock timeout: a busy moment, which the site answers with "again"
LONGEST_S = 30  # for a lock; a migration that holds one for longer has other tests to fail than this


@dataclass
class OldCode:
    """Statements by name, for one moment's models and rows."""

    statements: dict[str, sql.Composed] = field(default_factory=dict)

    def outcomes(self, line: psycopg.Connection[Any]) -> Outcomes:
        """What comes of each now; nothing is kept."""
        return {name: _outcome(line, statement) for name, statement in self.statements.items()}


def of(state: ProjectState, apps: Sequence[str], conninfo: str) -> OldCode:
    """The code that belongs to this state, with values of a row of each table as the rows are now."""
    found = OldCode()
    with psycopg.connect(conninfo, autocommit=True) as line:
        for model in state.apps.get_models(include_auto_created=True):
            if model._meta.app_label in apps and model._meta.managed and not model._meta.proxy:
                found.statements |= dict(_statements(line, model))
    return found


def _statements(line: psycopg.Connection[Any], model: type[Model]) -> Iterator[tuple[str, sql.Composed]]:
    fields = [one for one in model._meta.local_concrete_fields if not one.generated]
    table, key = sql.Identifier(model._meta.db_table), sql.Identifier(str(model._meta.pk.column))
    names = sql.SQL(", ").join(sql.Identifier(str(one.column)) for one in fields)
    yield f"read {model._meta.label}", sql.SQL("SELECT {} FROM {} ORDER BY {} LIMIT 5").format(names, table, key)
    row = _literals(line, fields, table, key)
    if row is None:
        yield (
            f"add {model._meta.label}",
            sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {0} WHERE false").format(table, names),
        )
        return
    written = [(one, value) for one, value in zip(fields, row, strict=True) if not one.primary_key]
    columns = sql.SQL(", ").join(sql.Identifier(str(one.column)) for one, _value in written)
    values = sql.SQL(", ").join(value for _one, value in written)
    yield f"add {model._meta.label}", sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, columns, values)
    pairs = [sql.SQL("{} = {}").format(sql.Identifier(str(one.column)), value) for one, value in written]
    this = row[[one.primary_key for one in fields].index(True)]
    if pairs:
        yield (
            f"change {model._meta.label}",
            sql.SQL("UPDATE {} SET {} WHERE {} = {}").format(table, sql.SQL(", ").join(pairs), key, this),
        )


def _literals(
    line: psycopg.Connection[Any], fields: Sequence[Field[Any, Any]], table: sql.Identifier, key: sql.Identifier
) -> list[sql.SQL] | None:
    """A row as SQL literals without a type, as they stand in a statement; None for an empty table."""
    quoted = [sql.SQL("quote_nullable({}::text)").format(sql.Identifier(str(one.column))) for one in fields]
    query = sql.SQL("SELECT {} FROM {} ORDER BY {} LIMIT 1").format(sql.SQL(", ").join(quoted), table, key)
    row = line.execute(query).fetchone()
    return None if row is None else [sql.SQL(value) for value in row]


def _outcome(line: psycopg.Connection[Any], statement: sql.Composed) -> str:
    try:
        with line.transaction(force_rollback=True):
            line.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate or type(error).__name__
    return FINE


@contextmanager
def serving(code: OldCode, conninfo: str) -> Iterator[Counter[tuple[str, str]]]:
    """The old code at work on a connection of its own, statement after statement, for as long as this lasts.

    Gives what came of them, counted: (statement, SQLSTATE).
    """
    seen: Counter[tuple[str, str]] = Counter()
    begun, ended = threading.Event(), threading.Event()

    def serve() -> None:
        with psycopg.connect(conninfo, autocommit=True, options=f"-c lock_timeout={LONGEST_S}s") as line:
            while not (ended.is_set() and begun.is_set()):
                seen.update(code.outcomes(line).items())
                begun.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert begun.wait(10 * LONGEST_S), "the old code does not come to work"
        yield seen
    finally:
        ended.set()
        thread.join()


def changed(before: Outcomes, after: Outcomes | Counter[tuple[str, str]]) -> list[str]:
    """What the old code meets that it did not meet before, in words."""
    pairs = after if isinstance(after, Counter) else after.items()
    return sorted(
        {f"{name}: {before[name]} became {code}" for name, code in pairs if code != before[name] and code not in AGAIN}
    )
