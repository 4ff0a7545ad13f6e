"""An organisation takes unspent money back: out of reach at once, gone when staff say that the bank sent it."""

from datetime import datetime

from django.db import transaction

from crowd.kernel import clock
from crowd.ledger import access
from crowd.ledger.models import Account, Withdrawal
from crowd.ledger.services import movements
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Kind, MovementState
from crowd.users.access import organisation_for, require_staff
from crowd.users.models import User


def ask(*, actor: User, organisation_id: int, amount_micros: int, currency: str, reason: str = "") -> Withdrawal:
    """An owner asks for available money; it moves into transit at once. `reason` is a note to staff.

    Raises NotAllowed, NotFound, BadInput, NoTestMoney, NotEnoughMoney.
    """
    organisation = organisation_for(actor, organisation_id, owner=True)
    movements.check_real_money(amount_micros, currency)
    with transaction.atomic(durable=True):
        withdrawal = Withdrawal.objects.create(
            organisation=organisation,
            amount_micros=amount_micros,
            currency=currency,
            reason=reason.strip(),
            recorded_by=actor,
            recorded_at=clock.now(),
        )
        movements.note_recorded(withdrawal, action="ask", actor=actor, now=withdrawal.recorded_at)
        purse = movements.available(organisation.pk, currency)
        _move(withdrawal, Kind.WITHDRAW, purse, _transit(withdrawal), actor=actor, now=withdrawal.recorded_at)
    return withdrawal


def confirm(*, actor: User, withdrawal_id: int, reference: str = "") -> Withdrawal:
    """Staff: the bank sent it, under `reference`. Raises WrongState when it was decided before."""
    with transaction.atomic(durable=True):
        withdrawal, now = _to_decide(actor, withdrawal_id)
        withdrawal.reference = movements.clean_reference(reference)
        movements.decide(withdrawal, MovementState.DONE, action="confirm", actor=actor, now=now)
        target = movements.outside(withdrawal.currency)
        _move(withdrawal, Kind.WITHDRAWN, _transit(withdrawal), target, actor=actor, now=now)
    return withdrawal


def refuse(*, actor: User, withdrawal_id: int, reason: str) -> Withdrawal:
    """Staff: it will not be sent, or the bank sent it back; the money is available again. Raises WrongState."""
    with transaction.atomic(durable=True):
        withdrawal, now = _to_decide(actor, withdrawal_id)
        reason = movements.check_reason(reason)
        movements.decide(withdrawal, MovementState.REFUSED, action="refuse", actor=actor, now=now, reason=reason)
        target = movements.available(withdrawal.organisation_id, withdrawal.currency)
        _move(withdrawal, Kind.WITHDRAW_FAILED, _transit(withdrawal), target, actor=actor, now=now)
    return withdrawal


KEYS = {
    Kind.WITHDRAW: "withdrawal:{}",
    Kind.WITHDRAWN: "withdrawal:{}:sent",
    Kind.WITHDRAW_FAILED: "withdrawal:{}:back",
}


def _move(withdrawal: Withdrawal, kind: Kind, debit: Account, credit: Account, *, actor: User, now: datetime) -> None:
    posting = Posting(
        key=KEYS[kind].format(withdrawal.pk),
        kind=kind,
        debit=debit,
        credit=credit,
        amount_micros=withdrawal.amount_micros,
        subject_ref=withdrawal.pk,
        reason=withdrawal.decision_reason or withdrawal.reference or withdrawal.reason,
        actor=actor,
    )
    post([posting], now=now)


def _transit(withdrawal: Withdrawal) -> Account:
    return movements.in_transit(withdrawal.organisation_id, withdrawal.currency)


def _to_decide(actor: User, withdrawal_id: int) -> tuple[Withdrawal, datetime]:
    require_staff(actor)
    withdrawal = access.locked_or_not(Withdrawal, withdrawal_id)
    access.require_no_member(actor, withdrawal.organisation_id)
    access.require_second_person(actor, withdrawal.recorded_by_id)
    return withdrawal, clock.now()
