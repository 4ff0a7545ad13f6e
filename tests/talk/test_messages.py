"""A worker and a requester write each other: under the names that each may know, once, within limits, with an end."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from crowd.assignments.models import Assignment
from crowd.assignments.services import submit, take
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound, TooMany
from crowd.notices.services import letters
from crowd.projects.models import Project
from crowd.talk import queries
from crowd.talk.errors import Muted, ReportedAlready, SentAlready
from crowd.talk.models import Complaint, Message, Mute, Thread
from crowd.talk.services import complaints, messages
from crowd.talk.services.forget import forget
from crowd.talk.states import Side
from crowd.users.models import AuditEntry, Membership, Organisation, User
from tests import make, make_project
from tests.check import all_is_well
from tests.races import together
from workers.models import Worker
from workers.services import accounts
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    make.make_money(organisation, 1_000_000_000)
    return make_project.make_open(actor=requester, organisation=organisation, title="Moods")


def work(worker: Worker, project: Project) -> Assignment:
    held = take.take_next(worker=worker, project_id=project.pk)
    return submit.submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, take_next=False).assignment


def test_a_conversation_under_the_names_that_each_may_know(
    worker: Worker, requester: User, colleague: User, project: Project, stranger: User, staff: User
) -> None:
    worker.user.name = "Wanda Worker"
    worker.user.save()
    done = work(worker, project)
    code = pseudonym_for(project.organisation, worker)
    mine, theirs, others = Client(), Client(), Client()
    for browser, user in ((mine, worker.user), (theirs, requester), (others, stranger)):
        browser.force_login(user)
    here, there = f"/work/projects/{project.pk}/messages/", f"/requester/projects/{project.pk}/workers/{code}/messages/"

    page = mine.get(f"{here}?about={done.pk}").content.decode()
    assert "About a task of yours" in page
    key = re.findall(r'name="key" value="(\w+)"', page)[0]
    sent = {"text": "Is <b>irony</b> good?\nSee http://spam.example", "key": key, "about": done.pk}
    for _time in range(2):  # the button is pressed twice
        assert mine.post(here, sent).headers["Location"] == here
    assert Message.objects.count() == 1
    assert mine.post(here, sent | {"text": "Another"}).status_code == 400

    clock.advance(letters.QUIET)
    for id in letters.collect():
        letters.send(id)
    (letter,) = [one for one in mail.outbox if one.to == [requester.email]]
    assert "Is <b>irony</b> good?" in letter.body
    assert there in letter.body
    listed = theirs.get(f"/requester/projects/{project.pk}/messages/").content.decode()
    assert code in listed
    assert "1 not read" in listed
    page = theirs.get(there).content.decode()
    assert "Is &lt;b&gt;irony&lt;/b&gt; good?" in page
    assert 'href="http://spam' not in page
    assert f"/tasks/{done.task_id}/" in page
    assert "Wanda" not in page
    assert worker.user.email not in page
    assert "not read" not in theirs.get(f"/requester/projects/{project.pk}/messages/").content.decode()

    assert theirs.post(there, {"text": "It is.", "key": "k"}).status_code == 302
    page = mine.get("/work/messages/").content.decode()
    assert "1 not read" in page
    page = mine.get(here).content.decode()
    assert "It is." in page
    assert "Rita&#x27;s Lab" in page
    assert requester.name not in page
    assert queries.unread_of_worker(worker.user) == 0

    for page, browser in ((here, mine), (there, theirs)):
        for about in ("abc", "9" * 30):
            assert browser.post(page, {"text": "Which?", "about": about}).status_code == 400
    assert others.get(there).status_code == 404
    assert others.post(there, {"text": "Hello"}).status_code == 404
    assert theirs.get(f"/staff/threads/{Thread.objects.get().pk}/").status_code == 403
    reader = Client()
    reader.force_login(staff)
    page = reader.get(f"/staff/threads/{Thread.objects.get().pk}/").content.decode()
    assert "It is." in page
    assert AuditEntry.objects.filter(action="talk.read", actor=staff).count() == 1
    all_is_well()


def test_who_may_write_to_whom_how_often_and_until_when(
    worker: Worker, other_worker: Worker, requester: User, project: Project
) -> None:
    code = pseudonym_for(project.organisation, other_worker)
    with pytest.raises(NotFound):  # he has not worked here: the requester knows his pseudonym from elsewhere
        messages.write_as_requester(actor=requester, project_id=project.pk, pseudonym=code, text="Come!")
    not_his = work(other_worker, project)
    Membership.objects.create(user=other_worker.user, organisation=project.organisation)
    with pytest.raises(NotFound):  # he would write to himself
        messages.write_as_requester(actor=other_worker.user, project_id=project.pk, pseudonym=code, text="Me")
    with pytest.raises(BadInput):
        messages.write_as_worker(worker=worker, project_id=project.pk, text="Look", assignment=not_his.pk)
    with pytest.raises(BadInput):
        messages.write_as_worker(worker=worker, project_id=project.pk, text="x" * 4001)

    for number in range(messages.MOST_UNANSWERED):
        messages.write_as_worker(worker=worker, project_id=project.pk, text=f"{number}", key=f"{number}")
    with pytest.raises(SentAlready):
        messages.write_as_worker(worker=worker, project_id=project.pk, text="else", key="1")
    with pytest.raises(TooMany):
        messages.write_as_worker(worker=worker, project_id=project.pk, text="And another")

    mine = {"side": "worker", "project": project, "worker": worker}
    theirs = mine | {"side": "requester", "user": requester}
    mute = messages.mute(sender=messages.Sender(**theirs), reason="Ten times the same.")  # type: ignore[arg-type]
    assert messages.mute(sender=messages.Sender(**theirs), reason="Again").pk == mute.pk  # type: ignore[arg-type]
    with pytest.raises(Muted, match="Ten times the same"):
        messages.write_as_worker(worker=worker, project_id=project.pk, text="Why?")
    assert queries.my_data(worker.user)["messages_written"][0]["text"] == "0"
    messages.unmute(sender=messages.Sender(**theirs))  # type: ignore[arg-type]
    messages.mute(sender=messages.Sender(**mine, user=worker.user), reason="Enough")  # type: ignore[arg-type]
    code = pseudonym_for(project.organisation, worker)
    with pytest.raises(Muted) as refused:
        messages.write_as_requester(actor=requester, project_id=project.pk, pseudonym=code, text="Come back!")
    assert "Enough" not in str(refused.value)  # a worker's reason is for staff
    all_is_well()


def test_two_tabs_that_send_at_once_send_once(worker: Worker, project: Project) -> None:
    def send() -> Message:
        return messages.write_as_worker(worker=worker, project_id=project.pk, text="Once", key="k")

    assert len({one.pk for one in together(*[send] * 3)}) == 1
    assert Thread.objects.get().requester_unread == 1
    all_is_well()


def test_what_is_reported_is_hidden_by_somebody_without_a_part_in_it(
    worker: Worker, requester: User, project: Project, staff: User, other_staff: User
) -> None:
    work(worker, project)
    code = pseudonym_for(project.organisation, worker)
    bad = messages.write_as_requester(actor=requester, project_id=project.pk, pseudonym=code, text="You fool")
    client, desk = Client(), Client()
    client.force_login(worker.user)
    desk.force_login(staff)

    assert client.post(f"/messages/{bad.pk}/report/", {"reason": "An insult"}).status_code == 302
    with pytest.raises(ReportedAlready):
        complaints.report_message(actor=worker.user, message_id=bad.pk, reason="Again")
    with pytest.raises(BadInput):
        complaints.report_message(actor=requester, message_id=bad.pk, reason="My own")
    complaint = Complaint.objects.get()
    assert "You fool" in desk.get("/staff/").content.decode()
    here = f"/staff/complaints/{complaint.pk}/"
    assert "An insult" in desk.get(here).content.decode()
    assert desk.post(here, {"act": "uphold", "reason": "We do not insult."}).status_code == 302
    assert desk.post(here, {"act": "dismiss", "reason": "Or do we?"}).status_code != 302

    page = client.get(f"/work/projects/{project.pk}/messages/").content.decode()
    assert "You fool" not in page
    assert "We do not insult." in page
    told = dict(requester.notices.filter(kind="writing_hidden").values_list("kind", "data"))
    assert told["writing_hidden"]["reason"] == "We do not insult."
    assert worker.user.notices.filter(kind="complaint_answered").exists()
    all_is_well()


def test_a_deleted_account_leaves_its_words_and_nothing_else(
    worker: Worker, requester: User, colleague: User, project: Project
) -> None:
    work(worker, project)
    messages.write_as_worker(worker=worker, project_id=project.pk, text="Here I was")
    code = pseudonym_for(project.organisation, worker)
    messages.write_as_requester(actor=colleague, project_id=project.pk, pseudonym=code, text="And I")
    for side, user in (("worker", worker.user), ("requester", colleague)):
        sender = messages.Sender(user=user, side=Side(side), project=project, worker=worker)
        messages.mute(sender=sender, reason=f"Enough, says the {side}")
    nothing: Any = lambda _user: None  # noqa: E731

    for user in (worker.user, colleague):
        accounts.erase(actor=user, user=user, nothing_left=nothing, forget=[forget])

    reasons = dict(Mute.objects.values_list("side", "reason"))
    assert reasons == {"worker": "", "requester": "Enough, says the requester"}  # which the worker was told
    client = Client()
    client.force_login(requester)
    page = client.get(f"/requester/projects/{project.pk}/workers/{code}/messages/").content.decode()
    assert "Here I was" in page
    assert f"{code} (deleted user)" in page
    assert "erased-" not in page
    with pytest.raises(Muted):
        messages.write_as_requester(actor=requester, project_id=project.pk, pseudonym=code, text="Hello?")
    all_is_well()


def test_lists_ask_the_same_whatever_their_length(
    client: Client, requester: User, project: Project, django_assert_max_num_queries: Any
) -> None:
    def queries_of(address: str) -> int:
        client.get(address)
        with django_assert_max_num_queries(60) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    client.force_login(requester)
    workers = [make.make_worker() for _number in range(6)]
    here = f"/requester/projects/{project.pk}/messages/"
    messages.write_as_worker(worker=workers[0], project_id=project.pk, text="Hello")
    code = pseudonym_for(project.organisation, workers[0])
    thread = f"/requester/projects/{project.pk}/workers/{code}/messages/"
    few = [queries_of(here), queries_of(thread)]
    for one in workers:
        for _time in range(4):
            messages.write_as_worker(worker=one, project_id=project.pk, text="More")

    assert [queries_of(here), queries_of(thread)] == few
    messages.write_as_worker(worker=workers[2], project_id=project.pk, text="And another")
    api, newest_first = f"/api/v1/projects/{project.pk}/messages/", [2, 5, 4, 3, 1, 0]
    first = client.get(api, {"limit": 4}).json()
    rest = client.get(api, {"cursor": first["next"]}).json()
    codes = [pseudonym_for(project.organisation, workers[number]) for number in newest_first]
    assert [one["worker"] for one in [*first["results"], *rest["results"]]] == codes
    assert rest["next"] is None
