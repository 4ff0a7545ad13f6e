"""Items and tasks into the database by COPY: the only raw SQL of this app."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from crowd.projects.cutting import NewTask
from crowd.projects.imports.rows import Prepared
from crowd.projects.models import Item, Task, Upload
from crowd.projects.states import TaskState

ITEM_COLUMNS = (
    "id",
    "project_id",
    "key",
    "data",
    "media_id",
    "beside_id",
    "upload_id",
    "redundancy",
    "gold",
    "gold_reason",
    "created_at",
)
TASK_COLUMNS = (
    "project_id",
    "item_id",
    "state",
    "payload",
    "source",
    "units",
    "redundancy",
    "needed",
    "filled",
    "answered",
    "open",
    "priority",
    "ring",
    "is_gold",
    "gold",
    "gold_reason",
    "cannot_answer_count",
    "rejected_count",
)
ORDINARY_PRIORITY = 2
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """So many fresh ids of the model's own sequence, ascending."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s) ORDER BY 1", [table, count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def copy_items(upload: Upload, rows: Iterable[tuple[int, Prepared, Sequence[int | None]]], *, now: datetime) -> None:
    """Store items: (id drawn before, row, the ids of its media and of the one beside it). Raises IntegrityError when a
    key is known."""
    _copy(
        Item,
        ITEM_COLUMNS,
        (
            (
                id,
                upload.project_id,
                row.key,
                as_json(row.data),
                *media,
                upload.pk,
                row.redundancy,
                None if row.gold is None else as_json(row.gold),
                row.gold_reason,
                now,
            )
            for id, row, media in rows
        ),
    )


def copy_tasks(project_id: int, tasks: Iterable[NewTask]) -> None:
    """Store tasks, free to be taken unless they are gold."""
    rows = (
        (
            project_id,
            task.item_id,
            TaskState.LIVE.value,
            as_json(task.payload),
            as_json(task.source),
            task.units,
            task.redundancy,
            task.needed,
            0,
            0,
            not task.is_gold,
            ORDINARY_PRIORITY,
            task.ring,
            task.is_gold,
            None if task.gold is None else as_json(task.gold),
            task.gold_reason,
            0,
            0,
        )
        for task in tasks
    )
    _copy(Task, TASK_COLUMNS, rows)


def as_json(value: Any) -> str:
    return _JSON.encode(value)


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    # COPY speaks to psycopg past Django's cursor, so that its errors must be made Django's here.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    # Foreign keys are checked at the commit, by plans that this connection may have made when the tables were small:
    # each row would read the whole table (100,000 rows took hours). Made anew then, they see the size it has now.
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
