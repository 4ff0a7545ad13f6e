"""Who is at work gets more time, up to the cap that the offer states."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crowd.assignments.models import Answer, Assignment, Draft
from crowd.assignments.services import drafts, give_back, take
from crowd.assignments.services.submit import submit
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker
from workers.services import wishes

LIMIT = timedelta(minutes=10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    seconds = LIMIT // timedelta(seconds=1)
    return make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1, time_limit_s=seconds)


def saved(held: Assignment) -> timedelta:
    """A draft is saved now; how long after its beginning the task ends from then on."""
    _draft, told = drafts.save_draft(
        worker=held.worker, assignment_id=held.pk, attempt=held.attempt, value={"u0.why": ["x"]}
    )
    held.refresh_from_db()
    assert told == held.deadline
    assert held.opened_at is not None
    return held.deadline - held.opened_at


def test_the_time_is_renewed_in_its_last_part_and_no_further_than_twice(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.pk)
    clock.advance(timedelta(minutes=5))
    assert saved(held) == LIMIT  # half of it is left
    clock.advance(timedelta(minutes=4))
    assert timedelta(minutes=14) <= saved(held) < timedelta(minutes=14, seconds=30)
    for _while in range(4):
        clock.advance(timedelta(minutes=2))
        ends = saved(held)
    assert ends == 2 * LIMIT
    clock.advance(timedelta(minutes=1))
    with CaptureQueriesContext(connection) as asked:
        assert saved(held) == 2 * LIMIT
    assert not any("assignments_participation" in one["sql"] for one in asked)  # nothing to renew, nothing is locked
    assert give_back.expire_due() == 0

    clock.advance(timedelta(minutes=3))  # past the end: what is typed is kept, the time is over
    assert saved(held) == 2 * LIMIT
    assert give_back.expire_due() == 1
    all_is_well()


def test_an_answer_in_the_renewed_time_is_in_time(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.pk)
    clock.advance(timedelta(minutes=9))
    saved(held)
    clock.advance(timedelta(minutes=3))
    assert give_back.expire_due() == 0
    submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, take_next=False)
    answer = Answer.objects.get()
    assert not answer.late
    assert answer.elapsed_ms >= 12 * 60_000
    all_is_well()


def test_the_page_hears_of_it_and_the_offer_says_how_far_it_goes(project: Project, worker: Worker) -> None:
    wishes.set_wishes(worker=worker, time_percent=150, shown_warnings=[])
    client = Client()
    client.force_login(worker.user)
    offer = client.get(f"/work/projects/{project.pk}/")
    assert (offer.context["time_limit_s"], offer.context["longest_s"]) == (900, 1800)
    held = take.take_next(worker=worker, project_id=project.pk)
    clock.advance(timedelta(minutes=14))
    body = {"attempt": 1, "fields": {"u0.why": ["x"]}, "active_ms": 5}
    told = client.put(f"/work/tasks/{held.pk}/draft/", body, content_type="application/json").json()
    assert told["revision"] == 1
    assert told["left_ms"] == pytest.approx(450_000, abs=1)


def test_who_only_looks_has_it_renewed_and_sends_nothing_that_another_browser_has_changed(
    project: Project, worker: Worker
) -> None:
    client = Client()
    client.force_login(worker.user)
    held = take.take_next(worker=worker, project_id=project.pk)
    at_work = {"attempt": 1, "active_ms": 7}

    def looks() -> dict[str, int]:
        said = client.put(f"/work/tasks/{held.pk}/draft/", at_work, content_type="application/json")
        assert said.status_code == 200
        return dict(said.json())

    assert looks()["revision"] == 0  # nothing is typed by that
    saved(held)
    for _while in range(3):
        clock.advance(timedelta(minutes=4))
        told = looks()
        assert (told["revision"], told["renews"]) == (1, True)
    clock.advance(timedelta(minutes=4))
    assert looks()["renews"] is False  # twice is the most, and the page need not ask again
    draft = Draft.objects.get()
    assert (draft.value, draft.revision, draft.active_ms) == ({"u0.why": ["x"]}, 1, 7)
    held.refresh_from_db()
    assert held.opened_at is not None
    assert held.deadline == held.opened_at + 2 * LIMIT
    clock.advance(LIMIT)
    assert give_back.expire_due() == 1
    behind = client.get(f"/work/tasks/{held.pk}/draft/").json()
    assert behind == {"fields": {"u0.why": ["x"]}, "revision": 1}  # it is not over: it may still be handed in, late
    submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, take_next=False)
    assert "over" in client.get(f"/work/tasks/{held.pk}/draft/").json()
    all_is_well()
