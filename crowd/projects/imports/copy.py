"""Items and tasks into the database by COPY, as its text: the only raw SQL of this app."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from crowd.projects.imports.rows import Prepared
from crowd.projects.models import Item, Task, Upload
from crowd.projects.states import TaskState

ITEM_COLUMNS = (
    *("id", "project_id", "upload_id", "created_at", "media_id", "beside_id"),
    *("key", "data", "redundancy", "gold", "gold_reason"),  # item_cells
)
TASK_COLUMNS = (
    *("item_id", "ring", "project_id", "state", "filled", "answered", "priority"),
    *("cannot_answer_count", "rejected_count"),
    *("payload", "source", "units", "redundancy", "needed", "open", "is_gold", "gold", "gold_reason"),  # task_cells
)
NEW_IDS = """
    WITH found AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS own) -- once, not for each id
    SELECT nextval(own) FROM found, generate_series(1, %s) ORDER BY 1
"""
ORDINARY_PRIORITY = 2
WRITTEN_BYTES = 1024**2
NULL = "\\N"
EMPTY = "{}"  # where a task is in its item, if it is all of it
UNKNOWN = f"{NULL}\t"  # no gold, no reason
ItemLine = tuple[int, Sequence[int | None], bytes]
TaskLine = tuple[int, int, bytes]
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """So many fresh ids of the model's own sequence, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_IDS, [model._meta.db_table, count])
        return [int(row[0]) for row in cursor.fetchall()]


def item_cells(row: Prepared) -> bytes:
    """What is known of an item before it has an id, to the line's end."""
    redundancy = NULL if row.redundancy is None else row.redundancy
    known = _known(row.gold, row.gold_reason)
    return f"{_cell(row.key)}\t{_json_cell(row.data)}\t{redundancy}\t{known}\n".encode()


def task_cells(
    *,
    payload: Mapping[str, Any],
    source: Mapping[str, Any],
    units: int,
    redundancy: int,
    gold: Mapping[str, Any] | None,
    gold_reason: str,
) -> bytes:
    """What is known of a task before it has a place, free to be taken unless it is gold; to the line's end."""
    needed, open, is_gold = (redundancy, "t", "f") if gold is None else (0, "f", "t")
    shown = f"{_json_cell(payload)}\t{_json_cell(source)}"
    counts = f"{units}\t{redundancy}\t{needed}\t{open}\t{is_gold}"
    return f"{shown}\t{counts}\t{_known(gold, gold_reason)}\n".encode()


def copy_items(upload: Upload, rows: Iterable[ItemLine], *, now: datetime) -> None:
    """Store items: (id drawn before, the ids of its media and of the one beside it, `item_cells`). Raises
    IntegrityError when a key is known."""
    ours = f"{upload.project_id}\t{upload.pk}\t{now.isoformat()}".encode()
    without = b"\\N\t\\N"
    lines = (
        b"%d\t%b\t%b\t%b" % (id, ours, "\t".join(map(_id, media)).encode() if media else without, cells)
        for id, media, cells in rows
    )
    _copy(Item, ITEM_COLUMNS, lines)


def copy_tasks(project_id: int, rows: Iterable[TaskLine]) -> None:
    """Store tasks: (id of the item, place in the ring, `task_cells`)."""
    ours = f"{project_id}\t{TaskState.LIVE.value}\t0\t0\t{ORDINARY_PRIORITY}\t0\t0".encode()
    _copy(Task, TASK_COLUMNS, (b"%d\t%d\t%b\t%b" % (item, ring, ours, cells) for item, ring, cells in rows))


def as_json(value: Any) -> str:
    return _JSON.encode(value)


def _known(gold: Mapping[str, Any] | None, reason: str) -> str:
    return UNKNOWN if gold is None and not reason else f"{_json_cell(gold)}\t{_cell(reason)}"


def _json_cell(value: Mapping[str, Any] | None) -> str:
    """JSON has no bare tabs and line breaks."""
    if value is None:
        return NULL
    return as_json(value).replace("\\", "\\\\") if value else EMPTY


def _cell(text: str | None) -> str:
    return NULL if text is None else text.translate(_ESCAPED)


def _id(id: int | None) -> str:
    return NULL if id is None else str(id)


def _copy(model: type[models.Model], columns: Sequence[str], lines: Iterable[bytes]) -> None:
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    # COPY speaks to psycopg past Django's cursor, so that its errors must be made Django's here.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for written in _together(lines):
            copy.write(written)
    # Foreign keys are checked by plans that this connection may have made when the tables were small: each row would
    # read the whole table (100,000 rows took hours). Made anew now, they see the size it has. They are checked batch by
    # batch, so that none are left for the commit, which holds the project's row.
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
    connection.check_constraints()


def _together(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Joined, since each write takes its time; but not all at once, since tasks may be many times their item."""
    gathered, size = list[bytes](), 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= WRITTEN_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)
