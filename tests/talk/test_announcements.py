"""Announcements: shown to whom they are for, as long as they stand, until each has put them away."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crowd.assignments.services import take
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound, TooMany
from crowd.talk.models import Announcement
from crowd.talk.services import announcing
from crowd.talk.services.announcing import Wording
from crowd.users.models import AuditEntry, Organisation, User
from tests import make, make_project
from tests.check import all_is_well
from workers.models import Worker

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(**more: Any) -> Wording:
    given: dict[str, Any] = {"title": "Rest", "text": "The site rests <b>on Sunday</b>."}
    return Wording(**given | {"ends_at": clock.now() + timedelta(days=7)} | more)


def test_staff_tell_workers_until_each_has_read_it_or_its_time_is_over(
    staff: User, worker: Worker, other_worker: Worker, requester: User, organisation: Organisation
) -> None:
    desk, mine = browser(staff), browser(worker.user)
    sent = {"audience": "workers", "title": "Rest", "text": "The site rests <b>on Sunday</b>.", "days": 7, "key": "k"}
    for _time in range(2):
        assert desk.post("/staff/announcements/new/", sent).status_code == 302
    one = Announcement.objects.get()
    assert "&lt;b&gt;on Sunday" in mine.get("/work/").content.decode()
    assert "on Sunday" not in browser(requester).get("/requester/").content.decode()
    assert browser(requester).post(f"/announcements/{one.pk}/dismiss/").status_code == 404

    back = mine.post(f"/announcements/{one.pk}/dismiss/", {"back": "//else.where/"})
    assert back.headers["Location"] == "/announcements/"
    assert "on Sunday" not in mine.get("/work/").content.decode()
    assert "on Sunday" in mine.get("/announcements/").content.decode()
    assert "on Sunday" in browser(other_worker.user).get("/work/").content.decode()
    clock.advance(timedelta(days=8))
    assert "on Sunday" not in browser(other_worker.user).get("/work/").content.decode()

    later = announcing.announce(
        actor=staff, audience="all", said=said(title="Later", starts_at=clock.now() + timedelta(days=1))
    )
    assert "Later" not in mine.get("/work/").content.decode()
    assert ">not begun<" in desk.get("/staff/announcements/").content.decode()
    clock.advance(timedelta(days=2))
    assert "Later" in mine.get("/work/").content.decode()
    assert ">not begun<" not in desk.get("/staff/announcements/").content.decode()
    desk.post(f"/staff/announcements/{later.pk}/", {"act": "withdraw"})
    assert "Later" not in mine.get("/work/").content.decode()
    with pytest.raises(NotAllowed):
        announcing.announce(actor=requester, audience="all", said=said())
    for wrong in ({"ends_at": clock.now()}, {"ends_at": clock.now() + timedelta(days=400)}, {"title": " "}):
        with pytest.raises(BadInput):
            announcing.announce(actor=staff, audience="all", said=said(**wrong))


def test_a_requester_tells_the_workers_of_his_project(
    requester: User, organisation: Organisation, stranger: User, worker: Worker, other_worker: Worker, staff: User
) -> None:
    make.make_money(organisation, 1_000_000_000)
    project = make_project.make_open(actor=requester, organisation=organisation, title="Moods")
    take.take_next(worker=worker, project_id=project.pk)
    theirs, here = browser(requester), f"/requester/projects/{project.pk}/announcements/"
    for _time in range(2):
        assert theirs.post(here, {"title": "Soon", "text": "It ends.", "days": 3, "key": "k"}).status_code == 302
    one = Announcement.objects.get()
    assert [notice.kind for notice in worker.user.notices.all()] == ["project_announcement"]
    assert "It ends." in browser(worker.user).get("/work/").content.decode()
    assert "It ends." not in browser(other_worker.user).get("/work/").content.decode()
    assert browser(stranger).get(here).status_code == 404
    for _number in range(announcing.MOST_A_DAY - 1):
        announcing.announce_in_project(actor=requester, project_id=project.pk, said=said())
    with pytest.raises(TooMany):
        announcing.announce_in_project(actor=requester, project_id=project.pk, said=said())
    with pytest.raises(NotFound):
        announcing.withdraw(actor=stranger, announcement_id=one.pk)
    theirs.post(f"{here}{one.pk}/withdraw/")
    assert "It ends." not in browser(worker.user).get("/work/").content.decode()
    assert "on Sunday" in browser(worker.user).get("/work/").content.decode()
    for another in Announcement.objects.filter(withdrawn_at=None):
        assert browser(staff).post(f"/staff/announcements/{another.pk}/", {"act": "withdraw"}).status_code == 302
    assert "on Sunday" not in browser(worker.user).get("/work/").content.decode()
    assert AuditEntry.objects.filter(action="talk.withdraw", actor=staff, organisation=organisation).count() == 2
    all_is_well()
