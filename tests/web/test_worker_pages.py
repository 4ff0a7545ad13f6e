"""A worker's pages without a browser: what they answer, and that nothing typed is lost."""

import re

import pytest
from django.test import Client

from crowd.projects.models import Project, Report
from crowd.projects.services import reviews
from crowd.users.models import Organisation, User
from tests.browser.world import ready_worker
from tests.make_project import make_open
from workers.models import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Worker:
    return ready_worker()


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation)


@pytest.fixture
def client(client: Client, worker: Worker) -> Client:
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(client: Client, address: str, status: int = 200) -> str:
    """The words of a page, tags and runs of space taken out."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return words(answer.content)


def words(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def test_a_project_is_reported_once_and_the_answer_of_staff_stands_in_the_record(
    client: Client, project: Project, staff: User
) -> None:
    place = f"/work/projects/{project.pk}/report/"
    assert place in client.get(f"/work/projects/{project.pk}/").content.decode()

    wrong = client.post(place, {"text": "It wants my password."})
    assert "Please choose what is wrong." in words(wrong.content)
    assert "It wants my password." in words(wrong.content)
    assert not Report.objects.exists()

    client.post(place, {"kind": "personal", "text": "It wants my password."})
    assert "You reported this project" in read(client, place)
    client.post(place, {"kind": "personal"})
    assert Report.objects.count() == 1

    reviews.dismiss_reports(actor=staff, project_id=project.pk, note="They took the question out.")
    assert "They took the question out." in read(client, "/work/record/")
    assert "What is wrong?" in read(client, place)
