"""What people are told: where it happens, in their words, in their inbox, and by e-mail once."""

import re
import smtplib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import resolve

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.notices import jobs, kinds, queries
from crowd.notices.kinds import KINDS
from crowd.notices.models import Letter, Notice, NoticeChoice
from crowd.notices.services import letters, reading
from crowd.notices.services.notify import notify, notify_members
from crowd.notices.states import LetterState
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.races import meeting, together
from workers.models import Worker
from workers.services import accounts, blocks

SAID: dict[str, Any] = {"project": "Moods", "reason": "Too short."}


def tell(user: User, kind: str = "paused", **more: Any) -> Notice:
    made = notify(user_id=user.pk, kind=kind, data=SAID | more, link="/work/record/", now=clock.now())
    assert made is not None
    return made


def post(*, later: timedelta = letters.QUIET) -> int:
    """What the sweep does, with its jobs done at once: how many letters left."""
    clock.advance(later)
    letters.collect()
    return sum(letters.send(id) for id in letters.due())


@pytest.mark.django_db
def test_every_kind_can_be_said_and_says_what_is_missing(worker: Worker) -> None:
    words = [file.read_text() for file in Path(kinds.__file__).parent.glob("*.py")]
    named = re.findall(r"%\((\w+)\)", "".join(words))
    everything = dict.fromkeys(named, "x") | {"count": 2, "amount_micros": 4_000_000, "currency": "USD"}

    for name, kind in KINDS.items():
        one = queries.read(tell(worker.user, name, **everything))
        assert one.title
        assert "%(" not in one.title + one.text
        assert str(kind.label)
    with pytest.raises(KeyError):
        notify(user_id=worker.user_id, kind="paused", data={}, link="/", now=clock.now())
    with pytest.raises(ValueError, match="no path"):
        notify(user_id=worker.user_id, kind="paused", data=SAID, link="https://else.where/", now=clock.now())


@pytest.mark.django_db
def test_a_blocked_worker_reads_it_in_his_inbox_in_his_language(
    client: Client, staff: User, worker: Worker, stranger: User
) -> None:
    blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="Answers by machine")
    client.force_login(worker.user)
    (notice,) = Notice.objects.filter(user=worker.user)

    assert b'<span class="count">1' in client.get("/work/record/").content
    page = client.get("/notices/").content.decode()
    assert "You are blocked on this site" in page
    assert "Answers by machine" in page
    gone = client.post(f"/notices/{notice.pk}/")
    assert gone.headers["Location"] == notice.link == "/work/record/"
    assert resolve(notice.link).url_name == "record"
    assert b'<span class="count">' not in client.get("/notices/").content

    client.force_login(stranger)
    assert client.post(f"/notices/{notice.pk}/").status_code == 404
    assert b"Answers by machine" not in client.get("/notices/").content


@pytest.mark.django_db
def test_how_one_is_told_is_chosen_a_kind_and_what_must_be_told_cannot_be_turned_off(
    client: Client, worker: Worker
) -> None:
    client.force_login(worker.user)
    page = client.get("/account/notices/").content.decode()
    assert "A payout failed" in page
    assert "A worker writes to us" not in page  # he posts no projects
    wanted = {name: kind.usual.value for name, kind in KINDS.items() if kind.audience in ("worker", "anybody")}

    assert client.post("/account/notices/", wanted | {"paused": "site", "bonus": "none"}).status_code == 302

    assert [one.mail for one in (tell(worker.user), tell(worker.user, "pause_lifted"))] == [False, True]
    bonus = SAID | {"amount_micros": 4_000_000, "currency": "USD"}
    now = clock.now()
    assert notify(user_id=worker.user_id, kind="bonus", data=bonus, link="/", now=now) is None
    assert not Notice.objects.filter(kind="bonus").exists()
    for wrong in ({"paused": "none"}, {"bonus": "nonsense"}):
        assert client.post("/account/notices/", wanted | wrong).status_code == 400
    with pytest.raises(BadInput):
        reading.choose(user=worker.user, choices={"paused": "none"})
    assert [one.how for one in queries.choices_of(worker.user) if one.name in ("paused", "bonus")] == ["site", "none"]
    reading.choose(user=worker.user, choices={"paused": "mail"})
    assert list(NoticeChoice.objects.values_list("kind", "how")) == [("bonus", "none")]  # the rest is as usual


@pytest.mark.django_db(transaction=True)
def test_what_happens_in_one_go_comes_in_one_letter(
    worker: Worker, requester: User, organisation: Organisation, colleague: User
) -> None:
    worker.user.language = "de"
    worker.user.save()
    tell(worker.user)
    tell(worker.user, "pause_lifted")
    tell(worker.user, "bonus", reason="Well done.", amount_micros=580_000, currency="USD")
    notify_members(organisation=organisation, kind="paused", data=SAID, link="/requester/", now=clock.now())
    assert letters.collect() == []  # it has only just begun

    assert post() == 3
    assert post() == 0

    sent = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {worker.user.email, requester.email, colleague.email}
    mine = sent[worker.user.email]
    assert mine.body.count("Too short.") == 2
    assert "0,58\u00a0$" in mine.body  # as his pages write it
    assert "http://127.0.0.1:8000/account/notices/" in mine.body
    assert sent[requester.email].subject == "You are paused on a project: Moods"
    all_is_well()


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_loses_nothing(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_more: Any) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    tell(worker.user)
    with monkeypatch.context() as down:
        down.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        assert post() == 0
        assert post(later=timedelta(hours=1)) == 0
    (letter,) = Letter.objects.all()
    assert (letter.state, letter.tries) == (LetterState.DUE, 2)
    assert "gone" in letter.error
    assert letters.send(letter.pk) is False  # not before its time

    tell(worker.user)  # what comes later is a letter of its own
    assert post(later=timedelta(hours=1)) == 2
    first = next(message for message in mail.outbox if f"<letter-{letter.pk}@" in message.extra_headers["Message-ID"])
    assert first.body.count("Too short.") == 1

    tell(worker.user)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    for _day in range(2 * letters.MOST_TRIES):
        post(later=timedelta(hours=12))
    assert Letter.objects.get(state=LetterState.FAILED).tries == letters.MOST_TRIES
    all_is_well()


@pytest.mark.django_db(transaction=True)
def test_two_who_send_at_once_send_once(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        tell(worker.user)
    clock.advance(letters.QUIET)
    made = together(*[letters.collect] * 3)
    (letter_id,) = [id for ids in made for id in ids]
    monkeypatch.setattr(letters, "_message", meeting(letters._message, people=2))  # both would stand before the server

    assert sorted(together(*[lambda: letters.send(letter_id)] * 3)) == [False, False, True]
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_the_sweep_sends_by_jobs(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(worker.user)
    clock.advance(letters.QUIET)
    hinted: list[Any] = []
    monkeypatch.setattr("crowd.notices.jobs.hints.send", lambda *arguments: hinted.append(arguments))

    jobs.sweep()
    ((job, letter_id),) = hinted
    assert job == jobs.send.name
    jobs.send(letter_id)
    jobs.send(letter_id)

    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_is_told_nothing_more(worker: Worker) -> None:
    tell(worker.user)
    clock.advance(letters.QUIET)
    letters.collect()

    accounts.erase(actor=worker.user, user=worker.user, nothing_left=lambda _user: None)

    assert (post(), len(mail.outbox)) == (0, 0)
    assert Letter.objects.get().state == LetterState.DROPPED
    assert Notice.objects.count() == 0
    assert notify(user_id=worker.user_id, kind="paused", data=SAID, link="/work/record/", now=clock.now()) is None
    all_is_well()
