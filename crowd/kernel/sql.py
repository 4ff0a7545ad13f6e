"""Statements of the hot path: written as SQL, prepared once a connection, read into models without the ORM's compiler.

What is asked at every task or at every request uses this, and nothing else: giving out and taking in answers, what is
offered, warned of and paid at least, and who somebody is (his session, the worker that he is). psycopg's own cursor
binds on the server (Django's binds in the client), so that PostgreSQL plans such a statement once and not each time;
parameters whose type it cannot see from the context are cast in the SQL.
"""

import json
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, models
from psycopg import Cursor

M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]


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


def _run(sql: str, parameters: Mapping[str, Any], many: bool, context: Mapping[str, Any]) -> list[Row]:
    connection = context["connection"]
    connection.close_if_health_check_failed()  # as Django's own cursor does, once a request
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True)
        return cursor.fetchall()


def columns(model: type[models.Model], alias: str) -> str:
    """The model's columns for a SELECT list, in the order that `read` expects."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def read(model: type[M], row: Row, start: int = 0) -> M:
    """A model from the columns that begin at `start` of a row."""
    names, is_json = _shape(model)
    values = row[start : start + len(names)]
    return model.from_db(
        DEFAULT_DB_ALIAS,
        names,
        [
            json.loads(value) if kind and isinstance(value, str) else value
            for kind, value in zip(is_json, values, strict=True)
        ],
    )


def width(model: type[models.Model]) -> int:
    return len(_shape(model)[0])


@lru_cache
def _shape(model: type[models.Model]) -> tuple[list[str], list[bool]]:
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [isinstance(field, models.JSONField) for field in fields]
