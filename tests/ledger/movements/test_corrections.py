"""A mistake is mended by a transfer the other way, which two agree on."""

from typing import Any

import pytest

from crowd.kernel.errors import BadInput, NotAllowed
from crowd.kernel.transitions import WrongState
from crowd.ledger import queries
from crowd.ledger.errors import NotEnoughMoney, OwnAccount, SecondPersonNeeded
from crowd.ledger.models import Account, Correction
from crowd.ledger.services import accounts, corrections, movements, self_check
from crowd.ledger.states import Holder, MovementState, Purpose
from crowd.users.models import Membership, Organisation, User
from tests.ledger.movements.moving import UNIT
from tests.make import make_money, make_organisation, make_worker


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
