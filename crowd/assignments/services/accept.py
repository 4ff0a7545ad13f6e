"""Accepting an answer, which pays its worker: by the requester now, or by the settling jobs."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment
from crowd.assignments.states import AssignmentState
from crowd.kernel import clock
from crowd.kernel.errors import Conflict, NotAllowed, NotFound
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.projects.access import locked_for
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Worker

ASKED = ("state", "attempt", "worker_id", "reward_micros", "fee_micros", "due_at")


def accept(*, actor: User, project_id: int, assignment_ids: Sequence[int]) -> int:
    """The requester accepts these answers now; those accepted before stay so. The number newly accepted.

    Raises NotFound, and Conflict when one of them is neither submitted nor accepted.
    """
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        found = lock_all(project, assignment_ids)
        refuse_own(actor, found)
        for one in found:
            if one.state not in (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED):
                raise Conflict(_("Answer %(id)d is %(state)s.") % {"id": one.id, "state": one.state}, id=one.id)
        now = clock.now()
        number = accept_locked(found, project=project, now=now)
        if number:
            audit.record(
                actor=actor,
                action="assignments.accept",
                subject=project,
                organisation=project.organisation,
                after={"assignments": list(assignment_ids)},
                now=now,
            )
        return number


def accept_many(project: Project, assignment_ids: Sequence[int], *, now: datetime) -> int:
    """Accept whatever of these, which are the project's, is still undecided; for jobs, inside their transaction."""
    return accept_locked(lock_undecided(assignment_ids), project=project, now=now)


def lock_undecided(assignment_ids: Sequence[int]) -> list[Assignment]:
    """Those of them that nobody has decided about, with what accepting asks of them.

    Found by their ids alone: with the project's id the planner may take an index of the project instead, and read all
    of it for each chunk, as long as the statistics do not know the project yet.
    """
    rows = Assignment.objects.select_for_update(no_key=True).filter(id__in=assignment_ids).order_by("id")
    return [one for one in rows.only(*ASKED) if one.state == AssignmentState.SUBMITTED]


def accept_locked(assignments: Sequence[Assignment], *, project: Project, now: datetime) -> int:
    """Accept and pay those that are submitted. Needs the locks of the assignments."""
    fresh = [one for one in assignments if one.state == AssignmentState.SUBMITTED]
    Assignment.objects.filter(id__in=[one.id for one in fresh]).update(state=AssignmentState.ACCEPTED, decided_at=now)
    for one in fresh:
        one.state, one.decided_at = AssignmentState.ACCEPTED, now
    pay(fresh, project=project, now=now)
    return len(fresh)


def refuse_own(actor: User, assignments: Sequence[Assignment]) -> None:
    """Nobody decides about his own pay: a member of the organisation may work in its team. Raises NotAllowed."""
    workers = {one.worker_id for one in assignments}
    if Worker.objects.filter(user=actor, id__in=workers).exists():
        raise NotAllowed(_("You cannot decide about your own answers."))


def lock_all(project: Project, assignment_ids: Sequence[int]) -> list[Assignment]:
    found = list(
        Assignment.objects.select_for_update(no_key=True)
        .filter(project_id=project.id, id__in=assignment_ids)
        .order_by("id")
    )
    missing = set(assignment_ids) - {one.id for one in found}
    if missing:
        raise NotFound(assignments=sorted(missing))
    return found


def pay(assignments: Sequence[Assignment], *, project: Project, now: datetime) -> None:
    """Reward to each worker and fee to the platform, out of escrow, once each by key. Nothing moves for reward 0."""
    paid = [one for one in assignments if one.reward_micros]
    if not paid:
        return
    escrow = reserves.escrow(project)
    fees = accounts.open(holder=Holder.PLATFORM, purpose=Purpose.FEES, currency=project.currency)
    purses = accounts.open_many(
        holder=Holder.WORKER,
        holder_ids={one.worker_id for one in paid},
        purpose=Purpose.AVAILABLE,
        currency=project.currency,
    )
    postings = []
    for one in paid:
        share = partial(Posting, debit=escrow, project_ref=project.id, subject_ref=one.id)
        key, purse = f"assignment:{one.id}:{one.attempt}", purses[one.worker_id]
        postings.append(share(key=f"{key}:reward", kind=Kind.REWARD, credit=purse, amount_micros=one.reward_micros))
        if one.fee_micros:
            postings.append(share(key=f"{key}:fee", kind=Kind.FEE, credit=fees, amount_micros=one.fee_micros))
    post(postings, now=now)
