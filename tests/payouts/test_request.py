"""A worker asks for his money."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.invariants import broken
from crowd.ledger.errors import LedgerBroken, NotEnoughMoney, NoTestMoney
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts, self_check
from crowd.payouts import access, queries
from crowd.payouts.errors import BelowMinimum, NoPayoutProfile, PayoutsHeld
from crowd.payouts.invariants import INVARIANTS
from crowd.payouts.models import Payout
from crowd.payouts.services import moving
from crowd.payouts.services.request import request
from crowd.payouts.states import PayoutState
from crowd.users.errors import SomethingLeft
from crowd.users.models import User
from tests.make import make_money, make_payout_profile, make_worker
from tests.races import errors, meeting, together
from workers.models import Worker
from workers.services import payout_profile
from workers.states import WorkerState

UNIT = 1_000_000
CENT = 10_000


@pytest.fixture
def earner(worker: Worker) -> Worker:
    """12.345678 USD, and a payout profile."""
    make_money(worker, 12_345_678)
    make_payout_profile(worker)
    return worker


def all_is_well() -> None:
    self_check()
    assert broken(INVARIANTS) == {}


class TestRequest:
    def test_everything_means_what_whole_coins_can_carry(self, earner: Worker) -> None:
        payout = request(actor=earner.user, currency="USD")

        assert (payout.state, payout.amount_micros) == (PayoutState.REQUESTED, 12_340_000)
        (purse,) = queries.purses(earner)
        assert (purse.available_micros, purse.in_transit_micros, purse.payable_micros) == (5_678, 12_340_000, 0)
        all_is_well()

    def test_a_part_may_be_asked_for(self, earner: Worker) -> None:
        payout = request(actor=earner.user, currency="USD", amount_micros=10 * UNIT)

        assert payout.amount_micros == 10 * UNIT
        assert queries.purses(earner)[0].payable_micros == 2_340_000

    @pytest.mark.parametrize("amount", [0, -UNIT, 5 * UNIT + 1])
    def test_only_whole_coins_can_be_asked_for(self, earner: Worker, amount: int) -> None:
        with pytest.raises(BadInput):
            request(actor=earner.user, currency="USD", amount_micros=amount)

    def test_more_than_there_is_is_refused(self, earner: Worker) -> None:
        with pytest.raises(NotEnoughMoney) as refusal:
            request(actor=earner.user, currency="USD", amount_micros=20 * UNIT)
        assert refusal.value.shortfall_micros == 20 * UNIT - 12_345_678

    def test_a_coin_of_another_currency_is_of_another_size(self, earner: Worker, settings: Settings) -> None:
        settings.CROWD_CURRENCIES = ["USD", "JPY"]
        make_money(earner, 345_678_900, "JPY")

        assert request(actor=earner.user, currency="JPY").amount_micros == 345 * UNIT

    def test_there_is_a_smallest_payout(self, earner: Worker, settings: Settings) -> None:
        settings.CROWD_PAYOUT_MINIMUM = 20

        with pytest.raises(BelowMinimum) as refusal:
            request(actor=earner.user, currency="USD")
        assert refusal.value.data["minimum_micros"] == 20 * UNIT
        assert queries.purses(earner)[0].payable_micros == 0

    def test_test_money_is_never_paid_out(self, earner: Worker) -> None:
        make_money(earner, 50 * UNIT, "XTS")

        with pytest.raises(NoTestMoney):
            request(actor=earner.user, currency="XTS")
        assert [purse.payable_micros for purse in queries.purses(earner)] == [12_340_000, 0]

    def test_needs_a_profile(self, worker: Worker) -> None:
        make_money(worker, 5 * UNIT)

        with pytest.raises(NoPayoutProfile):
            request(actor=worker.user, currency="USD")

    def test_waits_after_a_changed_profile_and_says_until_when(self, earner: Worker) -> None:
        profile = make_payout_profile(earner, legal_name="Somebody Else")
        assert profile.held_until

        with pytest.raises(PayoutsHeld) as refusal:
            request(actor=earner.user, currency="USD")
        assert refusal.value.data["until"] == profile.held_until.isoformat()

        clock.advance(timedelta(hours=73))
        assert request(actor=earner.user, currency="USD").pk

    def test_keeps_the_details_as_they_were(self, earner: Worker) -> None:
        payout = request(actor=earner.user, currency="USD")
        make_payout_profile(earner, iban="GB82WEST12345698765432", country="GB")

        payout.refresh_from_db()
        assert payout.masked == {"method": "bank_transfer", "destination": "…3000"}

    @pytest.mark.parametrize("state", WorkerState.values)
    def test_a_blocked_or_closed_worker_gets_his_earnings_too(self, earner: Worker, state: str) -> None:
        Worker.objects.filter(pk=earner.pk).update(state=state)

        assert request(actor=earner.user, currency="USD").amount_micros == 12_340_000

    def test_who_closed_his_account_may_take_the_last_cent(self, worker: Worker) -> None:
        make_payout_profile(worker)
        make_money(worker, 3 * CENT)
        with pytest.raises(BelowMinimum):
            request(actor=worker.user, currency="USD")
        Worker.objects.filter(pk=worker.pk).update(state=WorkerState.CLOSED)

        assert request(actor=worker.user, currency="USD").amount_micros == 3 * CENT

    def test_who_is_no_worker_has_nothing(self, requester: User) -> None:
        with pytest.raises(NotAllowed):
            request(actor=requester, currency="USD")

    def test_is_seen_by_its_worker_and_by_staff(
        self, earner: Worker, other_worker: Worker, requester: User, staff: User
    ) -> None:
        payout = request(actor=earner.user, currency="USD")

        assert access.payout_for(earner.user, payout.pk) == payout
        assert access.payout_for(staff, payout.pk) == payout
        for person in (other_worker.user, requester):
            with pytest.raises(NotFound):
                access.payout_for(person, payout.pk)
        assert queries.payouts_of(earner) == [payout]
        assert queries.payouts_of(other_worker) == []


class TestErasing:
    def test_waits_while_money_is_there_or_on_its_way(self, earner: Worker) -> None:
        with pytest.raises(SomethingLeft):
            queries.nothing_left(earner.user)
        request(actor=earner.user, currency="USD")
        with pytest.raises(SomethingLeft):
            queries.nothing_left(earner.user)

    def test_less_than_a_coin_and_test_money_hold_nobody_back(self, worker: Worker, requester: User) -> None:
        make_money(worker, CENT - 1)
        make_money(worker, UNIT, "XTS")

        queries.nothing_left(worker.user)
        queries.nothing_left(requester)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def race(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """One worker asks twice at once, for 8 of 12: both have seen 12."""
        worker = make_worker()
        make_money(worker, 12 * UNIT)
        make_payout_profile(worker)
        monkeypatch.setattr("crowd.payouts.services.request._amount", meeting(lambda *args: 8 * UNIT))
        deed = partial(request, actor=worker.user, currency="USD", amount_micros=8 * UNIT)
        return together(deed, deed)

    def test_one_gets_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        results = self.race(monkeypatch)

        assert [type(error) for error in errors(results)] == [NotEnoughMoney]
        assert Payout.objects.count() == 1
        all_is_well()

    @pytest.mark.unbalanced
    def test_control_without_the_locks_both_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.without_locks(monkeypatch)
        monkeypatch.setattr("crowd.ledger.queries.balances", meeting(lambda rows: {row.pk: 12 * UNIT for row in rows}))

        results = self.race(monkeypatch)

        assert errors(results) == []
        with pytest.raises(LedgerBroken):
            self_check()

    def without_locks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(accounts, "lock", lambda ids: None)
        monkeypatch.setattr(payout_profile, "lock", lambda pk: Worker.objects.select_related("user").get(pk=pk))


def test_the_purse_is_the_ledgers(earner: Worker) -> None:
    assert balance(moving.purse(earner.pk, "USD")) == 12_345_678
