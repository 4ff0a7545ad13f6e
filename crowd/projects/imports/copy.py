"""Items and tasks into the database by COPY: the only raw SQL of this app."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from crowd.projects.cutting import NewTask
from crowd.projects.models import Item, Task
from crowd.projects.states import TaskState

ITEM_COLUMNS = (
    "id",
    "project_id",
    "key",
    "data",
    "media_id",
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


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """So many fresh ids of the model's own sequence, ascending."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s) ORDER BY 1", [table, count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def copy_items(items: Sequence[Item], *, now: datetime) -> None:
    """Store items whose ids were drawn before. Raises IntegrityError when a key is known already."""
    rows = (
        (
            item.pk,
            item.project_id,
            item.key,
            as_json(item.data),
            item.media_id,
            item.upload_id,
            item.redundancy,
            None if item.gold is None else as_json(item.gold),
            item.gold_reason,
            now,
        )
        for item in items
    )
    _copy(Item, ITEM_COLUMNS, rows)


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
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    # COPY speaks to psycopg past Django's cursor, so that its errors must be made Django's here.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
