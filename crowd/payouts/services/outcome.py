"""How a payout ends: paid, failed, or refused before it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import Conflict, NotFound
from crowd.ledger.services.movements import check_reason, clean_reference
from crowd.ledger.states import Kind
from crowd.notices.services.notify import notify
from crowd.payouts import access, providers
from crowd.payouts.errors import BadResults
from crowd.payouts.models import Batch, Payout
from crowd.payouts.providers import Result
from crowd.payouts.services import moving
from crowd.payouts.services.sending import reference as reference_of
from crowd.payouts.states import BATCH, PAYOUT, BatchState, PayoutState
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit
from crowd.users.services.audit import Note
from workers.models import Worker

EARNINGS = "/work/earnings/"  # where the worker reads about it

ACTIONS = {
    PayoutState.CONFIRMED: "confirm_payout",
    PayoutState.FAILED: "fail_payout",
    PayoutState.REFUSED: "refuse_payout",
}


@dataclass(frozen=True)
class Outcome:
    payout: Payout
    state: PayoutState
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """What a file of results changed; `known` rows said what was known already."""

    confirmed: int
    failed: int
    known: int


def confirm(*, actor: User, payout_id: int, reference: str = "") -> Payout:
    """The provider paid it. `reference` is the provider's. Raises WrongState, OwnPayout."""
    return _end_one(actor, payout_id, PayoutState.CONFIRMED, reference=clean_reference(reference))


def fail(*, actor: User, payout_id: int, reason: str) -> Payout:
    """The provider could not pay it: the money is the worker's again, and he reads the reason. Raises WrongState."""
    return _end_one(actor, payout_id, PayoutState.FAILED, reason=check_reason(reason))


def refuse(*, actor: User, payout_id: int, reason: str) -> Payout:
    """It will not be sent: it leaves its batch, and the money is the worker's again. Raises WrongState."""
    return _end_one(actor, payout_id, PayoutState.REFUSED, reason=check_reason(reason))


def take_results(*, actor: User, batch_id: int, text: str) -> Report:
    """Confirm and fail by the provider's file of results; all rows or none. The same file again changes nothing.

    Raises WrongState unless the batch was sent, OwnPayout, and BadResults with every bad row and its reason.
    """
    require_staff(actor)
    with transaction.atomic(durable=True):
        batch = access.lock_batch(batch_id)
        if batch.state not in (BatchState.SENT, BatchState.SETTLED):
            BATCH.check(batch.state, BatchState.SETTLED)
        payouts = access.lock_payouts(batch=batch)
        access.require_not_own(actor, payouts)
        results = providers.get(batch.provider).read_results(text)
        outcomes = _match(results, payouts)
        new = [outcome for outcome in outcomes if outcome.payout.state != outcome.state]
        _end(batch, new, actor=actor, now=clock.now())
    confirmed = sum(outcome.state == PayoutState.CONFIRMED for outcome in new)
    return Report(confirmed=confirmed, failed=len(new) - confirmed, known=len(outcomes) - len(new))


def preview_results(*, actor: User, batch_id: int, text: str) -> list[Outcome]:
    """What `take_results` would do with this file; a payout whose state is the outcome's was known already.

    Changes and locks nothing. Raises as `take_results`.
    """
    batch = access.batch_for(actor, batch_id)
    if batch.state not in (BatchState.SENT, BatchState.SETTLED):
        BATCH.check(batch.state, BatchState.SETTLED)
    payouts = list(Payout.objects.select_related("worker").filter(batch=batch).order_by("pk"))
    access.require_not_own(actor, payouts)
    return _match(providers.get(batch.provider).read_results(text), payouts)


def _end_one(actor: User, payout_id: int, state: PayoutState, *, reference: str = "", reason: str = "") -> Payout:
    require_staff(actor)
    with transaction.atomic(durable=True):
        batch, payout = _lock(payout_id)
        access.require_not_own(actor, [payout])
        _end(batch, [Outcome(payout, state, reference, reason)], actor=actor, now=clock.now())
    return payout


def _lock(payout_id: int) -> tuple[Batch | None, Payout]:
    """Its batch first, as everybody does."""
    before = Payout.objects.filter(pk=payout_id).first()
    if before is None:
        raise NotFound
    batch = access.lock_batch(before.batch_id) if before.batch_id is not None else None
    (payout,) = access.lock_payouts(pk=payout_id)
    if payout.batch_id != before.batch_id:
        raise Conflict  # put into a batch, or taken out of one, a moment ago
    return batch, payout


def _end(batch: Batch | None, outcomes: Sequence[Outcome], *, actor: User, now: datetime) -> None:
    """Inner; batch and payouts are locked."""
    notes = [_apply(outcome, actor, now) for outcome in outcomes]
    fields = ["state", "batch", "provider_reference", "reason", "decided_at", "decided_by", "finished_at"]
    Payout.objects.bulk_update([outcome.payout for outcome in outcomes], fields, batch_size=1000)
    kinds = [(each.payout, _kind(each.state)) for each in outcomes]
    moving.finish(kinds, actor=actor, now=now)
    audit.record_many(notes, now=now)
    _tell(outcomes, now)
    if batch is not None and batch.state == BatchState.SENT:
        _settle(batch, now)


def _kind(state: PayoutState) -> Kind:
    return Kind.PAID_OUT if state == PayoutState.CONFIRMED else Kind.PAYOUT_FAILED


def _apply(outcome: Outcome, actor: User, now: datetime) -> Note:
    payout, before = outcome.payout, outcome.payout.state
    PAYOUT.check(before, outcome.state)
    payout.state, payout.finished_at = outcome.state, now
    payout.reason = outcome.reason
    payout.provider_reference = outcome.reference
    if outcome.state == PayoutState.REFUSED:
        payout.batch, payout.decided_by, payout.decided_at = None, actor, now
    return Note(
        action=ACTIONS[outcome.state],
        subject=payout,
        actor=actor,
        before={"state": before},
        after={"state": outcome.state, "reference": outcome.reference},
        reason=outcome.reason,
    )


def _tell(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Their workers; what was refused before it was sent did not arrive either."""
    workers = Worker.objects.in_bulk({outcome.payout.worker_id for outcome in outcomes})
    for outcome in outcomes:
        payout = outcome.payout
        paid = outcome.state == PayoutState.CONFIRMED
        data = {"amount_micros": payout.amount_micros, "currency": payout.currency, "reason": outcome.reason}
        notify(
            user_id=workers[payout.worker_id].user_id,
            kind="payout_paid" if paid else "payout_failed",
            data=data,
            link=EARNINGS,
            now=now,
        )


def _settle(batch: Batch, now: datetime) -> None:
    """With its last payout, under the batch's lock, so that of two who end the last two one settles it."""
    if Payout.objects.filter(batch=batch, state=PayoutState.SENT).exists():
        return
    BATCH.check(batch.state, BatchState.SETTLED)
    batch.state, batch.settled_at = BatchState.SETTLED, now
    batch.save(update_fields=["state", "settled_at"])


def _match(results: Sequence[Result], payouts: Sequence[Payout]) -> list[Outcome]:
    known = {reference_of(payout): payout for payout in payouts}
    faults: dict[str, str] = {}
    outcomes: dict[str, Outcome] = {}
    for result in results:
        fault = _fault(result, known.get(result.reference), outcomes)
        if fault is not None:
            faults[f"row {result.row}"] = fault
            continue
        state = PayoutState.CONFIRMED if result.paid else PayoutState.FAILED
        payout = known[result.reference]
        outcomes[result.reference] = Outcome(payout, state, result.provider_reference, result.reason)
    if faults:
        raise BadResults(errors=faults)
    return list(outcomes.values())


def _fault(result: Result, payout: Payout | None, seen: dict[str, Outcome]) -> str | None:
    if payout is None:
        return _("%(reference)s is not in this batch.") % {"reference": result.reference[:50]}
    if result.reference in seen:
        return _("%(reference)s stands in an earlier row too.") % {"reference": result.reference}
    wanted = PayoutState.CONFIRMED if result.paid else PayoutState.FAILED
    if payout.state not in (PayoutState.SENT, wanted):
        return _("It was noted before as %(state)s.") % {"state": payout.get_state_display()}
    return None
