"""Keeping a worker from the whole site (staff) or from one organisation's projects (its members).

Always with a reason, which the worker reads, and mostly with an end. What he has earned stays his. Lock order: Worker,
then Block.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.notices.services.notify import notify
from crowd.users.access import acts_as_staff, organisation_for, require_staff
from crowd.users.models import Organisation, User
from crowd.users.services import audit
from workers.errors import AlreadyBlocked
from workers.models import Block, Worker
from workers.services.eligibility import bump
from workers.services.pseudonyms import worker_by_pseudonym
from workers.states import WORKER, WorkerState

MAX_REASON = 2000
RECORD = "/work/record/"  # where the worker reads about it


def block_on_site(*, actor: User, worker_id: int, reason: str, ends_at: datetime | None = None) -> Block:
    """Staff. The worker's state becomes blocked. Raises NotAllowed, NotFound, BadInput, AlreadyBlocked, WrongState."""
    require_staff(actor)
    with transaction.atomic(durable=True):
        return place(
            actor=actor, worker_id=worker_id, organisation=None, reason=reason, ends_at=ends_at, now=clock.now()
        )


def block_for_organisation(
    *, actor: User, organisation_id: int, pseudonym: str, reason: str, ends_at: datetime | None = None
) -> Block:
    """Members of the organisation, for its own projects. Raises NotFound, BadInput, AlreadyBlocked."""
    with transaction.atomic(durable=True):
        organisation = organisation_for(actor, organisation_id)
        worker_id = worker_by_pseudonym(organisation, pseudonym).pk
        return place(
            actor=actor,
            worker_id=worker_id,
            organisation=organisation,
            reason=reason,
            ends_at=ends_at,
            now=clock.now(),
        )


def place(
    *,
    actor: User,
    worker_id: int,
    organisation: Organisation | None,
    reason: str,
    ends_at: datetime | None,
    now: datetime,
) -> Block:
    """Inner: block for an organisation, or the site (None), by somebody who was let through its door. Locks the worker.

    Raises NotAllowed (nobody himself), BadInput, AlreadyBlocked, WrongState.
    """
    worker = _lock(worker_id)
    if worker.user_id == actor.pk:
        raise NotAllowed(_("Somebody else must do this."))
    _end_overdue(worker, organisation, now)
    if Block.objects.filter(worker=worker, organisation=organisation, lifted_at=None).exists():
        raise AlreadyBlocked
    if organisation is None:
        WORKER.check(worker.state, WorkerState.BLOCKED)
    block = _store(actor, worker, organisation, reason, ends_at, now)
    if organisation is None:
        _set_state(worker, WorkerState.BLOCKED)
    return block


def lift(*, actor: User, block_id: int, reason: str = "") -> Block:
    """Staff lift a block of the site, members one of their organisation. Again: nothing happens.

    Raises NotFound (also for strangers), NotAllowed (nobody lifts his own).
    """
    with transaction.atomic(durable=True):
        block = _block_for(actor, block_id)
        worker = _lock(block.worker_id)
        if worker.user_id == actor.pk:
            raise NotAllowed(_("Somebody else must do this."))
        _lift(block, worker, actor=actor, reason=reason, now=clock.now())
    return Block.objects.get(pk=block.pk)


def lift_placed(*, block_id: int, actor: User | None, reason: str, now: datetime) -> bool:
    """Inner: take back a block that was placed on grounds that do not hold; False when it is lifted already."""
    block = Block.objects.select_related("organisation").get(pk=block_id)
    return _lift(block, _lock(block.worker_id), actor=actor, reason=reason, now=now)


def lift_granted(block: Block, *, actor: User | None, reason: str, now: datetime) -> bool:
    """An appeal against the block is granted. False when it has ended already. Inner: takes the worker's lock."""
    return _lift(block, _lock(block.worker_id), actor=actor, reason=reason, now=now, tell=False)


def lift_overdue(*, limit: int = 1000) -> int:
    """End the blocks whose time is over, each in a transaction of its own; how many. For a job."""
    due = Block.objects.filter(lifted_at=None, ends_at__lte=clock.now()).order_by("ends_at")
    return one_by_one(_lift_one_overdue, [(block,) for block in due[:limit]])


def _lift_one_overdue(block: Block) -> bool:
    with transaction.atomic(durable=True):
        worker = _lock(block.worker_id)
        return _lift(block, worker, actor=None, reason="", now=clock.now())


def _lift(block: Block, worker: Worker, *, actor: User | None, reason: str, now: datetime, tell: bool = True) -> bool:
    """Needs the worker's lock. False when somebody was first."""
    if not Block.objects.filter(pk=block.pk, lifted_at=None).update(lifted_at=now, lifted_by=actor):
        return False
    if block.organisation_id is None and worker.state == WorkerState.BLOCKED:
        _set_state(worker, WorkerState.ACTIVE)
    bump([worker.pk])
    audit.record(
        actor=actor, action="lift_block", subject=block, organisation=block.organisation, now=now, reason=reason
    )
    if tell:
        notify(user_id=worker.user_id, kind="block_lifted", data={"reason": reason}, link=RECORD, now=now)
    return True


def _end_overdue(worker: Worker, organisation: Organisation | None, now: datetime) -> None:
    """What the job would do any moment: an ended block is no reason to refuse a new one."""
    for block in Block.objects.filter(
        worker=worker, organisation=organisation, lifted_at=None, ends_at__lte=now
    ).select_related("organisation"):
        _lift(block, worker, actor=None, reason="", now=now)


def _store(
    actor: User,
    worker: Worker,
    organisation: Organisation | None,
    reason: str,
    ends_at: datetime | None,
    now: datetime,
) -> Block:
    block = Block.objects.create(
        worker=worker,
        organisation=organisation,
        reason=_read_reason(reason, ends_at, now),
        created_by=actor,
        created_at=now,
        ends_at=ends_at,
    )
    bump([worker.pk])
    audit.record(
        actor=actor,
        action="block",
        subject=block,
        organisation=organisation,
        now=now,
        after={"worker": worker.pk, "ends_at": ends_at} if organisation is None else {"ends_at": ends_at},
        reason=block.reason,
    )
    _tell_blocked(block, now)
    return block


def _tell_blocked(block: Block, now: datetime) -> None:
    data = {"reason": block.reason}
    if block.organisation is not None:
        data["organisation"] = block.organisation.name
    kind = "blocked_by_organisation" if block.organisation else "blocked_on_site"
    notify(user_id=block.worker.user_id, kind=kind, data=data, link=RECORD, now=now)


def _read_reason(reason: str, ends_at: datetime | None, now: datetime) -> str:
    faults = {}
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        faults["reason"] = _("A reason is needed; the worker reads it.")
    if ends_at is not None and ends_at <= now:
        faults["ends_at"] = _("This time has passed.")
    if faults:
        raise BadInput(errors=faults)
    return reason


def _lock(worker_id: int) -> Worker:
    worker = Worker.objects.select_for_update(no_key=True).filter(pk=worker_id).first()
    if worker is None:
        raise NotFound(_("There is no such worker."))
    return worker


def _set_state(worker: Worker, state: WorkerState) -> None:
    WORKER.check(worker.state, state)
    worker.state = state
    worker.save(update_fields=["state"])


def _block_for(actor: User, block_id: int) -> Block:
    block = Block.objects.select_related("organisation").filter(pk=block_id).first()
    if block is None:
        raise NotFound(_("There is no such block."))
    if block.organisation is not None:
        organisation_for(actor, block.organisation.pk)
    elif not acts_as_staff(actor):
        raise NotFound(_("There is no such block."))
    return block
