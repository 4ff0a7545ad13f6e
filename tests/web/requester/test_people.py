"""Who belongs to an organisation or a team, how one comes in and goes."""

import pytest
from django.test import Client
from django.urls import reverse

from crowd.users.models import Organisation, User
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
