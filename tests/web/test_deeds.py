"""Every deed that the services write into the audit log has its words, and no words are left of what nobody does."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache

from django.apps import apps

from crowd.assignments.states import HeldState
from crowd.gold.states import Change
from crowd.review.states import AppealState
from crowd.rules.states import FiringState
from crowd.web.deeds import DEEDS, THINGS
from tests.fire.parts import ROOT

DOORS = {ROOT / "crowd" / name for name in ("api", "web", "operations")}
CHOICES: Mapping[str, Set[str]] = {  # what stands behind a deed's dot where the code does not spell it out
    "appeal.": {AppealState.GRANTED, AppealState.UPHELD},
    "firing.": {FiringState.FOLLOWED, FiringState.DISMISSED},
    "gold.": {*Change},
    "rejections.": {HeldState.PASSED, HeldState.REFUSED},
}


@cache
def trees() -> list[ast.Module]:
    """Of the modules that write into the audit log, or tell another one what to write."""
    files = [path for top in ("crowd", "workers", "qualifications") for path in (ROOT / top).rglob("*.py")]
    texts = [path.read_text() for path in files if not DOORS & {*path.parents}]
    hints = ("audit", "services.record", "services import movements")
    return [ast.parse(text) for text in texts if any(hint in text for hint in hints)]


def places(tree: ast.Module) -> dict[str, int]:
    """Of each function there that is told the deed: as which of what it is given (-1: by its name only)."""
    found = {}
    for one in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = [each.arg for each in one.args.args]
        if "action" in [*names, *(each.arg for each in one.args.kwonlyargs)]:
            found[one.name] = names.index("action") if "action" in names else -1
    return found


@cache
def shared() -> dict[str, int]:
    """The functions that one module has for others."""
    everywhere = [(name, place) for tree in trees() for name, place in places(tree).items() if name[0] != "_"]
    return {"Note": -1} | {name: max(place for each, place in everywhere if each == name) for name, _ in everywhere}


def told(tree: ast.Module) -> Iterator[ast.expr]:
    """What is given as the deed, and what a variable holds that is given."""
    known = shared() | places(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = known.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
            if place is not None:
                yield from (one.value for one in node.keywords if one.arg == "action")
                yield from node.args[place : place + 1] if place >= 0 else []
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").lower() in ("action", "actions"):
            yield node.value


def deeds(given: ast.expr) -> Iterable[str]:
    if isinstance(given, ast.JoinedStr):
        (first, *_rest) = given.values
        assert isinstance(first, ast.Constant)
        assert isinstance(first.value, str)
        return {f"{first.value}{one}" for one in CHOICES[first.value]}
    return {one.value for one in ast.walk(given) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def test_every_deed_has_words_and_none_has_words_in_vain() -> None:
    written = {deed for tree in trees() for given in told(tree) for deed in deeds(given)}

    assert written - {*DEEDS} == set()
    assert {*DEEDS} - written == set()
    assert {*THINGS} - {model._meta.label_lower for model in apps.get_models()} == set()
    assert {"project.exclusions", "fail_payout", "withdraw_staff", "gold.retired", "revoke"} < written
