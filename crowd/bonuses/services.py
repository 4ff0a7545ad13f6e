"""Giving a bonus: out of the organisation's available money, at once and for good."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment, Participation
from crowd.bonuses.models import Bonus
from crowd.kernel import clock, money
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.notices.services.notify import notify
from crowd.projects import queries
from crowd.projects.access import locked_for
from crowd.projects.models import Project
from crowd.projects.services.record import record
from crowd.projects.services.reserves import available
from crowd.projects.states import ProjectState
from crowd.users.models import User
from workers.models import Worker

EARNINGS = "/work/earnings/"  # where the worker reads about it
MOST_MICROS = 10_000 * money.MICROS
PUBLISHED = (ProjectState.OPEN, ProjectState.PAUSED, ProjectState.CLOSING, ProjectState.CLOSED)


@dataclass(frozen=True, kw_only=True)
class Gift:
    """What is given and why. With a `reference` of the requester's own the same gift is given once, however often it
    is asked for. `assignment_id` names the answer that it is for, if it is for one."""

    amount_micros: int
    reason: str
    reference: str = ""
    assignment_id: int | None = None


def give(*, actor: User, project_id: int, worker_id: int, gift: Gift) -> Bonus:
    """The bonus, or the one that was given before under the same reference. The platform's fee comes on top.

    Raises NotFound (also for who has not answered anything here, or another's assignment), BadInput, NotAllowed for
    one's own work, NotEnoughMoney, and Conflict where the reference stands for another gift, or his account was erased.
    """
    _check(gift)
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, *PUBLISHED)
        worker = _worker_of(project, worker_id, gift)
        if worker.user_id == actor.pk:
            raise NotAllowed(_("You cannot give a bonus to yourself."))
        return _given_before(project, worker, gift) or _give(project, worker, gift, actor=actor, now=now)


def _check(gift: Gift) -> None:
    errors = {}
    if not 0 < gift.amount_micros <= MOST_MICROS:
        errors["amount"] = _("A bonus is more than 0 and at most 10,000.")
    if not gift.reason.strip():
        errors["reason"] = _("Say what it is for: the worker reads it.")
    if errors:
        raise BadInput(errors=errors)


def _worker_of(project: Project, worker_id: int, gift: Gift) -> Worker:
    worked = Participation.objects.filter(project=project, worker_id=worker_id, submitted_count__gt=0)
    found = worked.values_list("worker", flat=True).first()
    if found is None:
        raise NotFound
    worker = Worker.objects.select_for_update(no_key=True).get(pk=found)  # he is not erased meanwhile
    if gift.assignment_id is not None:
        his = Assignment.objects.filter(project=project, worker_id=worker_id, submitted_at__isnull=False)
        if not his.filter(pk=gift.assignment_id).exists():
            raise NotFound(assignment=gift.assignment_id)
    return worker


def _given_before(project: Project, worker: Worker, gift: Gift) -> Bonus | None:
    if not gift.reference:
        return None
    before = Bonus.objects.filter(project=project, reference=gift.reference).first()
    if before is not None and (before.worker_id, before.amount_micros) != (worker.pk, gift.amount_micros):
        raise Conflict(_("Under this reference another bonus was given."), bonus=before.pk)
    return before


def _give(project: Project, worker: Worker, gift: Gift, *, actor: User, now: datetime) -> Bonus:
    if worker.user.erased_at is not None:
        raise Conflict(_("This account was erased: nobody could ask for the money."))
    bonus = Bonus.objects.create(
        project=project,
        worker=worker,
        assignment_id=gift.assignment_id,
        reference=gift.reference,
        amount_micros=gift.amount_micros,
        fee_micros=money.fee(gift.amount_micros, queries.fee_rate()),
        reason=gift.reason.strip(),
        given_by=actor,
        given_at=now,
    )
    _pay(project, bonus, actor=actor, now=now)
    after = {"bonus": bonus.pk, "worker": worker.pk, "amount_micros": bonus.amount_micros}
    record(actor, project, "project.bonus", now=now, after=after)
    data = {
        "project": project.title,
        "amount_micros": bonus.amount_micros,
        "currency": project.currency,
        "reason": bonus.reason,
    }
    notify(user_id=worker.user_id, kind="bonus", data=data, link=EARNINGS, now=now)
    return bonus


def _pay(project: Project, bonus: Bonus, *, actor: User, now: datetime) -> None:
    account = partial(accounts.open, currency=project.currency)
    share = partial(Posting, debit=available(project), project_ref=project.pk, subject_ref=bonus.pk, actor=actor)
    earnings = account(holder=Holder.WORKER, holder_id=bonus.worker_id, purpose=Purpose.AVAILABLE)
    key, amount = f"bonus:{bonus.pk}", bonus.amount_micros
    postings = [share(key=key, kind=Kind.BONUS, credit=earnings, amount_micros=amount, reason=bonus.reason)]
    if bonus.fee_micros:
        fees = account(holder=Holder.PLATFORM, purpose=Purpose.FEES)
        postings.append(share(key=f"{key}:fee", kind=Kind.BONUS_FEE, credit=fees, amount_micros=bonus.fee_micros))
    post(postings, now=now)
