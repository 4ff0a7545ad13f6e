"""What every story ends with."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from crowd.kernel.invariants import Invariant, broken
from crowd.ledger.services import self_check


def invariants() -> list[Invariant]:
    """Those of every app that states some."""
    found: list[Invariant] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.invariants"
        if app.name.partition(".")[0] in ("crowd", "workers", "qualifications") and app.label != "kernel":
            if find_spec(name) is not None:
                found += import_module(name).INVARIANTS
    return found


def all_is_well() -> None:
    """The books balance and every invariant holds."""
    self_check()
    assert broken(invariants()) == {}
