"""Help: from where one was, with what one wants told, by a promised time; answered, opened again, closed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crowd.assignments.services import take
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound, TooMany
from crowd.projects.models import Project
from crowd.talk.models import Reply, Ticket
from crowd.talk.services import tickets
from crowd.talk.services.forget import forget
from crowd.users.models import Organisation, User
from tests import make, make_project
from tests.check import all_is_well
from workers.models import Worker
from workers.services import accounts

pytestmark = pytest.mark.django_db
Q: dict[str, Any] = {"category": "money", "subject": "Where is my money?", "text": "It did not arrive."}


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    make.make_money(organisation, 1_000_000_000)
    return make_project.make_open(actor=requester, organisation=organisation, title="Moods")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_from_a_task_to_an_answer_and_open_again(worker: Worker, staff: User, stranger: User, project: Project) -> None:
    held = take.take_next(worker=worker, project_id=project.pk)
    mine, desk = browser(worker.user), browser(staff)
    page = mine.get(f"/work/tasks/{held.pk}/").content.decode()
    (there,) = set(re.findall(r'href="(/help/new/[^"]+)"', page))
    page = mine.get(there).content.decode()
    assert "answered within 24 h" in page
    assert f"/work/tasks/{held.pk}/" in page
    assert "the project: Moods" in page
    key = re.findall(r'name="key" value="(\w+)"', page)[0]
    sent = Q | {"place": f"/work/tasks/{held.pk}/", "along": ["project", "assignment"], "key": key}
    assert mine.post("/help/new/", sent | {"subject": ""}).status_code == 400
    for _time in range(2):  # pressed twice
        assert mine.post("/help/new/", sent).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.project, ticket.assignment, ticket.page) == (project, held, "")  # the page was taken out
    assert ticket.promised_at == ticket.opened_at + timedelta(hours=24)
    assert "An answer is promised" in mine.get(f"/help/{ticket.pk}/").content.decode()

    tickets.ask(user=stranger, **Q | {"category": "harm", "subject": "Sooner"})
    today = desk.get("/staff/").content.decode()
    assert today.index("Sooner") < today.index("Where is my money?")
    clock.advance(timedelta(hours=30))
    assert desk.get("/staff/").content.decode().count(">late<") == 2
    here = f"/staff/help/{ticket.pk}/"
    assert "It did not arrive." in desk.get(here).content.decode()
    answer = {"act": "answer", "text": "It is on its way.", "key": "k"}
    for _time in range(2):
        assert desk.post(here, answer).status_code == 302
    assert Reply.objects.filter(ticket=ticket, by_staff=True).count() == 1
    (notice,) = worker.user.notices.filter(kind="ticket_answered")
    assert "It is on its way." in mine.get(notice.link).content.decode()
    assert Ticket.objects.get(pk=ticket.pk).state == "answered"

    assert mine.post(f"/help/{ticket.pk}/close/").status_code == 302
    assert mine.post(f"/help/{ticket.pk}/", {"text": "Not yet!"}).status_code == 302
    again = Ticket.objects.get(pk=ticket.pk)
    assert (again.state, again.closed_at) == ("open", None)
    assert again.promised_at > clock.now() + timedelta(hours=23)
    written = [reply["text"] for reply in mine.get(f"/api/v1/help/{ticket.pk}/").json()["replies"]]
    assert written == ["It did not arrive.", "It is on its way.", "Not yet!"]

    assert desk.post(here, answer | {"text": "It is now.", "key": "l", "close": "on"}).status_code == 302
    assert 'name="text"' not in desk.get(here).content.decode()
    assert 'name="text"' in mine.get(f"/help/{ticket.pk}/").content.decode()
    clock.advance(tickets.REOPENED_FOR + timedelta(days=1))
    mine, page = browser(worker.user), f"/help/{ticket.pk}/"
    assert 'name="text"' not in mine.get(page).content.decode()
    assert mine.post(page, {"text": "And yet"}).status_code == 400
    all_is_well()


def test_what_is_not_ones_own_is_neither_read_nor_sent_along(
    worker: Worker, other_worker: Worker, staff: User, stranger: User, project: Project
) -> None:
    held = take.take_next(worker=worker, project_id=project.pk)
    ticket = tickets.ask(user=worker.user, **Q)
    others = browser(stranger)
    assert others.get(f"/help/{ticket.pk}/").status_code == 404
    assert others.post(f"/help/{ticket.pk}/", {"text": "Me too"}).status_code == 404
    assert f"tasks/{held.pk}" not in others.get("/help/").content.decode()
    assert "Moods" not in others.get(f"/help/new/?from=/work/tasks/{held.pk}/").content.decode()
    assert "page you came from" not in others.get("/help/new/?from=/invitations/secret/").content.decode()
    with pytest.raises(BadInput) as refused:
        tickets.ask(user=other_worker.user, where=tickets.Where(assignment=held.pk, page="https://else.where/"), **Q)
    assert set(refused.value.data["errors"]) == {"assignment", "page"}
    with pytest.raises(NotAllowed):
        tickets.answer(actor=stranger, ticket_id=ticket.pk, text="I am staff")
    own = tickets.ask(user=staff, **Q)
    with pytest.raises(NotAllowed):
        tickets.answer(actor=staff, ticket_id=own.pk, text="I answer myself")
    with pytest.raises(NotFound):
        tickets.close(user=stranger, ticket_id=ticket.pk)
    with pytest.raises(BadInput):
        tickets.ask(user=stranger, **Q | {"category": "gossip"})


def test_limits_and_the_end(worker: Worker, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(tickets.MOST_OPEN):
        tickets.ask(user=worker.user, **Q)
    with pytest.raises(TooMany):
        tickets.ask(user=worker.user, **Q)
    monkeypatch.setattr("crowd.web.staff.help.SHOWN", 2)
    figures = dict(browser(staff).get("/staff/").context["figures"])
    assert figures["Ask for help"] == tickets.MOST_OPEN

    stale = User.objects.get(pk=worker.user_id)
    accounts.erase(actor=worker.user, user=worker.user, nothing_left=lambda _user: None, forget=[forget])
    with pytest.raises(NotAllowed):  # his other tab, a moment later
        tickets.ask(user=stale, **Q)
    assert not Ticket.objects.exists()
    all_is_well()
