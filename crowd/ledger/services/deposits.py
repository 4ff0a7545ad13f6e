"""Money that comes in: recorded by staff from the bank's statement, credited when a second person agrees."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, money
from crowd.kernel.errors import BadInput, NotFound
from crowd.ledger import access, queries
from crowd.ledger.errors import ReferenceKnown, TestMoneyCap
from crowd.ledger.models import Deposit
from crowd.ledger.services import accounts, movements
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Kind, MovementState
from crowd.users.access import organisation_for, require_staff
from crowd.users.models import Organisation, User


def record(
    *, actor: User, organisation_id: int, amount_micros: int, currency: str, reference: str, reason: str = ""
) -> Deposit:
    """Staff write down a payment that arrived; no money moves yet.

    Raises NotAllowed, NotFound, BadInput, ReferenceKnown (a refused deposit's reference may be used again).
    """
    require_staff(actor)
    movements.check_real_money(amount_micros, currency)
    with transaction.atomic(durable=True):
        deposit = Deposit(
            organisation=_organisation(organisation_id),
            amount_micros=amount_micros,
            currency=currency,
            reference=_reference(reference),
            reason=reason.strip(),
            recorded_by=actor,
            recorded_at=clock.now(),
        )
        _save_once(deposit)
        movements.note_recorded(deposit, action="record", actor=actor, now=deposit.recorded_at)
    return deposit


def approve(*, actor: User, deposit_id: int) -> Deposit:
    """A second member of staff, in no way a member of the organisation, credits it. Raises WrongState when decided."""
    with transaction.atomic(durable=True):
        deposit, now = _to_decide(actor, deposit_id)
        movements.decide(deposit, MovementState.DONE, action="approve", actor=actor, now=now)
        _credit(deposit, actor=actor, now=now)
    return deposit


def refuse(*, actor: User, deposit_id: int, reason: str) -> Deposit:
    """The payment was written down wrongly. Raises WrongState when decided."""
    with transaction.atomic(durable=True):
        deposit, now = _to_decide(actor, deposit_id)
        reason = movements.check_reason(reason)
        movements.decide(deposit, MovementState.REFUSED, action="refuse", actor=actor, now=now, reason=reason)
    return deposit


def add_test_money(*, actor: User, organisation_id: int, amount_micros: int) -> Deposit:
    """An owner gives his organisation test money (XTS), at once; it holds at most CROWD_TEST_MONEY_CAP of it.

    Raises NotAllowed, NotFound, BadInput, TestMoneyCap.
    """
    organisation = organisation_for(actor, organisation_id, owner=True)
    movements.check_amount(amount_micros)
    with transaction.atomic(durable=True):
        now = clock.now()
        _check_cap(organisation, amount_micros)
        deposit = Deposit.objects.create(
            organisation=organisation,
            amount_micros=amount_micros,
            currency=money.TEST_CURRENCY,
            recorded_by=actor,
            recorded_at=now,
        )
        movements.note_recorded(deposit, action="record", actor=actor, now=now)
        movements.decide(deposit, MovementState.DONE, action="approve", actor=actor, now=now)
        _credit(deposit, actor=actor, now=now)
    return deposit


def _to_decide(actor: User, deposit_id: int) -> tuple[Deposit, datetime]:
    require_staff(actor)
    deposit = access.locked_or_not(Deposit, deposit_id)
    access.require_no_member(actor, deposit.organisation_id)
    access.require_second_person(actor, deposit.recorded_by_id)
    return deposit, clock.now()


def _credit(deposit: Deposit, *, actor: User, now: datetime) -> None:
    posting = Posting(
        key=f"deposit:{deposit.pk}",
        kind=Kind.DEPOSIT,
        debit=movements.outside(deposit.currency),
        credit=movements.available(deposit.organisation_id, deposit.currency),
        amount_micros=deposit.amount_micros,
        subject_ref=deposit.pk,
        reason=deposit.reference,
        actor=actor,
    )
    post([posting], now=now)


def _check_cap(organisation: Organisation, amount_micros: int) -> None:
    account = movements.available(organisation.pk, money.TEST_CURRENCY)
    accounts.lock([account.pk])  # two at once would both see room for one
    room = money.parse(settings.CROWD_TEST_MONEY_CAP) - queries.balance(account)
    if amount_micros > room:
        raise TestMoneyCap(room_micros=max(room, 0), wanted_micros=amount_micros)


def _save_once(deposit: Deposit) -> None:
    try:
        with transaction.atomic():
            deposit.save(force_insert=True)
    except IntegrityError as error:
        known = Deposit.objects.exclude(state=MovementState.REFUSED).filter(
            currency=deposit.currency, reference=deposit.reference
        )
        if not known.exists():
            raise
        raise ReferenceKnown(deposit_id=known.get().pk) from error


def _organisation(organisation_id: int) -> Organisation:
    found = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise NotFound(_("There is no such organisation."))
    return found


def _reference(text: str) -> str:
    """Required: it is what keeps one payment from being credited twice."""
    reference = movements.clean_reference(text)
    if not reference:
        raise BadInput(errors={"reference": _("The bank's reference is needed.")})
    return reference
