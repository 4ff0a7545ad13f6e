"""A mistake is mended by a transfer the other way, with its reason, by two people; nothing written is changed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.ledger import access
from crowd.ledger.models import Account, Correction
from crowd.ledger.services import movements
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Kind, MovementState, Purpose
from crowd.users.access import require_staff
from crowd.users.models import User

# Each of these is the sum of something else (open slots and assignments; open payouts and withdrawals). A hand that
# moved money here would break that sum: such a mistake is mended by deciding the payout, or closing the project.
BOUND = (Purpose.ESCROW, Purpose.IN_TRANSIT)


def record(*, actor: User, debit_id: int, credit_id: int, amount_micros: int, reason: str) -> Correction:
    """Staff propose to move money from account `debit_id` to `credit_id`; nothing moves yet.

    Raises NotAllowed, OwnAccount, NotFound, and BadInput: other currencies, bound accounts, no reason.
    """
    require_staff(actor)
    movements.check_amount(amount_micros)
    debit, credit = _account(debit_id), _account(credit_id)
    _check_accounts(actor, debit, credit)
    with transaction.atomic(durable=True):
        correction = Correction.objects.create(
            debit=debit,
            credit=credit,
            amount_micros=amount_micros,
            currency=debit.currency,
            reason=movements.check_reason(reason),
            recorded_by=actor,
            recorded_at=clock.now(),
        )
        movements.note_recorded(correction, action="record", actor=actor, now=correction.recorded_at)
    return correction


def approve(*, actor: User, correction_id: int) -> Correction:
    """A second person moves the money. Raises WrongState, SecondPersonNeeded, OwnAccount, NotEnoughMoney."""
    with transaction.atomic(durable=True):
        correction, now = _to_decide(actor, correction_id)
        movements.decide(correction, MovementState.DONE, action="approve", actor=actor, now=now)
        posting = Posting(
            key=f"correction:{correction.pk}",
            kind=Kind.CORRECTION,
            debit=correction.debit,
            credit=correction.credit,
            amount_micros=correction.amount_micros,
            subject_ref=correction.pk,
            reason=correction.reason,
            actor=actor,
        )
        post([posting], now=now)
    return correction


def refuse(*, actor: User, correction_id: int, reason: str) -> Correction:
    """Raises WrongState when it was decided before."""
    with transaction.atomic(durable=True):
        correction, now = _to_decide(actor, correction_id)
        reason = movements.check_reason(reason)
        movements.decide(correction, MovementState.REFUSED, action="refuse", actor=actor, now=now, reason=reason)
    return correction


def _to_decide(actor: User, correction_id: int) -> tuple[Correction, datetime]:
    require_staff(actor)
    correction = access.locked_or_not(Correction, correction_id)
    for account in (correction.debit, correction.credit):
        access.require_not_his(actor, account)
    access.require_second_person(actor, correction.recorded_by_id)
    return correction, clock.now()


def _check_accounts(actor: User, debit: Account, credit: Account) -> None:
    if debit.pk == credit.pk:
        raise BadInput(errors={"credit": _("Choose two different accounts.")})
    if debit.currency != credit.currency:
        raise BadInput(errors={"credit": _("Both accounts must be in one currency.")})
    for place, account in {"debit": debit, "credit": credit}.items():
        access.require_not_his(actor, account)
        if account.purpose in BOUND:
            raise BadInput(errors={place: _("Money that is reserved or on its way is not moved by hand.")})


def _account(account_id: int) -> Account:
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise NotFound(_("There is no such account."))
    return found
