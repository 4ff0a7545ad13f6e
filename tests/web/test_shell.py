"""The next task as a fill of the shell that the page has already: the same HTML, letter for letter, as drawn whole."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from crowd.assignments.models import Assignment
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.make_project import CHOICE, make_open, texts

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')
NOW = re.compile(r'(data-now=")[^"]*')


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(world.ready_worker().user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def submit(client: Client, field: str, value: str, shell: str | None, **more: str) -> dict[str, Any]:
    held = Assignment.objects.get(state="active", opened_at__isnull=False)
    headers = {"Accept": "application/json"} | ({"X-Task-Shell": shell} if shell else {})
    answer = client.post(f"/work/tasks/{held.pk}/submit/", {field: value, "attempt": "1", **more}, headers=headers)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def drawn(html: str, told: dict[str, Any]) -> str:
    """As shell.ts does it."""
    return re.sub(told["shell"] + r"(\d\d)", lambda hole: told["fill"][int(hole[1])], html)


def on_its_page(client: Client, told: dict[str, Any]) -> str:
    """What the task's own page shows of it."""
    page = client.get(f"/work/tasks/{told['next']}/").content.decode()
    return page.partition('<div id="stage">')[2].partition('</div>\n<dialog id="keys"')[0]


def same(one: str, other: str) -> bool:
    """But for the token, which is another each time, and for the moment."""
    bare = [NOW.sub(r"\1", TOKEN.sub(r"\1", html)).strip() for html in (one, other)]
    assert bare[0] == bare[1]
    return True


@pytest.mark.parametrize("language", ["en", "de"])
def test_texts_are_filled_in_as_they_would_be_drawn(
    signed_in: Client, requester: User, organisation: Organisation, language: str
) -> None:
    rows = [{"text": f'<b>"{n}"</b> & {"9" * 24}'} for n in range(6)]
    project = make_open(
        actor=requester, organisation=organisation, rows=rows, redundancy=1, title="Moods & <i>more</i>"
    )
    signed_in.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    signed_in.post(f"/work/projects/{project.pk}/start/")

    first = submit(signed_in, "u0.mood", "good", "none")
    shell = first["html"]
    assert same(drawn(shell, first), on_its_page(signed_in, first))

    second = submit(signed_in, "u0.mood", "good", first["shell"])
    assert "html" not in second
    assert second["shell"] == first["shell"]
    assert same(drawn(shell, second), on_its_page(signed_in, second))

    whole = submit(signed_in, "u0.mood", "good", None)  # a page that knows of no shells
    assert "fill" not in whole
    assert same(whole["html"], on_its_page(signed_in, whole))

    Project.objects.update(reward_micros=70_000)  # what is promised reads otherwise: it is another shell
    assert submit(signed_in, "u0.mood", "good", first["shell"])["shell"] != first["shell"]


def test_so_are_files_and_what_differs_in_more_is_drawn_whole(
    signed_in: Client, requester: User, organisation: Organisation
) -> None:
    project = world.digits(requester, organisation, count=6, guidelines="# Digits\nChoose the digit that was meant.")
    signed_in.post(f"/work/projects/{project.pk}/start/", {"guidelines_read": "1"})
    told = submit(signed_in, "u0.digit", "4", "none")
    assert same(drawn(told["html"], told), on_its_page(signed_in, told))
    assert "html" not in submit(signed_in, "u0.digit", "4", told["shell"])

    Project.objects.filter(pk=project.pk).update(content_warnings=["violence"])
    signed_in.post(f"/work/projects/{project.pk}/start/", {"guidelines_read": "1"})
    warned = submit(signed_in, "u0.digit", "4", told["shell"])
    assert "fill" not in warned


def test_an_echo_shows_the_next_task_as_it_is_by_now(
    signed_in: Client, requester: User, organisation: Organisation
) -> None:
    """The first response was lost: meanwhile its clock runs, and somebody typed into it in another window."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1)
    signed_in.post(f"/work/projects/{project.pk}/start/")
    place = f"/work/tasks/{Assignment.objects.get(state='active').pk}/submit/"
    posted: dict[str, Any] = {
        "data": {"u0.mood": "good", "attempt": "1"},
        "headers": {"Accept": "application/json", "X-Task-Shell": "none"},
    }
    following = signed_in.post(place, **posted).json()["next"]
    typed = {"attempt": 1, "fields": {"u0.mood": ["bad"]}}
    signed_in.put(f"/work/tasks/{following}/draft/", typed, content_type="application/json")
    clock.advance(timedelta(minutes=1))

    again = signed_in.post(place, **posted).json()
    assert (again["again"], again["next"]) == (True, following)
    assert '{"u0.mood": ["bad"]}' in again["html"]
    shown = datetime.fromisoformat(str(NOW.search(again["html"])[0]).partition('"')[2])  # type: ignore[index]
    assert shown - Assignment.objects.get(pk=following).opened_at >= timedelta(minutes=1)  # type: ignore[operator]
    assert same(again["html"], on_its_page(signed_in, again))


def test_a_chat_is_drawn_whole(signed_in: Client, requester: User, organisation: Organisation) -> None:
    chat = CHOICE | {"data": {"kind": "text", "field": "text", "format": "chat"}}
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1, label_config=chat)
    signed_in.post(f"/work/projects/{project.pk}/start/")
    assert "fill" not in submit(signed_in, "u0.mood", "good", "none")
