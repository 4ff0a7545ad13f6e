"""A project that runs: every page of it opens, what it tells, and how it is paused, closed and looked at by staff."""

import pytest
from django.test import Client

from crowd.projects.models import Project, Task
from crowd.projects.services import reviews
from crowd.projects.states import ProjectState
from crowd.users.models import User
from tests.web.requester.forms import text_of, to

pytestmark = pytest.mark.django_db(transaction=True)


def pages_of(project: Project) -> list[str]:
    """Every page of a running project that is looked at."""
    names = ("project", "live", "words", "funds", "close", "results", "answers", "proposals", "items", "workers")
    steps = [f"setup-{name}" for name in ("data", "question", "workers", "quality", "price")]
    task = Task.objects.filter(project=project, is_gold=False).first()
    assert task is not None
    return [to(name, project.pk) for name in (*names, *steps, "walk")] + [to("task", project.pk, task.pk)]


def test_every_page_of_a_running_project_opens(site: Client, running: Project) -> None:
    organisation = running.organisation_id
    others = [
        to(name, organisation) for name in ("organisation", "members", "money", "statement", "history", "withdraw")
    ]

    opened = {address: site.get(address).status_code for address in [*pages_of(running), *others]}

    assert set(opened.values()) == {200}, opened


def test_the_project_page_tells_how_far_how_sure_and_where_the_money_is(site: Client, running: Project) -> None:
    shown = text_of(site.get(to("project", running.pk)))

    assert "Krippendorff" in shown
    assert "Accuracy on gold" in shown
    assert "Where the money is" in shown
    code = text_of(site.get(to("workers", running.pk)))
    assert "worker@example.org" not in code


def test_pause_close_and_what_they_say(site: Client, running: Project) -> None:
    site.post(to("pause", running.pk), {"back": to("project", running.pk)})
    again = site.post(to("pause", running.pk), {"back": to("project", running.pk)}, follow=True)

    assert 'class="notice bad"' in text_of(again)
    site.post(to("close", running.pk), {"reason": "enough"})
    running.refresh_from_db()
    assert running.state == ProjectState.CLOSING


def test_what_staff_did_not_pass_is_asked_about_again(site: Client, running: Project, staff: User) -> None:
    reviews.stop(actor=staff, project_id=running.pk, reason="Let us look.")
    looked_at = text_of(site.get(to("project", running.pk)))
    assert "Staff are looking at this project" in looked_at
    assert "Resume" not in looked_at
    reviews.refuse(actor=staff, project_id=running.pk, reason="It asks for addresses.")

    assert "It asks for addresses." in text_of(site.get(to("project", running.pk)))
    site.post(to("review-again", running.pk), {"back": to("project", running.pk)})

    review = reviews.standing(running)
    assert review is not None
    assert review.state == "waiting"
    assert "Ask again" not in text_of(site.get(to("project", running.pk)))
