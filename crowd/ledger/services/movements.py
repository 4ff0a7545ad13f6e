"""What deposits, withdrawals and corrections have in common: one records, another decides, both are written down."""

from datetime import datetime

from django.utils.translation import gettext as _

from crowd.kernel import money
from crowd.kernel.errors import BadInput
from crowd.ledger.errors import NoTestMoney
from crowd.ledger.models import Account, Movement
from crowd.ledger.services import accounts
from crowd.ledger.states import MOVEMENT, Holder, MovementState, Purpose
from crowd.users.models import Organisation, User
from crowd.users.services import audit


def check_real_money(amount_micros: int, currency: str) -> None:
    """An amount that a bank can carry. Raises BadInput, NoTestMoney."""
    if money.check_currency(currency) == money.TEST_CURRENCY:
        raise NoTestMoney
    check_amount(amount_micros)
    if money.whole_minor(amount_micros, currency) != amount_micros:
        raise BadInput(errors={"amount": _("Banks move whole coins only.")})


def check_amount(amount_micros: int) -> None:
    """Raises BadInput."""
    if not 0 < amount_micros <= money.MAX_MICROS:
        raise BadInput(errors={"amount": _("The amount must be above zero and not absurdly large.")})


def check_reason(reason: str) -> str:
    """The reason without blanks around it. Raises BadInput when there is none."""
    if not reason.strip():
        raise BadInput(errors={"reason": _("Please say why; it is kept with the decision.")})
    return reason.strip()


def clean_reference(text: str) -> str:
    """The bank's reference with single blanks: banks wrap long ones. Raises BadInput above 200 characters."""
    reference = " ".join(text.split())
    if len(reference) > 200:
        raise BadInput(errors={"reference": _("A reference has at most 200 characters.")})
    return reference


def available(organisation_id: int, currency: str) -> Account:
    return accounts.open(
        holder=Holder.ORGANISATION, holder_id=organisation_id, purpose=Purpose.AVAILABLE, currency=currency
    )


def in_transit(organisation_id: int, currency: str) -> Account:
    return accounts.open(
        holder=Holder.ORGANISATION, holder_id=organisation_id, purpose=Purpose.IN_TRANSIT, currency=currency
    )


def outside(currency: str) -> Account:
    return accounts.open(holder=Holder.OUTSIDE, purpose=Purpose.BANK, currency=currency)


def note_recorded(movement: Movement, *, action: str, actor: User, now: datetime) -> None:
    """Into the audit log. Inner."""
    facts = {"amount_micros": movement.amount_micros, "currency": movement.currency, "reference": movement.reference}
    audit.record(
        actor=actor,
        action=action,
        subject=movement,
        now=now,
        organisation=_organisation(movement),
        after=facts,
        reason=movement.reason,
    )


def decide(
    movement: Movement, state: MovementState, *, action: str, actor: User, now: datetime, reason: str = ""
) -> None:
    """Write down who decided, in the audit log too. Inner; the movement's row must be locked. Raises WrongState."""
    MOVEMENT.check(movement.state, state)
    before = movement.state
    movement.state, movement.decision_reason = state, reason
    movement.decided_by, movement.decided_at = actor, now
    movement.save(update_fields=["state", "decided_by", "decided_at", "decision_reason", "reference"])
    audit.record(
        actor=actor,
        action=action,
        subject=movement,
        now=now,
        organisation=_organisation(movement),
        before={"state": before},
        after={"state": state, "amount_micros": movement.amount_micros, "currency": movement.currency},
        reason=reason,
    )


def _organisation(movement: Movement) -> Organisation | None:
    """None for a correction: it is the site's."""
    return getattr(movement, "organisation", None)
