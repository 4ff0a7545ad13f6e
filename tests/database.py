"""The test database: made once from the migrations, then copied; and emptied quickly between tests.

The migrations are run into a template, named after what they say. Every process of a run copies it, and so does the
next run, until a migration changes. A test that commits (`transaction=True`) is followed by `restore`, which deletes
what it left and puts back what the migrations had made: Django's own flush truncates every table of the project, which
takes ten times as long, and forgets those rows.
"""

from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.state import ProjectState
from psycopg.conninfo import make_conninfo

from crowd.kernel.postgres import server

FAMILY = "crowd_template_"
DRAFT = "crowd_draft"
KEPT = "kept_by_tests"  # the schema with what the migrations made
LARGE = 1 << 20  # bytes; a table beyond is vacuumed when its rows are deleted, so that the next test finds it small
_usually_drawn = ProjectState._find_reload_model  # type: ignore[attr-defined]
LOCK = 7_236_114  # any number: who makes the template, and who waits for it
TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'django_migrations' ORDER BY relname
"""


def hurry() -> None:
    """The tests' own server writes to disk when it likes."""
    if settings.DATABASES["default"]["HOST"] == str(server.socket_folder(settings.CROWD_DATA)):
        with connection._nodb_cursor() as cursor:
            for name in ("fsync", "full_page_writes"):
                cursor.execute(f"ALTER SYSTEM SET {name} = off")
            cursor.execute("SELECT pg_reload_conf()")


def conninfo(**more: str) -> str:
    """Where the server is, for PostgreSQL's own programs; `more` may name one of its databases."""
    of = settings.DATABASES["default"]
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(**{name: of[key] for name, key in names.items() if of.get(key)}, **more)


def template() -> str:
    """The name of a database into which the migrations of the code, as they stand, have been run."""
    name = f"{FAMILY}{_fingerprint()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # ends with this connection
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [FAMILY])
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for old in there | {DRAFT}:
                cursor.execute(f"DROP DATABASE IF EXISTS {old}")
            cursor.execute(f"CREATE DATABASE {DRAFT}")
            _migrate(DRAFT)
            cursor.execute(f"ALTER DATABASE {DRAFT} RENAME TO {name}")
    return name


def remember() -> None:
    """Called once, on a fresh database: what the migrations made is what `restore` puts back."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in _filled(cursor):
            cursor.execute(f"CREATE TABLE {KEPT}.{table} AS TABLE public.{table}")


def restore() -> None:
    """The database as the migrations left it. Sequences go on, as they do after Django's flush. For superusers only."""
    with connection.cursor() as cursor:
        filled = _filled(cursor)
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace", [KEPT])
        deeds = [f"DELETE FROM public.{table}" for table in filled]
        deeds += [f"INSERT INTO public.{row[0]} TABLE {KEPT}.{row[0]}" for row in cursor.fetchall()]
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
            cursor.execute("; ".join(deeds))
        for table in _large(cursor):
            cursor.execute(f"VACUUM public.{table}")


def is_superuser() -> bool:
    return bool(_told("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))


def remembers() -> bool:
    """Whether it is the database of an earlier run (--reuse-db)."""
    return bool(_told(f"SELECT count(*) FROM pg_namespace WHERE nspname = '{KEPT}'"))


def _told(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _fingerprint() -> str:
    """Of the text of all migrations, those of libraries too."""
    found = sha256()
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "migrations").glob("*.py")):
            found.update(f"{app.label} {path.name}\n".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _migrate(name: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with patch.object(ProjectState, "_find_reload_model", _to_draw):
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def _to_draw(state: ProjectState, app: str, model: str, delay: bool = False) -> set[tuple[str, str]]:
    """The models to draw anew after a change. Django draws with a new one whatever it is related to, over however many
    others, which is most of what all migrations take; nothing refers to a new one yet."""
    is_new = model not in state.apps.all_models[app]
    return {(app, model)} if is_new else _usually_drawn(state, app, model, delay)


def _filled(cursor: CursorWrapper) -> list[str]:
    """The tables that hold any row."""
    cursor.execute(TABLES)
    asked = [f"SELECT '{name}' WHERE EXISTS (TABLE public.{name})" for (name,) in cursor.fetchall()]
    cursor.execute(" UNION ALL ".join(asked))
    return [row[0] for row in cursor.fetchall()]


def _large(cursor: CursorWrapper) -> list[str]:
    cursor.execute(f"SELECT relname FROM ({TABLES}) _ WHERE pg_relation_size(relname::regclass) > %s", [LARGE])
    return [row[0] for row in cursor.fetchall()]
