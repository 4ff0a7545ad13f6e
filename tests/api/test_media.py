"""Media under signed addresses: for a while, in pieces where they are asked for, and never run by a browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from crowd.kernel import clock
from crowd.projects import media
from crowd.projects.models import Item, MediaFile, Project, Task
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from tests import make, make_project
from tests.api.conftest import SignIn
from tests.api.people import made
from workers.models import Worker

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
CONTENT = b"0123456789"


def make_file(project: Project) -> MediaFile:
    return MediaFile.objects.create(
        project=project,
        storage_name=default_storage.save("media/x", ContentFile(CONTENT)),
        filename='cat "1".png',
        content_type="image/png",
        size=len(CONTENT),
        sha256="b" * 64,
    )


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    """One image, and a column that only looks like a file."""
    draft = make_project.make_draft(actor=requester, organisation=organisation, label_config=make_project.IMAGE)
    file = make_file(draft)
    item = Item.objects.create(project=draft, data={"image": "cat.png"}, media=file)
    payload = {"units": [{"image": {"media": file.pk}, "note": {"media": file.pk}}]}
    Task.objects.create(
        project=draft, item=item, payload=payload, redundancy=3, needed=3, open=True, ring=5, source={}, units=1
    )
    make.make_money(organisation, 100 * make_project.CENT)
    return publish.publish(actor=requester, project_id=draft.pk)


@pytest.fixture
def shown(project: Project, worker: Worker, sign_in: SignIn) -> dict[str, Any]:
    """The unit as the worker gets it."""
    task = made(sign_in(worker.user).post(f"{V1}/projects/{project.pk}/next/"))
    unit: dict[str, Any] = task["shown"]["payload"]["units"][0]
    return unit


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_task_names_an_address_that_gives_the_file(shown: dict[str, Any], anybody: APIClient) -> None:
    response = anybody.get(shown["image"]["media"])

    assert (response.status_code, body(response)) == (200, CONTENT)
    assert shown["image"]["content_type"] == response["Content-Type"] == "image/png"
    assert shown["note"] == {"media": MediaFile.objects.get().pk}  # the requester's own words stay as they are


def test_the_browser_may_only_show_it(shown: dict[str, Any], anybody: APIClient, worker: Worker) -> None:
    response = anybody.get(shown["image"]["media"])

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["Content-Disposition"] == "inline"  # a worker learns no name: the answer may stand in it
    his = anybody.get(f"{V1}/media/{media.sign(MediaFile.objects.get(), worker.user, named=True)}/")
    assert his["Content-Disposition"] == 'inline; filename="cat \\"1\\".png"'
    assert "public" not in response["Cache-Control"]


def test_a_film_can_be_wound(shown: dict[str, Any], anybody: APIClient) -> None:
    address = shown["image"]["media"]

    middle = anybody.get(address, HTTP_RANGE="bytes=2-4")
    end = anybody.get(address, HTTP_RANGE="bytes=7-")
    last = anybody.get(address, HTTP_RANGE="bytes=-2")

    assert [one.status_code for one in (middle, end, last)] == [206, 206, 206]
    assert [body(one) for one in (middle, end, last)] == [b"234", b"789", b"89"]
    assert (middle["Content-Range"], middle["Content-Length"]) == ("bytes 2-4/10", "3")


def test_a_piece_that_is_not_there(shown: dict[str, Any], anybody: APIClient) -> None:
    response = anybody.get(shown["image"]["media"], HTTP_RANGE="bytes=10-")

    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10")


@pytest.mark.parametrize("wanted", ["bytes=1-2,4-5", "lines=1-2", "bytes=-", "bytes=x"])
def test_what_is_no_simple_range_gets_the_whole(shown: dict[str, Any], anybody: APIClient, wanted: str) -> None:
    response = anybody.get(shown["image"]["media"], HTTP_RANGE=wanted)

    assert (response.status_code, body(response)) == (200, CONTENT)


def test_a_piece_of_another_version_is_not_sent(shown: dict[str, Any], anybody: APIClient) -> None:
    response = anybody.get(shown["image"]["media"], HTTP_RANGE="bytes=2-4", HTTP_IF_RANGE='"old"')

    assert response.status_code == 200


def test_the_address_expires(shown: dict[str, Any], anybody: APIClient) -> None:
    clock.advance(timedelta(hours=3))

    response = anybody.get(shown["image"]["media"])

    assert (response.status_code, response.json()["code"]) == (404, "link_expired")


def test_a_forged_address_gives_nothing(shown: dict[str, Any], anybody: APIClient) -> None:
    address = shown["image"]["media"]

    assert anybody.get(address[:-3] + "x/").status_code == 404


def test_a_task_never_points_at_somebody_elses_file(
    project: Project, stranger: User, worker: Worker, sign_in: SignIn
) -> None:
    foreign = make_project.make_draft(
        actor=stranger, organisation=stranger.organisations.get(), label_config=make_project.IMAGE
    )
    task = Task.objects.get(project=project)
    task.payload = {"units": [{"image": {"media": make_file(foreign).pk}}]}
    task.save()

    taken = made(sign_in(worker.user).post(f"{V1}/projects/{project.pk}/next/"))

    assert "/media/" not in str(taken["shown"]["payload"])
