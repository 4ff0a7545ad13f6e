"""Advisory locks of the current transaction: what is locked here is a name, not a row.

Lock order of the whole product: the project's gate, the Project row (never to take or submit), Participation,
the gold reserve, Task (many by id), Assignment (many by id), Worker, Accounts by id. docs/concurrency.md says why.
"""

from enum import IntEnum

from django.db import connection


class Gate(IntEnum):
    """The first key of a two-key advisory lock; the second is an id (its low 31 bits)."""

    PROJECT = 1  # held shared by who takes or submits, exclusively by who closes or settles
    GOLD_RESERVE = 2
    AGGREGATION = 3
    FOLD = 4
    ITEMS = 5  # held by who adds items, and taken before the project's row
    RULES = 6  # one look of a project's rules at a time
    REJECTIONS = 7  # of an organisation: who counts them, before what he does about it


def shared(gate: Gate, key: int) -> None:
    _execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", gate, key)


def exclusive(gate: Gate, key: int) -> None:
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", gate, key)


def try_exclusive(gate: Gate, key: int) -> bool:
    """False at once when somebody else holds it: for jobs, which then leave the work to him."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [int(gate), key & 0x7FFFFFFF])
        (held,) = cursor.fetchone()
    return bool(held)


def _execute(sql: str, gate: Gate, key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [int(gate), key & 0x7FFFFFFF])
