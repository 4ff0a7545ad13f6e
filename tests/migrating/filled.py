"""A database of its own with something of every kind in it, at the migrations that are out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tests.database import conninfo


def our_apps() -> Sequence[str]:
    return sorted(one.label for one in apps.get_app_configs() if one.name in settings.OURS)


@contextmanager
def copied() -> Iterator[str]:
    """Django works in a copy of the database that it works in now; gives its address for PostgreSQL's own clients."""
    usual = str(connection.settings_dict["NAME"])
    name = f"{usual}_copy"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        # Threads of tests before this one may have left a connection; nobody must be in a database that is copied.
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [usual])
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {usual}")
    connection.settings_dict["NAME"] = name
    try:
        yield conninfo(dbname=name)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def back_to(base: dict[str, str]) -> tuple[MigrationExecutor, ProjectState]:
    """Undo what came after the base; what can run it again, and the state there."""
    executor = MigrationExecutor(connection)
    targets = [*(dict(executor.loader.graph.leaf_nodes()) | base).items()]
    executor.migrate(targets)
    executor.loader.build_graph()
    return executor, executor.loader.project_state(targets)
