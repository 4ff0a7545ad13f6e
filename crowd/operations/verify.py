"""Asking the stored rows whether everything holds that must hold: each app's invariants, all of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from crowd.kernel.invariants import Invariant


@dataclass(frozen=True)
class Finding:
    """One invariant as it was found: `rows` break it, none when it holds."""

    app: str
    name: str
    sentence: str
    rows: list[dict[str, Any]]

    @property
    def holds(self) -> bool:
        return not self.rows


def invariants() -> list[Invariant]:
    """Those of every app of ours that states some, in the order of the apps."""
    return [invariant for _app, invariant in _stated()]


def verify() -> list[Finding]:
    """Ask all of them, in one read-only snapshot: nothing is locked, and whoever writes meanwhile is not seen.

    Opens its own transaction, and must be the outermost.
    """
    with _snapshot():
        return [Finding(app, one.name, one.sentence, one.rows()) for app, one in _stated()]


def _stated() -> Iterator[tuple[str, Invariant]]:
    for config in apps.get_app_configs():
        module = f"{config.name}.invariants"
        # The kernel's module of that name is what an invariant is, not a list of some.
        if config.name in settings.OURS and config.label != "kernel" and find_spec(module) is not None:
            for invariant in import_module(module).INVARIANTS:
                yield config.label, invariant


@contextmanager
def _snapshot() -> Iterator[None]:
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
