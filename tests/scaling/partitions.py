"""The hot tables as hash partitions by project, under their own names: for a trial in a copy of the database."""

from typing import Any

from django.db import connection

HOT = ("assignments_assignment", "assignments_answer")
PARTS = 8
INDEXES = """SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE '%%_pkey %%' ORDER BY 1"""
TRIGGERS = (
    """SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY 1"""
)
WRITABLE = """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
LOOKED_AT = """
SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables
WHERE starts_with(relname, %s) AND relname ~ '_part[0-9]+$'
"""


def divide(table: str, parts: int = PARTS) -> None:
    """Rows, checks, indexes, uniqueness and triggers are kept; the key is (project, id). What refers to a row by its id
    alone cannot be kept: a partitioned table has no uniqueness without the project."""
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
        with connection.cursor() as cursor:
            cursor.execute(deed)


def looked_at(table: str) -> dict[str, int]:
    """By partition, how often it was read so far, by this connection or by whoever has told his statistics."""
    _asked("SELECT pg_stat_force_next_flush()", [])
    return dict(_asked(LOOKED_AT, [table]))


def home(table: str, project: int) -> str:
    """The partition of a project that has rows there."""
    ((name,),) = _asked(f"SELECT DISTINCT tableoid::regclass::text FROM {table} WHERE project_id = %s", [project])
    return str(name)


def _asked(question: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(question, parameters or None)
        return list(cursor.fetchall())
