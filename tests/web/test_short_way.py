"""A submit by the page's script goes past most of the middleware: what comes of it is the same as through all of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, override_settings

from crowd.assignments.models import Answer, Assignment
from crowd.users.models import Organisation, User
from crowd.web import short_way
from tests.browser import world
from tests.make_project import make_open, texts

pytestmark = pytest.mark.django_db
LONG = [one for one in settings.MIDDLEWARE if "ShortWay" not in one]
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "https": {"SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 60, "SESSION_COOKIE_SECURE": True},
    "either": {"SECURE_HSTS_SECONDS": 60},
}
TOKEN = "t" * 32
CHANCE = re.compile(r"[A-Za-z0-9+/]{20,}=*|(?<=data-now=\\\")[^\\]+")  # tokens and nonces, the moment
FIELDS = "u0.mood=good&attempt=1&active_ms=900"


@pytest.fixture(params=["plain", "https"])
def sides(request: pytest.FixtureRequest, requester: User, organisation: Organisation) -> Any:
    """Two tabs of one browser, that differ in the way which their submits go."""
    with override_settings(**KINDS[request.param]):
        project = make_open(actor=requester, organisation=organisation, rows=texts(30), redundancy=1)
        user = world.ready_worker().user
        clients = []
        for middleware in (settings.MIDDLEWARE, LONG):
            with override_settings(MIDDLEWARE=middleware):
                client = Client(enforce_csrf_checks=True)
                client.handler.load_middleware()
            clients.append(client)
        clients[0].force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        clients[1].cookies = clients[0].cookies
        clients[0].cookies[settings.CSRF_COOKIE_NAME] = TOKEN
        clients[0].cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
        yield Sides(clients, project.pk, secure=request.param == "https")


class Sides:
    def __init__(self, clients: list[Client], project: int, *, secure: bool) -> None:
        self.clients, self.secure = clients, secure
        token = {"X-CSRFToken": TOKEN}
        clients[1].post(f"/work/projects/{project}/start/", secure=secure, headers=token | self.referer)
        self.short_ways = 0

    @property
    def referer(self) -> dict[str, str]:
        return {"Referer": "https://testserver/work/"}

    def both(self, body: str = FIELDS, number: int | None = None, **headers: Any) -> list[Any]:
        """What both ways answer to the same."""
        held = number or Assignment.objects.get(state="active").pk
        sent = {"Accept": "application/json", "X-CSRFToken": TOKEN} | self.referer | headers
        sent = {name: value for name, value in sent.items() if value is not None}
        form: Any = {"content_type": sent.pop("Content-Type", short_way.FORM), "secure": self.secure}
        where = f"/work/tasks/{held}/submit/"
        return [client.post(where, body, headers=sent, **form) for client in self.clients]

    def same(self, status: int, **more: Any) -> bytes:
        """That what both ways answer is the same, header by header."""
        one, other = self.both(**more)
        assert one.status_code == other.status_code == status, (one.content, other.content)
        assert _varies_by(one) >= _varies_by(other)  # who is refused before he was looked at depends on less
        assert _headers(one) == _headers(other)
        assert _bare(one.content.decode()) == _bare(other.content.decode())
        return bytes(one.content)


def _headers(response: HttpResponse) -> dict[str, Any]:
    return {name.lower(): _bare(value) for name, value in response.headers.items() if name != "Vary"}


def _varies_by(response: HttpResponse) -> set[str]:
    return {one.strip() for one in response.headers.get("Vary", "").split(",")}


def _bare(text: str) -> str:
    """Without what is drawn by lot, and without the moment."""
    return CHANCE.sub("", text)


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each submit that went the short way to its end."""
    found: list[int] = []
    finished: Callable[..., Any] = short_way.ShortWay._finished

    def count(way: short_way.ShortWay, request: Any, response: Any) -> Any:
        found.append(response.status_code)
        return finished(way, request, response)

    monkeypatch.setattr(short_way.ShortWay, "_finished", count)
    return found


def test_what_is_stored_and_said_and_refused_is_the_same(sides: Sides, went: list[int]) -> None:
    first = Assignment.objects.get(state="active").pk
    one, _again = sides.both()
    assert (one.json()["counted"], one.json()["again"]) == (True, False)
    assert Answer.objects.count() == 1
    sides.same(200, number=first, **{"X-Task-Shell": None})  # both are echoes now
    assert b"different_answer" in sides.same(409, number=first, body=FIELDS.replace("good", "bad"))
    assert b"answer_refused" in sides.same(400, body="u0.mood=ugly&attempt=1")
    sides.same(404, number=first + 10**6)
    sides.same(400, body="attempt=1")
    sides.same(403, **{"X-CSRFToken": "x" * 32})
    sides.same(403, **{"X-CSRFToken": None})
    sides.same(403, Origin="https://elsewhere.example")
    assert went == [200, 200, 409, 400, 404, 400, 403, 403, 403]
    assert Answer.objects.count() == 1


def test_what_is_raised_on_the_way_leaves_with_the_same_headers(
    sides: Sides, went: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for client in sides.clients:
        client.raise_request_exception = False
    sides.same(400, body="x=1&" * settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + "x=1")
    sides.same(400, **{"Content-Type": f"{short_way.FORM}; charset=latin-1"})
    with monkeypatch.context() as broken:
        broken.setattr("crowd.web.worker.task._submit", _raising(RuntimeError()))
        sides.same(500)
    with monkeypatch.context() as broken:
        broken.setattr("crowd.users.activity._is_due", _raising(OperationalError()))
        assert b"Datenbank" in sides.same(503)
    assert went == [400, 400, 500, 503]
    monkeypatch.setattr("workers.sign_in.SessionStore.load", _raising(OperationalError()))
    assert b"Datenbank" in sides.same(503)
    assert len(went) == 4


def _raising(error: Exception) -> Callable[..., Any]:
    def fails(*_arguments: Any) -> Any:
        raise error

    return fails


@pytest.mark.parametrize("sides", ["either"], indirect=True)
def test_what_is_kept_of_the_headers_is_kept_apart_for_http(sides: Sides, went: list[int]) -> None:
    for sides.secure in (True, False):
        sides.same(404, number=1)
    assert went == [404, 404]


def test_what_is_not_plain_goes_the_long_way(sides: Sides, went: list[int]) -> None:
    sides.same(400, Host="elsewhere.example")
    assert sides.both(Accept="text/html")[0].status_code == 302  # without the script: on to the next page
    assert Answer.objects.count() == 1
    sides.clients[0].logout()
    sides.clients[0].cookies[settings.CSRF_COOKIE_NAME] = TOKEN
    sides.clients[1].cookies = sides.clients[0].cookies
    assert sides.same(302, number=1, **{"X-CSRFToken": TOKEN}) == b""
    assert went == []
