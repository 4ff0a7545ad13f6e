"""A stranger opens every page of somebody else's and sees nothing: generated from the table of addresses.

What an address needs (ids, tokens) comes from the same small world as the API's table. A page that is new is in the
test by itself; one whose argument nobody knows makes it fail until the world has such a thing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from crowd import urls as site_urls
from crowd.assignments.models import Rejection
from crowd.ledger.models import Transfer
from qualifications.models import Attempt
from tests.api import world as worlds
from tests.api.world import World

pytestmark = pytest.mark.django_db
# In the name of everything in the world that is somebody's. An organisation's name is told with what is public of it.
HIDDEN = (b"Hidden project", b"Hidden skill", b"owner@example.org")
GONE = (403, 404, 405)
# Where a token in the address is what one may enter with, and a signed-in stranger may hold it: it names nobody.
TOKENS = {"token", "uidb36", "key"}
ROLES = ["nobody", "stranger_worker", "stranger_requester"]
# For workers whose project is a team's, a stranger is not even told that it is there; these name no thing at all.
FREE = {"currency", "year", "month", "kind", "of"}


@dataclass(frozen=True)
class Place:
    """An address of the site, and the names of what it needs."""

    name: str
    needs: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Crowd:
    world: World
    values: dict[str, Any]

    def address(self, place: Place) -> str:
        return reverse(place.name, kwargs={need: self.value(place, need) for need in place.needs})

    def value(self, place: Place, need: str) -> Any:
        return self.values.get(f"{place.name} {need}", self.values.get(need))

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role != "nobody":
            client.force_login(self.world.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[Crowd]:
    """Built once; what a request changes in it is undone by its own savepoint."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole._from_testcase = True  # type: ignore[attr-defined]
        with whole:
            world = worlds.build()
            yield Crowd(world, values(world))
            transaction.set_rollback(True)


def places() -> list[Place]:
    """Every address of the pages."""
    (web,) = [one for one in get_resolver().url_patterns if getattr(one, "namespace", None) == "web"]
    return list(_inside(web, "web:"))


def _inside(resolver: Any, prefix: str) -> Iterator[Place]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _inside(one, f"{prefix}{one.namespace}:" if one.namespace else prefix)
        elif isinstance(one, URLPattern) and one.name:
            # An address by regular expression names its parts in the expression itself.
            names = one.pattern.converters or getattr(one.pattern, "regex").groupindex  # noqa: B009
            yield Place(f"{prefix}{one.name}", tuple(names))


PLACES = places()
OF_THINGS = [one for one in PLACES if set(one.needs) - TOKENS - FREE]
STAFF = [one for one in PLACES if one.name.startswith("web:staff:")]
OF_REQUESTERS = [
    one
    for one in OF_THINGS
    if one.name.startswith("web:requester:") and {*one.needs} & {"organisation_id", "project_id"}
]
WITHOUT = [one for one in PLACES if not one.needs and one not in STAFF]
DEEDS = [{}, {"act": "approve", "confirm": "yes", "chosen": "1", "reason": "x"}]


def test_every_page_is_in_the_table_and_every_argument_is_known(crowd: Crowd) -> None:
    unknown = {need for one in PLACES for need in one.needs if crowd.value(one, need) is None}

    assert len(OF_THINGS) > 40
    assert len(STAFF) > 25
    assert unknown == set()


def test_who_may_does_see_them(crowd: Crowd) -> None:
    """The control: with the same addresses owner, worker and staff do find what is theirs."""
    readers = {
        "web:requester:project": "owner",
        "web:requester:organisation": "owner",
        "web:requester:item": "owner",
        "web:requester:results": "colleague",
        "web:offer": "worker",
        "web:staff:project": "staff",
        "web:staff:requester": "other_staff",
        "web:staff:participation": "staff",
    }
    seen = {name: _get(crowd, role, name) for name, role in readers.items() if name in {one.name for one in PLACES}}

    assert len(seen) >= 5
    assert [name for name, (status, shown) in seen.items() if status != 200 or not shown] == []


def test_staff_open_every_page_of_staff(crowd: Crowd) -> None:
    """The control of the next ones: all of them are there, and say something."""
    client = crowd.client("staff")
    answers = {place.name: _ask(client, "get", crowd.address(place)) for place in STAFF}

    broken = {name: answer.status_code for name, answer in answers.items() if answer.status_code != 200}
    assert broken == {}
    assert sum(_tells(answer) for answer in answers.values()) > 5


@pytest.mark.parametrize("role", ROLES)
def test_a_stranger_sees_nothing_of_others(role: str, crowd: Crowd) -> None:
    client, leaks = crowd.client(role), []
    for place in OF_THINGS:
        answer = _ask(client, "get", crowd.address(place))
        if not _is_nothing(answer) and not _is_public(place, answer):
            leaks.append((place.name, answer.status_code, answer.headers.get("Location", "")))

    assert leaks == []


@pytest.mark.parametrize("role", ROLES)
def test_a_stranger_changes_nothing_of_others(role: str, crowd: Crowd) -> None:
    client, done = crowd.client(role), []
    for place in OF_THINGS:
        for sent in DEEDS:
            answer = _ask(client, "post", crowd.address(place), sent)
            if answer.status_code == 400 and not _tells(answer):
                continue  # what was sent is no input at all: nobody had to look whose it is
            if not _is_nothing(answer) and not _is_public(place, answer):
                done.append((place.name, sent, answer.status_code, answer.headers.get("Location", "")))

    assert done == []


@pytest.mark.parametrize("role", ["worker", "staff"])
def test_who_works_on_it_and_staff_see_nothing_of_a_requesters_pages(
    role: str, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is either told that there is such a page: a worker has an own one of the project, and so have staff."""
    monkeypatch.setattr(site_urls, "handler404", not_there, raising=False)  # not drawn each time
    client, seen = crowd.client(role), []
    for place in OF_REQUESTERS:
        for method in ("get", "post"):
            answer = _ask(client, method, crowd.address(place))
            if answer.status_code not in (404, 405):
                seen.append((place.name, method, answer.status_code))

    assert len(OF_REQUESTERS) > 40
    assert seen == []


@pytest.mark.parametrize("role", [*ROLES, "owner", "worker"])
def test_nobody_but_staff_opens_a_page_of_staff(role: str, crowd: Crowd) -> None:
    client, leaks = crowd.client(role), []
    for place in STAFF:
        for method, sent in (("get", {}), ("post", {"act": "approve"})):
            answer = _ask(client, method, crowd.address(place), sent)
            if answer.status_code == 403:
                continue  # the page says who the reader is, and nothing else
            if not _is_nothing(answer):
                leaks.append((place.name, method, answer.status_code))

    assert leaks == []


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_ones_own_hold_nothing_of_others(role: str, crowd: Crowd) -> None:
    client = crowd.client(role)
    answers = {place.name: _ask(client, "get", crowd.address(place), follow=True) for place in WITHOUT}

    broken = [name for name, answer in answers.items() if answer.status_code >= 500]
    leaks = [name for name, answer in answers.items() if _tells(answer)]
    assert len(answers) > 10
    assert (broken, leaks) == ([], [])


def not_there(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseNotFound()


def _get(crowd: Crowd, role: str, name: str) -> tuple[int, bool]:
    (place,) = [one for one in PLACES if one.name == name]
    answer = _ask(crowd.client(role), "get", crowd.address(place))
    return answer.status_code, _tells(answer)


def _ask(client: Client, method: str, address: str, sent: Any = None, **more: Any) -> Any:
    cache.clear()  # no limit on attempts hides an answer
    undone = transaction.atomic()
    undone._from_testcase = True  # type: ignore[attr-defined]
    with undone:
        answer = getattr(client, method)(address, sent or {}, **more)
        transaction.set_rollback(True)
    return answer


def _is_nothing(answer: Any) -> bool:
    """Not there, not allowed, or sent away to sign in, to say who one is, or to one's own beginning."""
    if _tells(answer):
        return False
    if answer.status_code == 302:
        away = answer.headers["Location"]
        return away.startswith(("/accounts/login/", "/join/")) or away in ("/work/", "/requester/")
    return answer.status_code in GONE


def _is_public(place: Place, answer: Any) -> bool:
    """A qualification is listed for all workers: its page is no secret, as long as it says nothing of others."""
    return place.name.startswith(("web:qualification", "web:begin-test")) and answer.status_code < 500


def _tells(answer: Any) -> bool:
    body = _body(answer)
    return any(word in body for word in HIDDEN)


def _body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def values(world: World) -> dict[str, Any]:
    """By the names that arguments have in addresses; a more exact one is "name-of-the-page argument"."""
    ids = world.ids
    known: dict[str, Any] = {name: value for name, value in ids.items() if isinstance(value, int | str)}
    transfer = Transfer.objects.order_by("pk")[0].pk
    attempt = Attempt.objects.order_by("pk").first()
    return known | {
        "batch_id": ids["sent_batch"],
        "payout_id": ids["payout"],
        "transfer_id": transfer,
        "rejection_id": Rejection.objects.order_by("pk")[0].pk,
        "assignment_id": ids["held"],
        "request_id": world.ids["document_request"],
        "attempt_id": attempt.pk if attempt else 1,
        "item_id": ids["item"],
        "currency": "USD",
        "year": 2026,
        "month": 1,
        "of": "items",
        "kind": "csv",
        "token": ids["token"],
        # Setting up is for drafts, the rest for what runs.
        **{f"{one.name} project_id": ids["draft"] for one in PLACES if "setup" in one.name},
    }
