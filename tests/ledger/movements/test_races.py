"""Two at one movement."""

from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel.transitions import WrongState
from crowd.ledger import access, queries
from crowd.ledger.errors import LedgerBroken, ReferenceKnown
from crowd.ledger.models import Deposit
from crowd.ledger.services import accounts, deposits, self_check, withdrawals
from tests.ledger.movements.moving import UNIT, record
from tests.make import make_money, make_organisation, make_staff
from tests.races import errors, meeting, together


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
