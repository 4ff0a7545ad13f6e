"""What must always be true of the stored rows. Each app lists its own in `invariants.py`; `verify` asks them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """`sentence` says what holds; `rows` returns the rows that break it, none when all is well."""

    name: str
    sentence: str
    rows: Callable[[], list[dict[str, Any]]]


def query(sql: str, *parameters: str | int) -> Callable[[], list[dict[str, Any]]]:
    """For `Invariant.rows`: one statement, so that it sees one moment, even while others write."""

    def rows() -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return rows


def broken(invariants: Sequence[Invariant]) -> dict[str, list[dict[str, Any]]]:
    """The names of those that do not hold, each with the rows that break it."""
    found = {invariant.name: invariant.rows() for invariant in invariants}
    return {name: rows for name, rows in found.items() if rows}
