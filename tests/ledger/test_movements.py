"""Money that people move by hand: written down by one, decided by another, never about his own."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger import access, queries
from crowd.ledger.errors import (
    LedgerBroken,
    NotEnoughMoney,
    NoTestMoney,
    OwnAccount,
    ReferenceKnown,
    SecondPersonNeeded,
    TestMoneyCap,
)
from crowd.ledger.models import Account, Correction, Deposit, Withdrawal
from crowd.ledger.services import accounts, corrections, deposits, movements, self_check, withdrawals
from crowd.ledger.states import Holder, MovementState, Purpose
from crowd.users.models import AuditEntry, Membership, Organisation, User
from tests.make import make_money, make_organisation, make_staff, make_worker
from tests.races import errors, meeting, together
from workers.models import Worker

UNIT = 1_000_000


@pytest.fixture
def purse(organisation: Organisation) -> Account:
    return movements.available(organisation.pk, "USD")


def record(staff: User, organisation: Organisation, amount: int = 50 * UNIT, **more: Any) -> Deposit:
    told = {"currency": "USD", "reference": "TRF 2026/11 4711"} | more
    return deposits.record(actor=staff, organisation_id=organisation.pk, amount_micros=amount, **told)


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

    def test_members_and_staff_see_it_strangers_do_not(
        self, staff: User, colleague: User, stranger: User, organisation: Organisation
    ) -> None:
        deposit = record(staff, organisation)

        assert access.deposit_for(colleague, deposit.pk) == deposit
        assert access.deposit_for(staff, deposit.pk) == deposit
        with pytest.raises(NotFound):
            access.deposit_for(stranger, deposit.pk)


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


class TestWithdrawal:
    @pytest.fixture
    def asked(self, requester: User, organisation: Organisation) -> Withdrawal:
        """30 of 50."""
        make_money(organisation, 50 * UNIT)
        return self.ask(requester, organisation, 30 * UNIT)

    def ask(self, actor: User, organisation: Organisation, amount: int) -> Withdrawal:
        return withdrawals.ask(actor=actor, organisation_id=organisation.pk, amount_micros=amount, currency="USD")

    def test_is_out_of_reach_at_once(
        self, asked: Withdrawal, organisation: Organisation, purse: Account, requester: User
    ) -> None:
        assert queries.balance(purse) == 20 * UNIT
        assert queries.balance(movements.in_transit(organisation.pk, "USD")) == 30 * UNIT
        with pytest.raises(NotEnoughMoney):
            self.ask(requester, organisation, 21 * UNIT)
        assert Withdrawal.objects.count() == 1
        self_check()

    def test_is_gone_when_the_bank_sent_it(self, asked: Withdrawal, organisation: Organisation, staff: User) -> None:
        done = withdrawals.confirm(actor=staff, withdrawal_id=asked.pk, reference="OUT 1")

        assert (done.state, done.reference) == (MovementState.DONE, "OUT 1")
        assert queries.of_holder(holder=Holder.ORGANISATION, holder_id=organisation.pk) == {
            ("available", "USD"): 20 * UNIT,
            ("in_transit", "USD"): 0,
        }
        self_check()

    def test_comes_back_when_it_fails(self, asked: Withdrawal, purse: Account, staff: User) -> None:
        withdrawals.refuse(actor=staff, withdrawal_id=asked.pk, reason="the bank knows no such account")

        assert queries.balance(purse) == 50 * UNIT
        with pytest.raises(WrongState):
            withdrawals.confirm(actor=staff, withdrawal_id=asked.pk)
        self_check()

    def test_a_refusal_has_a_reason(self, asked: Withdrawal, staff: User) -> None:
        with pytest.raises(BadInput):
            withdrawals.refuse(actor=staff, withdrawal_id=asked.pk, reason=" ")

    def test_owners_ask_members_and_strangers_do_not(
        self, organisation: Organisation, colleague: User, stranger: User
    ) -> None:
        make_money(organisation, 50 * UNIT)
        with pytest.raises(NotAllowed):
            self.ask(colleague, organisation, UNIT)
        with pytest.raises(NotFound):
            self.ask(stranger, organisation, UNIT)

    def test_staff_who_are_members_decide_nothing(
        self, asked: Withdrawal, organisation: Organisation, staff: User
    ) -> None:
        Membership.objects.create(organisation=organisation, user=staff)

        with pytest.raises(OwnAccount):
            withdrawals.confirm(actor=staff, withdrawal_id=asked.pk)

    def test_a_stranger_does_not_see_it(self, asked: Withdrawal, stranger: User, colleague: User) -> None:
        assert access.withdrawal_for(colleague, asked.pk) == asked
        with pytest.raises(NotFound):
            access.withdrawal_for(stranger, asked.pk)


class TestCorrection:
    @pytest.fixture
    def wrong(self, organisation: Organisation) -> Account:
        """An organisation's purse with 50 that belong to another."""
        return make_money(organisation, 50 * UNIT)

    @pytest.fixture
    def right(self, db: None) -> Account:
        return movements.available(make_organisation().pk, "USD")

    def propose(self, actor: User, debit: Account, credit: Account, **more: Any) -> Correction:
        told: dict[str, Any] = {"amount_micros": 50 * UNIT, "reason": "deposit 4711 was theirs"} | more
        return corrections.record(actor=actor, debit_id=debit.pk, credit_id=credit.pk, **told)

    def test_moves_the_money_when_a_second_person_agrees(
        self, staff: User, other_staff: User, wrong: Account, right: Account
    ) -> None:
        correction = self.propose(staff, wrong, right)
        assert queries.balance(right) == 0

        corrections.approve(actor=other_staff, correction_id=correction.pk)

        assert queries.balances([wrong, right]) == {wrong.pk: 0, right.pk: 50 * UNIT}
        (line,) = queries.statement(right)
        assert (line.amount_micros, line.reason) == (50 * UNIT, "deposit 4711 was theirs")
        self_check()

    def test_one_person_alone_moves_nothing(self, staff: User, wrong: Account, right: Account) -> None:
        correction = self.propose(staff, wrong, right)

        with pytest.raises(SecondPersonNeeded):
            corrections.approve(actor=staff, correction_id=correction.pk)

    def test_what_is_not_there_stays_undecided(
        self, staff: User, other_staff: User, wrong: Account, right: Account
    ) -> None:
        correction = self.propose(staff, wrong, right, amount_micros=51 * UNIT)

        with pytest.raises(NotEnoughMoney):
            corrections.approve(actor=other_staff, correction_id=correction.pk)
        correction.refresh_from_db()
        assert correction.state == MovementState.PENDING

    def test_can_be_refused(self, staff: User, other_staff: User, wrong: Account, right: Account) -> None:
        correction = self.propose(staff, wrong, right)
        corrections.refuse(actor=other_staff, correction_id=correction.pk, reason="it is theirs after all")

        with pytest.raises(WrongState):
            corrections.approve(actor=other_staff, correction_id=correction.pk)
        self_check()

    def test_never_between_currencies(self, staff: User, wrong: Account, organisation: Organisation) -> None:
        test_money = movements.available(organisation.pk, "XTS")

        with pytest.raises(BadInput):
            self.propose(staff, wrong, test_money)

    @pytest.mark.parametrize("place", [(Holder.PROJECT, Purpose.ESCROW), (Holder.WORKER, Purpose.IN_TRANSIT)])
    def test_what_is_reserved_or_on_its_way_is_not_touched(
        self, staff: User, wrong: Account, place: tuple[Holder, Purpose]
    ) -> None:
        bound = accounts.open(holder=place[0], holder_id=1, purpose=place[1], currency="USD")

        for debit, credit in ((wrong, bound), (bound, wrong)):
            with pytest.raises(BadInput):
                self.propose(staff, debit, credit)

    def test_needs_a_reason(self, staff: User, wrong: Account, right: Account) -> None:
        with pytest.raises(BadInput):
            self.propose(staff, wrong, right, reason="")

    def test_nobody_corrects_his_own_purse(self, staff: User, other_staff: User, wrong: Account) -> None:
        own = make_money(make_worker(user=other_staff), UNIT)

        with pytest.raises(OwnAccount):
            self.propose(other_staff, wrong, own)
        correction = self.propose(staff, wrong, own)
        with pytest.raises(OwnAccount):
            corrections.approve(actor=other_staff, correction_id=correction.pk)

    def test_nobody_corrects_his_own_organisations(
        self, staff: User, other_staff: User, wrong: Account, right: Account, organisation: Organisation
    ) -> None:
        Membership.objects.create(organisation=organisation, user=other_staff)
        correction = self.propose(staff, wrong, right)

        with pytest.raises(OwnAccount):
            corrections.approve(actor=other_staff, correction_id=correction.pk)

    def test_is_for_staff(self, requester: User, wrong: Account, right: Account) -> None:
        with pytest.raises(NotAllowed):
            self.propose(requester, wrong, right)


class TestStatement:
    def test_goes_back_page_by_page_with_the_balance_of_each_line(
        self, organisation: Organisation, purse: Account
    ) -> None:
        for amount in range(1, 6):
            make_money(organisation, amount)

        first = queries.statement(purse, limit=2)
        second = queries.statement(purse, limit=2, before=first[-1].id)
        third = queries.statement(purse, limit=2, before=second[-1].id)

        lines = [*first, *second, *third]
        assert [line.amount_micros for line in lines] == [5, 4, 3, 2, 1]
        assert [line.balance_micros for line in lines] == [15, 10, 6, 3, 1]
        assert {(line.counter_holder, line.counter_purpose) for line in lines} == {("outside", "bank")}
        assert queries.statement(purse, before=lines[-1].id) == []

    def test_what_goes_out_is_below_zero(self, organisation: Organisation, requester: User, purse: Account) -> None:
        make_money(organisation, 5 * UNIT)
        withdrawals.ask(actor=requester, organisation_id=organisation.pk, amount_micros=2 * UNIT, currency="USD")

        assert [(line.amount_micros, line.balance_micros) for line in queries.statement(purse)] == [
            (-2 * UNIT, 3 * UNIT),
            (5 * UNIT, 5 * UNIT),
        ]

    def test_which_worker_was_paid_only_staff_are_told(self, worker: Worker) -> None:
        make_money(worker, UNIT)
        bank = movements.outside("USD")

        (shown,) = queries.statement(bank)
        (to_staff,) = queries.statement(bank, show_workers=True)

        assert (shown.counter_holder, shown.counter_holder_id) == ("worker", None)
        assert to_staff.counter_holder_id == worker.pk

    def test_trial_balance_adds_up_to_nothing(self, organisation: Organisation, worker: Worker) -> None:
        make_money(organisation, 5 * UNIT)
        make_money(worker, 2 * UNIT)
        make_money(worker, 9 * UNIT, "XTS")

        lines = queries.trial_balance("USD")

        assert {(line.holder, line.balance_micros) for line in lines} == {
            ("organisation", 5 * UNIT),
            ("outside", -7 * UNIT),
            ("worker", 2 * UNIT),
        }


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """One member of staff confirms a withdrawal while another refuses it; both have read that it is pending."""

    def race(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        organisation = make_organisation()
        owner = organisation.memberships.get().user
        make_money(organisation, 50 * UNIT)
        asked = withdrawals.ask(actor=owner, organisation_id=organisation.pk, amount_micros=30 * UNIT, currency="USD")
        first, second = make_staff(), make_staff()
        monkeypatch.setattr(access, "locked_or_not", meeting(access.locked_or_not))
        return together(
            partial(withdrawals.confirm, actor=first, withdrawal_id=asked.pk),
            partial(withdrawals.refuse, actor=second, withdrawal_id=asked.pk, reason="no"),
        )

    def test_one_of_them_is_too_late(self, monkeypatch: pytest.MonkeyPatch) -> None:
        results = self.race(monkeypatch)

        assert [type(error) for error in errors(results)] == [WrongState]
        self_check()

    @pytest.mark.unbalanced
    def test_control_without_the_lock_the_money_is_sent_and_given_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(access, "locked_or_not", partial(access.locked_or_not, lock=False))

        results = self.race(monkeypatch)

        assert errors(results) == []
        with pytest.raises(LedgerBroken) as found:
            self_check()
        assert {"ledger.below_zero", "ledger.movements"} <= set(found.value.data["broken"])

    def test_two_deposits_with_one_reference_at_once_are_one(self) -> None:
        organisation, staff = make_organisation(), make_staff()

        results = together(*[partial(record, staff, organisation)] * 2)

        assert [type(error) for error in errors(results)] == [ReferenceKnown]
        assert Deposit.objects.count() == 1

    def test_the_cap_of_test_money_holds_for_two_at_once(
        self, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        assert len(errors(self.fill_together(monkeypatch, settings))) == 1

    def test_control_without_the_lock_it_does_not(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        monkeypatch.setattr(accounts, "lock", lambda ids: None)

        assert errors(self.fill_together(monkeypatch, settings)) == []

    def fill_together(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[Any]:
        settings.CROWD_TEST_MONEY_CAP = 100
        organisation = make_organisation()
        owner = organisation.memberships.get().user
        make_money(organisation, 1, "XTS")  # opens the account: two who opened it would wait for each other
        monkeypatch.setattr(queries, "balance", meeting(queries.balance))
        deed = partial(deposits.add_test_money, actor=owner, organisation_id=organisation.pk, amount_micros=60 * UNIT)
        return together(deed, deed)


def test_time_of_a_movement_is_the_clocks(staff: User, organisation: Organisation) -> None:
    assert record(staff, organisation).recorded_at == clock.now()
