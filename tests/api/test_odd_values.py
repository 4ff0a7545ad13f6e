"""Whatever is sent in the place of a sensible value: never a fault of ours, and never a half-done change."""

from collections import Counter, defaultdict
from functools import cache
from itertools import chain
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.api.deeds import deed_of
from tests.api.cases import CASES, Case
from tests.api.conftest import SignIn
from tests.api.test_strangers import ask, filled, views, world
from tests.api.world import World

ODD: list[Any] = [
    None,
    True,
    -1,
    2**63,
    10**40,
    1.5,
    "",
    " ",
    "\u202e😀",
    "x" * 5_000,
    [],
    [[]],
    {},
    {"a": {"b": None}},
    "1e400",
    "2999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
]
WORDS = ("", "-1", "9" * 40, "x" * 3_000, "\u202e😀", "null", "1.5", "%00", "a,b")
WITH_BODY = [case for case in CASES if case.method != "get" and not case.form]
WITH_QUERY = [case for case in CASES if case.method == "get"]
__all__ = ["world"]


def names_of(case: Case) -> list[str]:
    said = deed_of(views()[case.name], case.method)
    return list(said.takes().fields) if said and said.takes else []


def queried(case: Case) -> list[str]:
    said = deed_of(views()[case.name], "get")
    assert said is not None
    return list(said.query_type()().fields)


def send(client: APIClient, case: Case, world: World, body: Any) -> int:
    given = Case(case.method, case.name, case.by, body=body, place=case.place)
    return int(ask(client, given, world).status_code)


@pytest.mark.parametrize("case", WITH_BODY, ids=str)
@pytest.mark.django_db
def test_in_a_body(case: Case, world: World, sign_in: SignIn, settings: Any) -> None:
    settings.CROWD_API_RATES = dict.fromkeys(settings.CROWD_API_RATES, "100000/min")
    client = sign_in(world.people[case.by])
    usual = filled(case.body, world) if isinstance(case.body, dict) else {}
    faults = []
    for place, name in enumerate(names_of(case)):
        for odd in ODD[place % 4 :: 4]:  # not each with each: all of them come by
            status = send(client, case, world, usual | {name: odd})
            if status >= 500:
                faults.append((name, odd, status))
    for odd in ([], "text", 7, None, {"nothing": 1}):
        if send(client, case, world, odd) >= 500:
            faults.append(("", odd, 500))

    assert faults == []


@cache
def words_of() -> dict[str, list[tuple[str, str]]]:
    """What is sent to each address. A name that few addresses know meets every word there; one of many a third of them
    at each, so that any three addresses that know it come to all."""
    names = {str(case): [*queried(case), "nonsense"] for case in WITH_QUERY}
    known, met = Counter(chain(*names.values())), Counter[str]()
    found: dict[str, list[tuple[str, str]]] = {}
    for address, its in names.items():
        words = {name: WORDS[met[name] % 3 :: 3] if known[name] > 2 else WORDS for name in its}
        found[address] = [(name, odd) for name in its for odd in words[name]]
        met.update(its)
    return found


def test_every_name_in_an_address_meets_every_word() -> None:
    met = defaultdict(set)
    for name, odd in chain(*words_of().values()):
        met[name].add(odd)

    assert len(met) > 10
    assert {name for name, words in met.items() if words != {*WORDS}} == set()


@pytest.mark.parametrize("case", WITH_QUERY, ids=str)
@pytest.mark.django_db
def test_in_an_address(case: Case, world: World, sign_in: SignIn, settings: Any) -> None:
    settings.CROWD_API_RATES = dict.fromkeys(settings.CROWD_API_RATES, "100000/min")
    client = sign_in(world.people[case.by])
    for name, odd in words_of()[str(case)]:
        asked = Case("get", case.name, case.by, place=case.place, query=f"{case.query}&{name}={odd}".lstrip("&"))
        assert ask(client, asked, world).status_code < 500, (name, odd)
