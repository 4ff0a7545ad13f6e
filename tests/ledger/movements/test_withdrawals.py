"""Money that goes back to who brought it."""

import pytest

from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger import queries
from crowd.ledger.errors import NotEnoughMoney, OwnAccount
from crowd.ledger.models import Account, Withdrawal
from crowd.ledger.services import movements, self_check, withdrawals
from crowd.ledger.states import Holder, MovementState
from crowd.users.models import Membership, Organisation, User
from tests.ledger.movements.moving import UNIT
from tests.make import make_money


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
