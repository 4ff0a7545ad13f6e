"""Statements of the hot path: written as SQL, prepared once a connection, read into models without the ORM's compiler.

For what is asked at every task or at every request and is dear in the ORM: giving out and taking in answers, what is
offered, warned of and paid at least, who somebody is (his session, the worker that he is); and for the sweep that
counts skills. psycopg's own cursor binds on the server (Django's binds in the client), so that PostgreSQL plans such a
statement once and not each time; parameters whose type it cannot see from the context are cast in the SQL.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

from crowd.kernel import prepared

M = TypeVar("M", bound=models.Model)
Row = prepared.Row
EMPTY: dict[str, type[list[Any]] | type[dict[str, Any]]] = {"[]": list, "{}": dict}  # most JSON that is read is that


def rows(sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    """Run one statement on the current connection, inside the caller's transaction; errors are Django's.

    Whoever listens to Django's statements (`execute_wrapper`: the mark of an Idempotency-Key) hears this one too.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    run: Any = _run
    for wrapper in connection.execute_wrappers:
        run = partial(wrapper, run)
    return list(run(sql, parameters, False, {"connection": connection, "cursor": None}))


def first_rows(sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    """As `rows`, for a read with which a request begins: it finds out itself whether the kept connection is alive.

    If it is not, it is asked once more on a new one. So nobody has to ask before it (CONN_HEALTH_CHECKS).
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.connection is None or connection.in_atomic_block or connection.health_check_done:
        return rows(sql, parameters)
    connection.health_check_done = True
    try:
        return rows(sql, parameters)
    except (OperationalError, InterfaceError):
        connection.close()
        return rows(sql, parameters)


def together(*asked: prepared.Asked) -> list[list[Row]]:
    """The rows of each statement, run one after another, each under the locks of those before it, in one round trip."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.execute_wrappers:
        return [rows(sql, parameters) for sql, parameters in asked]
    return _run_all(connection, asked)


def _run(sql: str, parameters: Mapping[str, Any], many: bool, context: Mapping[str, Any]) -> list[Row]:
    return _run_all(context["connection"], [(sql, parameters)])[0]


def _run_all(connection: BaseDatabaseWrapper, asked: Sequence[prepared.Asked]) -> list[list[Row]]:
    connection.close_if_health_check_failed()  # as Django's own cursor does, once a request
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return prepared.rows(connection.connection, asked)


def columns(model: type[models.Model], alias: str) -> str:
    """The model's columns for a SELECT list, in the order that `read` expects."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def read(model: type[M], row: Row, start: int = 0) -> M:
    """A model from the columns that begin at `start` of a row.

    As `Model.from_db` makes one, but column by column nothing is called: that took as long as the statement itself.
    """
    names, json_places = _shape(model)
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    made.__dict__.update(zip(names, row[start : start + len(names)], strict=True))
    for name in json_places:
        value = made.__dict__[name]
        if isinstance(value, str):
            empty = EMPTY.get(value)
            made.__dict__[name] = empty() if empty else json.loads(value)
    return made


def width(model: type[models.Model]) -> int:
    return len(_shape(model)[0])


@lru_cache
def _shape(model: type[models.Model]) -> tuple[list[str], list[str]]:
    """Its columns as attributes, and which of them are JSON."""
    fields = model._meta.concrete_fields
    return [one.attname for one in fields], [one.attname for one in fields if isinstance(one, models.JSONField)]
