"""The hot tables as hash partitions by project, under their own names: for a trial in a copy of the database."""

from typing import Any

from django.db import connection

LARGE = (
    "projects_item",
    "projects_task",
    "assignments_participation",
    "assignments_assignment",
    "assignments_answer",
    "consensus_consensus",
    "consensus_workerscore",
    "consensus_votepart",
)
"""What grows with the answers: what would be divided between machines."""
HOT = ("assignments_assignment", "assignments_answer")
PARTS = 8
INDEXES = """SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE '%%_pkey %%' ORDER BY 1"""
TRIGGERS = (
    """SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY 1"""
)
WRITABLE = """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
REFERRING = """
SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text,
    EXISTS (SELECT FROM pg_attribute p WHERE p.attrelid = k.conrelid AND p.attname = 'project_id')
FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.confrelid::regclass::text = ANY(%s) ORDER BY 1, 2
"""
# By table, the first column of each index that is unique; and whether every row says of which project it is.
UNIQUE = """
SELECT i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid, 1, true) FROM pg_index i
WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s)
"""
OF_A_PROJECT = """
SELECT attrelid::regclass::text FROM pg_attribute
WHERE attname = 'project_id' AND attnotnull AND attrelid::regclass::text = ANY(%s)
"""
LOOKED_AT = """
SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables
WHERE starts_with(relname, %s) AND relname ~ '_part[0-9]+$'
"""


def without_project() -> set[str]:
    """What points at a row of a large table and does not say of which project it is."""
    return {table for table, _column, _target, has_project in _asked(REFERRING, [list(LARGE)]) if not has_project}


def keys_without_project() -> set[str]:
    """Large tables in which a row may be of no project, or is unique by something that does not begin with it."""
    of_one = {table for (table,) in _asked(OF_A_PROJECT, [list(LARGE)])}
    return {*LARGE} - of_one | {table for table, first in _asked(UNIQUE, [list(LARGE)]) if first != "project_id"}


def divide_hot() -> set[str]:
    """All of them. Who refers to their rows by id alone refers by project and id from now on: a partitioned table has
    no uniqueness without the project, and Citus asks the same of keys between distributed tables. Gives the tables
    that have no project to do so, and so lose their foreign key."""
    referring = _asked(REFERRING, [list(HOT)])
    for table in HOT:
        _divide(table)
    for table, column, target, has_project in referring:
        if has_project:
            _run(
                f"ALTER TABLE {table} ADD FOREIGN KEY (project_id, {column}) REFERENCES {target} (project_id, id)"
                " DEFERRABLE INITIALLY DEFERRED"
            )
    return {table for table, _column, _target, has_project in referring if not has_project}


def _divide(table: str, parts: int = PARTS) -> None:
    """Rows, checks, indexes, uniqueness and triggers are kept; the key is (project, id)."""
    indexes, triggers = ([row[0] for row in _asked(question, [table])] for question in (INDEXES, TRIGGERS))
    ((columns,),) = _asked(WRITABLE, [table])
    deeds = [
        f"ALTER TABLE {table} RENAME TO {table}_whole",
        f"CREATE TABLE {table} (LIKE {table}_whole INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS"
        " INCLUDING GENERATED) PARTITION BY HASH (project_id)",
        *(
            f"CREATE TABLE {table}_part{n} PARTITION OF {table} FOR VALUES WITH (MODULUS {parts}, REMAINDER {n})"
            for n in range(parts)
        ),
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {table}_whole",
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}_whole))",
        f"DROP TABLE {table}_whole CASCADE",
        f"ALTER TABLE {table} ADD PRIMARY KEY (project_id, id)",
        *indexes,
        *triggers,
        f"ANALYZE {table}",
    ]
    for deed in deeds:
        _run(deed)


def looked_at(table: str) -> dict[str, int]:
    """By partition, how often it was read so far, by this connection or by whoever has told his statistics."""
    _asked("SELECT pg_stat_force_next_flush()", [])
    return dict(_asked(LOOKED_AT, [table]))


def home(table: str, project: int) -> str:
    """The partition of a project that has rows there."""
    ((name,),) = _asked(f"SELECT DISTINCT tableoid::regclass::text FROM {table} WHERE project_id = %s", [project])
    return str(name)


def _run(deed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(deed)


def _asked(question: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(question, parameters or None)
        return list(cursor.fetchall())
