"""Staff put requested payouts into a batch; somebody else approves it, or either gives it up."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.ledger.access import require_second_person
from crowd.ledger.services.movements import check_reason
from crowd.payouts import access, providers
from crowd.payouts.errors import CannotBatch, EmptyBatch
from crowd.payouts.models import Batch, Payout
from crowd.payouts.states import BATCH, PAYOUT, BatchState, PayoutState
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit


def build(*, actor: User, provider: str, currency: str, payout_ids: Sequence[int]) -> Batch:
    """Put these requested payouts of one currency together; all of them or none.

    Raises NotAllowed, OwnPayout, UnknownProvider, EmptyBatch, and CannotBatch with the reason for each that cannot.
    """
    require_staff(actor)
    methods = providers.get(provider).methods
    with transaction.atomic(durable=True):
        payouts = access.lock_payouts(pk__in=set(payout_ids))
        access.require_not_own(actor, payouts)
        _check_all(payouts, set(payout_ids), currency, methods)
        now = clock.now()
        batch = Batch.objects.create(provider=provider, currency=currency, built_by=actor, built_at=now)
        Payout.objects.filter(pk__in=payout_ids).update(batch=batch)
        _note(batch, "build_batch", payouts, actor=actor, now=now)
    return batch


def approve(*, actor: User, batch_id: int) -> Batch:
    """A second person agrees to all that is in it. Raises SecondPersonNeeded, OwnPayout, WrongState, EmptyBatch."""
    with transaction.atomic(durable=True):
        batch, payouts, now = _to_decide(actor, batch_id)
        require_second_person(actor, batch.built_by_id)
        BATCH.check(batch.state, BatchState.APPROVED)
        if not payouts:
            raise EmptyBatch
        batch.state, batch.approved_by, batch.approved_at = BatchState.APPROVED, actor, now
        batch.save(update_fields=["state", "approved_by", "approved_at"])
        move(payouts, PayoutState.APPROVED, decided_by=actor, decided_at=now)
        _note(batch, "approve_batch", payouts, actor=actor, now=now)
    return batch


def refuse(*, actor: User, batch_id: int, reason: str) -> Batch:
    """Give up a batch that was not sent; its payouts wait for another one. Raises OwnPayout, WrongState."""
    with transaction.atomic(durable=True):
        batch, payouts, now = _to_decide(actor, batch_id)
        reason = check_reason(reason)
        BATCH.check(batch.state, BatchState.REFUSED)
        batch.state = BatchState.REFUSED
        batch.save(update_fields=["state"])
        approved = [payout for payout in payouts if payout.state == PayoutState.APPROVED]
        move(approved, PayoutState.REQUESTED, decided_by=None, decided_at=None)
        Payout.objects.filter(batch=batch).update(batch=None)
        _note(batch, "refuse_batch", payouts, actor=actor, now=now, reason=reason)
    return batch


def move(payouts: Iterable[Payout], state: PayoutState, **fields: object) -> None:
    """The same change of state for locked payouts. Inner. Raises WrongState."""
    ids = []
    for payout in payouts:
        PAYOUT.check(payout.state, state)
        payout.state = state
        ids.append(payout.pk)
    Payout.objects.filter(pk__in=ids).update(state=state, **fields)


def _to_decide(actor: User, batch_id: int) -> tuple[Batch, list[Payout], datetime]:
    require_staff(actor)
    batch = access.lock_batch(batch_id)
    payouts = access.lock_payouts(batch=batch)
    access.require_not_own(actor, payouts)
    return batch, payouts, clock.now()


def _check_all(payouts: Sequence[Payout], wanted: set[int], currency: str, methods: frozenset[str]) -> None:
    if not wanted:
        raise EmptyBatch
    faults = {f"payout {pk}": _("There is no such payout.") for pk in wanted - {payout.pk for payout in payouts}}
    faults |= {
        f"payout {payout.pk}": fault for payout in payouts if (fault := _fault(payout, currency, methods)) is not None
    }
    if faults:
        raise CannotBatch(errors=faults)


def _fault(payout: Payout, currency: str, methods: frozenset[str]) -> str | None:
    if payout.state != PayoutState.REQUESTED:
        return _("It is %(state)s, no longer requested.") % {"state": payout.get_state_display()}
    if payout.batch_id is not None:
        return _("It is in batch %(batch)s already.") % {"batch": payout.batch_id}
    if payout.currency != currency:
        return _("It is in %(currency)s.") % {"currency": payout.currency}
    if payout.method not in methods:
        return _("This provider does not pay by %(method)s.") % {"method": payout.method}
    return None


def _note(
    batch: Batch, action: str, payouts: Sequence[Payout], *, actor: User, now: datetime, reason: str = ""
) -> None:
    facts = {
        "state": batch.state,
        "payouts": [payout.pk for payout in payouts],
        "amount_micros": sum(payout.amount_micros for payout in payouts),
        "currency": batch.currency,
    }
    audit.record(actor=actor, action=action, subject=batch, now=now, after=facts, reason=reason)
