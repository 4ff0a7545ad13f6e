"""Who may use an address can, and nobody else sees anything: one table, read twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from crowd.api import urls
from crowd.api.deeds import SESSION, deed_of
from crowd.users.models import AuditEntry, User
from crowd.users.services import api_keys
from crowd.users.states import Scope
from tests.api import openapi
from tests.api import world as worlds
from tests.api.cases import CASES, OPEN_TO_ALL, Case
from tests.api.conftest import SignIn
from tests.api.world import World

HIDDEN = (401, 403, 404)
METHODS = ("get", "post", "put", "patch", "delete")
ENDS_SIGN_IN = {"erase-account"}
OWN = {"staff", "other_staff", "superuser"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once; each test changes it inside of its own transaction, which is rolled back."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole._from_testcase = True  # type: ignore[attr-defined]
        with whole:
            yield worlds.build()
            transaction.set_rollback(True)


def views() -> dict[str, Any]:
    """The class behind each address of the table, by the address's name."""
    return {
        str(pattern.name): pattern.callback.cls  # type: ignore[attr-defined]
        for pattern in urls.urlpatterns
        if str(pattern.name) not in OPEN_TO_ALL
    }


def ask(client: APIClient, case: Case, world: World, **headers: str) -> Any:
    pattern = next(one for one in urls.urlpatterns if one.name == case.name)
    names = pattern.pattern.converters
    kwargs = {name: world.ids[case.place.get(name, name)] for name in names}
    address = reverse(f"api:{case.name}", kwargs=kwargs) + (f"?{case.query}" if case.query else "")
    body = None if case.body is None else filled(case.body, world)
    options = {"format": "multipart"} if case.form else {}
    return getattr(client, case.method)(address, body, **options, **headers)


def filled(value: Any, world: World) -> Any:
    if callable(value):
        return value(world)
    if isinstance(value, dict):
        return {name: filled(inner, world) for name, inner in value.items()}
    return [filled(inner, world) for inner in value] if isinstance(value, list) else value


def test_the_table_holds_every_address_and_method() -> None:
    there = {(method, name) for name, view in views().items() for method in METHODS if hasattr(view, method)}

    assert {(case.method, case.name) for case in CASES} == there


def test_every_address_says_who_may_and_how_often(settings: Any) -> None:
    for name, view in views().items():
        for method in METHODS:
            if hasattr(view, method):
                said = deed_of(view, method)
                assert said is not None, f"{method} {name} is no deed"
                assert said.scope in [*Scope.values, SESSION], f"{method} {name} has no scope"
                assert said.rate in settings.CROWD_API_RATES, f"{method} {name} has no throttle"


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.django_db
def test_who_may_can(case: Case, world: World, sign_in: SignIn) -> None:
    """And what he sends and is answered is what the schema says."""
    answer = ask(sign_in(world.people[case.by]), case, world)

    assert answer.status_code == case.status, getattr(answer, "content", b"")
    route = answer.wsgi_request.resolver_match.route
    assert openapi.untold(case.method, route, answer) == []
    if case.body is not None and not case.form:
        assert openapi.unasked(case.method, route, filled(case.body, world)) == []


@pytest.mark.parametrize("case", [one for one in CASES if one.method == "post"], ids=str)
@pytest.mark.django_db
def test_with_a_key_it_happens_once(case: Case, world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people[case.by])
    first = ask(client, case, world, HTTP_IDEMPOTENCY_KEY="once")
    entries = AuditEntry.objects.count()

    second = ask(client, case, world, HTTP_IDEMPOTENCY_KEY="once")

    if case.name not in ENDS_SIGN_IN:
        assert (second.status_code, second.content) == (first.status_code, first.content)
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("person", ["nobody", "stranger_worker", "stranger_requester"])
@pytest.mark.django_db
def test_strangers_see_nothing(person: str, world: World, sign_in: SignIn) -> None:
    """Nothing of what belongs to others; in lists of their own there is nothing of others either."""
    client = APIClient() if person == "nobody" else sign_in(world.people[person])
    seen = []
    for case in CASES:
        if person != "nobody" and not is_about_others(case):
            continue
        answer = ask(client, case, world)
        if answer.status_code not in HIDDEN or b"Hidden" in answer.content:
            seen.append((str(case), answer.status_code, answer.content))

    assert seen == []


@pytest.mark.parametrize("person", ["stranger_worker", "stranger_requester"])
@pytest.mark.django_db
def test_strangers_lists_hold_nothing_of_others(person: str, world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people[person])
    own = [case for case in CASES if case.method == "get" and not is_about_others(case)]

    answers = {str(case): ask(client, case, world).content for case in own}

    assert len(answers) > 10
    assert [name for name, content in answers.items() if b"Hidden" in content or b"owner@" in content] == []


@pytest.mark.django_db
def test_a_key_without_the_scope_sees_nothing(world: World) -> None:
    """Even of its own user's things."""
    programs: dict[str, APIClient] = {}
    seen = []
    for case in CASES:
        said = deed_of(views()[case.name], case.method)
        assert said is not None
        user = world.people[case.by]
        who = f"{case.by} {said.scope}"
        if who not in programs:
            programs[who] = program(user, without=said.scope)
        answer = ask(programs[who], case, world)
        if answer.status_code != 403 or answer.json()["code"] != "scope_missing":
            seen.append((str(case), answer.status_code, answer.content))

    assert seen == []


def is_about_others(case: Case) -> bool:
    """Whether the address or the body names something of somebody else's, or the site's own affairs."""
    pattern = next(one for one in urls.urlpatterns if one.name == case.name)
    return (bool(pattern.pattern.converters) or case.by in OWN) and not case.public


def program(user: User, *, without: str) -> APIClient:
    mine = [scope for scope in Scope.values if scope != without and (user.is_staff or scope != Scope.STAFF)]
    _key, secret = api_keys.create(user=user, name="program", scopes=mine)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client
