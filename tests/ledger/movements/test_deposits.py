"""Money that comes in: written down by one, approved by another, never about his own; and test money."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger import queries
from crowd.ledger.errors import NoTestMoney, OwnAccount, ReferenceKnown, SecondPersonNeeded, TestMoneyCap
from crowd.ledger.models import Account, Deposit
from crowd.ledger.services import deposits, movements, self_check, withdrawals
from crowd.ledger.states import MovementState
from crowd.users.models import AuditEntry, Membership, Organisation, User
from tests.ledger.movements.moving import UNIT, record
from tests.make import make_money


class TestDeposit:
    def test_is_credited_when_a_second_person_agrees(
        self, staff: User, other_staff: User, organisation: Organisation, purse: Account
    ) -> None:
        deposit = record(staff, organisation)
        assert queries.balance(purse) == 0

        deposit = deposits.approve(actor=other_staff, deposit_id=deposit.pk)

        assert (deposit.state, deposit.decided_by) == (MovementState.DONE, other_staff)
        assert queries.balance(purse) == 50 * UNIT
        self_check()

    def test_is_written_down_in_the_audit_log(self, staff: User, other_staff: User, organisation: Organisation) -> None:
        deposit = record(staff, organisation)
        deposits.approve(actor=other_staff, deposit_id=deposit.pk)

        entries = AuditEntry.objects.filter(subject_type="ledger.deposit", subject_id=deposit.pk).order_by("id")
        assert [(entry.action, entry.actor) for entry in entries] == [
            ("record", staff),
            ("approve", other_staff),
        ]
        assert {entry.organisation for entry in entries} == {organisation}

    def test_who_recorded_it_cannot_approve_it(self, staff: User, organisation: Organisation) -> None:
        deposit = record(staff, organisation)

        with pytest.raises(SecondPersonNeeded):
            deposits.approve(actor=staff, deposit_id=deposit.pk)

    def test_one_person_is_enough_where_the_site_says_so(
        self, staff: User, organisation: Organisation, purse: Account, settings: Settings
    ) -> None:
        settings.CROWD_TWO_PERSON_RULE = False

        deposits.approve(actor=staff, deposit_id=record(staff, organisation).pk)

        assert queries.balance(purse) == 50 * UNIT

    def test_a_member_of_the_organisation_decides_nothing_about_it(
        self, staff: User, other_staff: User, organisation: Organisation, settings: Settings
    ) -> None:
        settings.CROWD_TWO_PERSON_RULE = False
        Membership.objects.create(organisation=organisation, user=other_staff)
        deposit = record(staff, organisation)

        for decide in (deposits.approve, partial(deposits.refuse, reason="wrong")):
            with pytest.raises(OwnAccount):
                decide(actor=other_staff, deposit_id=deposit.pk)

    def test_the_same_bank_reference_is_refused(self, staff: User, organisation: Organisation) -> None:
        first = record(staff, organisation)

        with pytest.raises(ReferenceKnown) as refusal:
            record(staff, organisation, reference=" TRF  2026/11\n4711 ")
        assert refusal.value.data["deposit_id"] == first.pk

    def test_a_refused_one_gives_its_reference_free_and_credits_nothing(
        self, staff: User, other_staff: User, organisation: Organisation, purse: Account
    ) -> None:
        first = record(staff, organisation, 5 * UNIT)
        deposits.refuse(actor=other_staff, deposit_id=first.pk, reason="it was 50, not 5")

        second = record(staff, organisation)
        deposits.approve(actor=other_staff, deposit_id=second.pk)

        assert queries.balance(purse) == 50 * UNIT
        with pytest.raises(WrongState):
            deposits.approve(actor=other_staff, deposit_id=first.pk)
        self_check()

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"amount": 0}, BadInput),
            ({"amount": -UNIT}, BadInput),
            ({"amount": 10**15 + UNIT}, BadInput),
            ({"amount": 12_345}, BadInput),  # less than a cent
            ({"currency": "XTS"}, NoTestMoney),
            ({"currency": "ABC"}, BadInput),
            ({"reference": "  "}, BadInput),
            ({"reference": "9" * 201}, BadInput),
        ],
    )
    def test_bad_input_leaves_nothing(
        self, staff: User, organisation: Organisation, change: dict[str, Any], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            record(staff, organisation, **change)
        assert not Deposit.objects.exists()

    def test_nobody_but_staff_records_or_decides(
        self, staff: User, requester: User, organisation: Organisation
    ) -> None:
        deposit = record(staff, organisation)
        attempts: list[Callable[[], object]] = [
            lambda: record(requester, organisation, reference="mine"),
            lambda: deposits.approve(actor=requester, deposit_id=deposit.pk),
            lambda: deposits.refuse(actor=requester, deposit_id=deposit.pk, reason="no"),
        ]
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt()


class TestXts:
    def test_an_owner_gets_it_at_once(self, requester: User, organisation: Organisation) -> None:
        deposits.add_test_money(actor=requester, organisation_id=organisation.pk, amount_micros=1000 * UNIT)

        assert queries.balance(movements.available(organisation.pk, "XTS")) == 1000 * UNIT
        assert queries.balance(movements.available(organisation.pk, "USD")) == 0
        self_check()

    def test_a_mere_member_does_not(self, colleague: User, organisation: Organisation) -> None:
        with pytest.raises(NotAllowed):
            deposits.add_test_money(actor=colleague, organisation_id=organisation.pk, amount_micros=UNIT)

    def test_a_stranger_learns_nothing(self, stranger: User, organisation: Organisation) -> None:
        with pytest.raises(NotFound):
            deposits.add_test_money(actor=stranger, organisation_id=organisation.pk, amount_micros=UNIT)

    def test_there_is_a_cap(self, requester: User, organisation: Organisation, settings: Settings) -> None:
        settings.CROWD_TEST_MONEY_CAP = 100
        add = partial(deposits.add_test_money, actor=requester, organisation_id=organisation.pk)
        add(amount_micros=90 * UNIT)

        with pytest.raises(TestMoneyCap) as refusal:
            add(amount_micros=11 * UNIT)
        assert refusal.value.data["room_micros"] == 10 * UNIT

    def test_it_is_never_withdrawn(self, requester: User, organisation: Organisation) -> None:
        make_money(organisation, 10 * UNIT, "XTS")

        with pytest.raises(NoTestMoney):
            withdrawals.ask(actor=requester, organisation_id=organisation.pk, amount_micros=UNIT, currency="XTS")


def test_time_of_a_movement_is_the_clocks(staff: User, organisation: Organisation) -> None:
    assert record(staff, organisation).recorded_at == clock.now()
