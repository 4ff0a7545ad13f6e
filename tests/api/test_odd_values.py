"""Whatever is sent in the place of a sensible value: never a fault of ours, and never a half-done change."""

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
WITH_BODY = [case for case in CASES if case.method != "get" and not case.form]
WITH_QUERY = [case for case in CASES if case.method == "get"]
__all__ = ["world"]


def names_of(case: Case) -> list[str]:
    said = deed_of(views()[case.name], case.method)
    return list(said.takes().fields) if said and said.takes else []


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


@pytest.mark.parametrize("case", WITH_QUERY, ids=str)
@pytest.mark.django_db
def test_in_an_address(case: Case, world: World, sign_in: SignIn, settings: Any) -> None:
    settings.CROWD_API_RATES = dict.fromkeys(settings.CROWD_API_RATES, "100000/min")
    client = sign_in(world.people[case.by])
    said = deed_of(views()[case.name], "get")
    assert said is not None
    names = [*said.query_type()().fields, "nonsense"]
    for name in names:
        for odd in ("", "-1", "9" * 40, "x" * 3_000, "\u202e😀", "null", "1.5", "%00", "a,b"):
            asked = Case("get", case.name, case.by, place=case.place, query=f"{case.query}&{name}={odd}".lstrip("&"))
            assert ask(client, asked, world).status_code < 500, (name, odd)
