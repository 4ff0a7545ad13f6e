"""Who belongs to an organisation or a team, how one comes in and goes, and who sees nothing of it."""

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Assignment
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from crowd.web.requester import urls
from tests import make_project
from tests.web.requester.forms import text_of, to
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_members_are_invited_come_in_and_go(site: Client, organisation: Organisation, stranger: User) -> None:
    told = text_of(site.post(to("members", organisation.pk), {"email": stranger.email, "role": "member"}, follow=True))
    token = told.split("/invitations/")[1].split("/")[0]
    guest = Client()
    guest.force_login(stranger)

    assert "Rita" in text_of(guest.get(f"/invitations/{token}/"))
    guest.post(f"/invitations/{token}/")

    assert guest.get(to("organisation", organisation.pk)).status_code == 200
    site.post(to("remove-member", organisation.pk, stranger.pk))
    assert guest.get(to("organisation", organisation.pk)).status_code == 404


def test_a_stranger_a_worker_and_staff_see_nothing_of_it(
    running: Project, stranger: User, worker: Worker, staff: User, requester: User
) -> None:
    """Every address of the requester's pages that names an organisation or a project, generated from the URL table."""
    task, one = Task.objects.filter(project=running).first(), Assignment.objects.filter(project=running).first()
    assert task is not None
    assert one is not None
    values = {
        "organisation_id": running.organisation_id,
        "project_id": running.pk,
        "user_id": requester.pk,
        "task_id": task.pk,
        "upload_id": running.uploads.latest("pk").pk,
        "invitation_id": 1,
        "pseudonym": "w-1",
        "export_id": 1,
        "appeal_id": 1,
        "rule_id": 1,
        "firing_id": 1,
        "qualification_id": 1,
        "of": "items",
        "kind": "csv",
    }
    addresses = []
    for pattern in urls.urlpatterns:
        names = set(pattern.pattern.regex.groupindex)
        if names & {"organisation_id", "project_id"}:
            addresses.append(
                reverse(f"web:requester:{pattern.name}", kwargs={name: values.get(name, 1) for name in names})
            )
    assert len(addresses) > 40

    seen = {}
    for person in (stranger, worker.user, staff):
        client = Client()
        client.force_login(person)
        for address in addresses:
            for method in (client.get, client.post):
                status = method(address).status_code
                if status not in (404, 405):
                    seen[person.email, method.__name__, address] = status
    assert seen == {}
    guest = Client()
    assert {guest.get(address).status_code for address in addresses} <= {302, 405}


def test_a_team_is_joined_by_its_link(
    site: Client, organisation: Organisation, requester: User, worker: Worker
) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation, workforce="team")
    told = text_of(site.post(to("team", project.pk), {"uses": "2", "days": "7"}, follow=True))
    link = "/teams/" + told.split("/teams/")[1].split("/")[0] + "/"
    guest = Client()
    guest.force_login(worker.user)

    assert guest.get(link).status_code == 200
    assert guest.post(link).headers["Location"] == reverse("web:offer", kwargs={"project_id": project.pk})

    assert "Take out" in text_of(site.get(to("team", project.pk)))
    assert "/teams/" not in text_of(site.get(to("team", project.pk)))
