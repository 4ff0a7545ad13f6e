"""What must hold across all apps: states stand in their tables, and the named rules of the database are in force."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from crowd.kernel.invariants import Invariant

IN_FORCE = """
SELECT t.relname, c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE c.convalidated AND c.connamespace = current_schema()::regnamespace
UNION SELECT t.relname, i.relname
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE x.indisvalid AND x.indisunique AND i.relnamespace = current_schema()::regnamespace
"""
# Foreign keys are triggers as well.
SWITCHED_OFF = """
SELECT t.relname, g.tgname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
WHERE g.tgenabled = 'D' AND t.relnamespace = current_schema()::regnamespace
"""


def ours() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if apps.get_app_config(model._meta.app_label).name in settings.OURS and model._meta.managed:
            yield model


def _states() -> list[dict[str, Any]]:
    """One statement for all tables."""
    parts, known = [], []
    for model in ours():
        field = next((one for one in model._meta.concrete_fields if one.name == "state"), None)
        if field is not None and field.choices:
            table, id = model._meta.db_table, model._meta.pk.column
            parts.append(f"SELECT '{table}' AS \"table\", {id}::text AS id, state FROM {table} WHERE state <> ALL(%s)")  # noqa: S608
            known.append([value for value, _name in field.flatchoices])
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), known)
        return [dict(zip(("table", "id", "state"), row, strict=True)) for row in cursor.fetchall()]


def _in_force() -> list[dict[str, Any]]:
    known = set(_asked(IN_FORCE))
    return [
        {"table": model._meta.db_table, "rule": rule.name}
        for model in ours()
        for rule in model._meta.constraints
        if (model._meta.db_table, rule.name) not in known
    ]


def _switched_off() -> list[dict[str, Any]]:
    return [{"table": table, "rule": name} for table, name in _asked(SWITCHED_OFF)]


def _asked(question: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


INVARIANTS = [
    Invariant("states", "Every state is one of its table's.", _states),
    Invariant("in_force", "Every named constraint that a table is declared with is there, and valid.", _in_force),
    Invariant("switched_off", "No trigger is switched off, neither a rule's nor a foreign key's.", _switched_off),
]
