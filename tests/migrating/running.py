"""One migration on a filled database: what it locks, and what it reads or writes while it does."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

# What a reader or writer of the table has to wait for.
STRONG = "('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
TABLES = """
SELECT c.oid, c.relname, c.relfilenode, coalesce(s.seq_tup_read + s.n_tup_ins + s.n_tup_upd + s.n_tup_del, 0)
FROM pg_class c LEFT JOIN pg_stat_xact_user_tables s ON s.relid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
LOCKS = f"""
SELECT relation, string_agg(DISTINCT mode, ', ' ORDER BY mode) FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode IN {STRONG} GROUP BY 1
"""


@dataclass(frozen=True)
class Ran:
    """The state after it, and by table what it did to the rows behind a lock."""

    state: ProjectState
    behind_locks: dict[str, str] = field(default_factory=dict)


def run(migration: Migration, state: ProjectState) -> Ran:
    """Carry it out. One that is not atomic holds its locks for an operation only, and is judged one by one."""
    if migration.atomic:
        return _observed(migration, state)
    found: dict[str, str] = {}
    for operation in migration.operations:
        alone = type("Alone", (Migration,), {"operations": [operation]})(migration.name, migration.app_label)
        if operation.atomic:
            ran = _observed(alone, state)
            state, found = ran.state, found | ran.behind_locks
        else:  # as AddIndexConcurrently, which runs in no transaction
            with connection.schema_editor(atomic=False) as editor:
                state = alone.apply(state, editor)
    return Ran(state, found)


def _observed(migration: Migration, state: ProjectState) -> Ran:
    """In a transaction, with a look before the commit."""
    with transaction.atomic():
        before = {oid: (name, file, rows) for oid, name, file, rows in _asked(TABLES)}
        with connection.schema_editor(atomic=False) as editor:
            after = migration.apply(state, editor)
        return Ran(after, _behind_locks(before))


def _behind_locks(before: dict[int, tuple[str, int, int]]) -> dict[str, str]:
    """A lock alone is over in a moment; with rows read or written behind it, it lasts as long as the table is long."""
    locks = dict(_asked(LOCKS))
    found = {}
    for oid, _name, file, rows in _asked(TABLES):
        if oid not in locks or oid not in before:
            continue
        name, old_file, old_rows = before[oid]
        if file != old_file:
            found[name] = f"{locks[oid]} while the table is written anew"
        elif rows > old_rows:
            found[name] = f"{locks[oid]} while {rows - old_rows} rows are read or written"
    return found


def _asked(question: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())
