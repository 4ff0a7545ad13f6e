"""Whom and where to pay: checked, encrypted, shown masked; a change waits and is told."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError
from pytest_django.fixtures import Settings

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, NotAllowed
from crowd.users.models import AuditEntry, User
from crowd.users.services import person_keys
from tests.make import PROFILE, make_payout_profile, make_worker
from tests.races import errors, meeting, together
from workers.models import PayoutProfile, Worker
from workers.payout_fields import is_iban
from workers.services import payout_profile
from workers.states import WorkerState


def test_what_was_told_can_be_read_again_for_paying(worker: Worker) -> None:
    profile = make_payout_profile(worker)

    details = payout_profile.read(profile)
    assert (details.legal_name, details.address) == ("Wanda Worker", "Hauptstrasse 1, 10115 Berlin")
    assert details.destination == "DE89370400440532013000"


def test_nothing_of_it_is_stored_in_clear(worker: Worker) -> None:
    make_payout_profile(worker)

    row = PayoutProfile.objects.values().get()
    stored = " ".join(str(bytes(value) if isinstance(value, memoryview) else value) for value in row.values())
    for secret in ("Wanda", "Hauptstrasse", "1990", "0532"):
        assert secret not in stored
    assert row["masked"] == {"method": "bank_transfer", "destination": "…3000"}
    log = AuditEntry.objects.get(action="fill_payout_profile")
    assert "3000" not in f"{log.before}{log.after}"


def test_once_his_key_is_destroyed_nobody_reads_it(worker: Worker) -> None:
    profile = make_payout_profile(worker)
    person_keys.destroy(worker.user, now=clock.now())

    with pytest.raises(crypto.Unreadable):
        payout_profile.read(profile)


def test_the_first_filling_holds_nothing_and_sends_no_mail(
    worker: Worker, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        profile = make_payout_profile(worker)

    assert profile.held_until is None
    assert mailoutbox == []


def test_a_change_holds_payouts_for_72_hours_and_tells_the_old_addresses(
    worker: Worker, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    make_payout_profile(worker, method="paypal", email="wanda@old.example")

    with django_capture_on_commit_callbacks(execute=True):
        profile = make_payout_profile(worker)

    assert profile.held_until == clock.now() + timedelta(hours=72)
    assert sorted(mail.to for mail in mailoutbox) == [["wanda@old.example"], ["worker@example.org"]]
    assert f"{profile.held_until:%Y-%m-%d %H:%M} UTC" in mailoutbox[0].body
    assert "DE89" not in mailoutbox[0].body


def test_the_hold_is_a_setting(worker: Worker, settings: Settings) -> None:
    settings.CROWD_PAYOUT_HOLD_HOURS = 1
    make_payout_profile(worker)

    assert make_payout_profile(worker, legal_name="Wanda Other").held_until == clock.now() + timedelta(hours=1)


def test_the_same_again_is_no_change(worker: Worker) -> None:
    make_payout_profile(worker)

    assert make_payout_profile(worker, iban="DE89370400440532013000").held_until is None


@pytest.mark.parametrize("state", [WorkerState.BLOCKED, WorkerState.CLOSED])
def test_who_may_not_work_may_still_say_where_his_earnings_go(worker: Worker, state: WorkerState) -> None:
    Worker.objects.filter(pk=worker.pk).update(state=state)

    assert make_payout_profile(worker).pk


def test_only_a_worker_has_one(requester: User) -> None:
    with pytest.raises(NotAllowed):
        payout_profile.save(actor=requester, fields=PROFILE)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"legal_name": ""}, "legal_name"),
        ({"legal_name": "=HYPERLINK(1)"}, "legal_name"),
        ({"legal_name": "W" * 151}, "legal_name"),
        ({"legal_name": "Wan\x00da"}, "legal_name"),
        ({"address": "  \n "}, "address"),
        ({"address": "@home"}, "address"),
        ({"country": "XX"}, "country"),
        ({"date_of_birth": "31.12.1990"}, "date_of_birth"),
        ({"date_of_birth": "1990-02-30"}, "date_of_birth"),
        ({"date_of_birth": "1790-02-20"}, "date_of_birth"),
        ({"date_of_birth": "2999-02-20"}, "date_of_birth"),
        ({"method": "cheque"}, "method"),
        ({"method": ""}, "method"),
        ({"iban": "DE89 3704 0044 0532 0130 01"}, "iban"),
        ({"iban": "DE8"}, "iban"),
        ({"iban": ""}, "iban"),
        ({"iban": "", "account_number": "12", "bank_code": "10000000"}, "account_number"),
        ({"iban": "", "account_number": "123456"}, "bank_code"),
        ({"method": "paypal"}, "email"),
        ({"method": "paypal", "email": "wanda"}, "email"),
        ({"method": "paypal", "email": "+wanda@example.org"}, "email"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(worker: Worker, change: dict[str, str], place: str) -> None:
    with pytest.raises(BadInput) as refusal:
        make_payout_profile(worker, **change)

    assert list(refusal.value.data["errors"]) == [place]
    assert not PayoutProfile.objects.exists()


def test_several_bad_fields_are_named_at_once(worker: Worker) -> None:
    with pytest.raises(BadInput) as refusal:
        payout_profile.save(actor=worker.user, fields={})

    assert set(refusal.value.data["errors"]) == {"legal_name", "address", "country", "date_of_birth", "method"}


def test_one_is_of_age_on_the_eighteenth_birthday(worker: Worker) -> None:
    today = clock.now().date()
    birthday = today.replace(year=today.year - 18)

    with pytest.raises(BadInput):
        make_payout_profile(worker, date_of_birth=(birthday + timedelta(days=1)).isoformat())
    assert make_payout_profile(worker, date_of_birth=birthday.isoformat()).pk


def test_an_account_without_iban(worker: Worker) -> None:
    profile = make_payout_profile(worker, iban="", account_number="12-345 678", bank_code="021000021", country="US")

    assert payout_profile.read(profile).destination == "12345678 at 021000021"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("GB82WEST12345698765432", True),  # the example of ISO 13616
        ("BE68539007547034", True),
        ("NO9386011117947", True),
        ("GB82WEST12345698765423", False),  # two digits swapped
        ("GB28WEST12345698765432", False),
        ("gb82west12345698765432", False),
    ],
)
def test_check_digits_of_an_iban(text: str, right: bool) -> None:
    assert is_iban(text) == right


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Two tabs fill in the profile at once; both have seen that there is none."""

    def fill_together(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        worker = make_worker()
        monkeypatch.setattr(person_keys, "wrapped_key", meeting(person_keys.wrapped_key))
        return together(*[partial(make_payout_profile, worker, legal_name=name) for name in ("Ann", "Bea")])

    def test_the_second_is_a_change(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert errors(self.fill_together(monkeypatch)) == []
        assert PayoutProfile.objects.get().held_until is not None

    def test_control_without_the_lock_it_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(payout_profile, "lock", lambda pk: Worker.objects.select_related("user").get(pk=pk))

        assert [type(error) for error in errors(self.fill_together(monkeypatch))] == [IntegrityError]
