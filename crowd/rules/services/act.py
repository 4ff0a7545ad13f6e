"""Carrying out what a rule asks for. Each firing on its own, in steps of bounded size that can be repeated.

Withheld pay, and any block beyond the project, is only proposed: a named person decides (`decide`, and for rejections
crowd.consensus.services.proposals). Lock order: the project's gate and row, the firing, the participation, then tasks,
assignments, the worker, accounts.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import translation

from crowd.assignments import quiz
from crowd.assignments.models import Assignment
from crowd.assignments.services import accept, gate, pause, recount, slots
from crowd.assignments.states import AssignmentState, Evidence
from crowd.consensus.models import Proposal
from crowd.kernel import clock, locks
from crowd.kernel.errors import NotFound
from crowd.notices.services.notify import notify, notify_members, notify_staff
from crowd.projects.models import Project, Requirement, Task
from crowd.projects.services import reserves
from crowd.projects.states import TaskState
from crowd.rules import words
from crowd.rules.access import is_for_staff
from crowd.rules.models import Firing
from crowd.rules.states import FIRING, FiringState
from crowd.rules.terms import Terms, parse
from crowd.rules.vocabulary import Action
from crowd.users.models import User
from qualifications.models import Grant, Qualification
from qualifications.services import grants
from qualifications.states import GrantState
from workers.services.eligibility import bump

CHUNK = 500
MAX_REASON = 2000
RECORD = "/work/record/"
LOG = "/requester/projects/%d/rules/log/"
STAFF_LOG = "/staff/rules/"


@dataclass(frozen=True)
class Work:
    """One firing under its locks, with what its action needs."""

    firing: Firing
    project: Project
    terms: Terms
    now: datetime

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.terms.parameters

    @property
    def reason(self) -> str:
        """In the worker's own language: what happened and why, with his figures."""
        return reason_for(self.firing, self.terms, self.project)


def reason_for(firing: Firing, terms: Terms, project: Project) -> str:
    with translation.override(firing.worker.user.language):
        return words.reason(terms, firing.evidence["figures"], currency=project.currency)


def due(*, limit: int = 500) -> list[int]:
    """Firings that were not carried out to the end: for the sweep."""
    return list(Firing.objects.filter(state=FiringState.DUE).order_by("id").values_list("id", flat=True)[:limit])


def carry_out(firing_id: int) -> None:
    """Do what is due, step by step; nothing when it is done already."""
    while _step(firing_id):
        pass


def _step(firing_id: int) -> bool:
    """One transaction; whether there is more to do."""
    with transaction.atomic(durable=True):
        work = locked(firing_id)
        if work.firing.state != FiringState.DUE:
            return False
        more = ACT[Action(work.terms.action)](work)
        work.firing.save()
        return more


def locked(firing_id: int) -> Work:
    """The project's gate (shared) and row, then the firing. Raises NotFound."""
    project_id = Firing.objects.filter(id=firing_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    locks.shared(locks.Gate.PROJECT, project_id)
    project = reserves.lock(project_id)
    firing = (
        Firing.objects.select_for_update(of=("self",), no_key=True).select_related("worker__user").get(id=firing_id)
    )
    return Work(firing, project, parse(firing.terms), clock.now())


def _done(work: Work, **result: Any) -> bool:
    """To the end. Nothing more happens by itself, unless a pause has an end or a training is to be passed."""
    firing = work.firing
    FIRING.check(firing.state, FiringState.DONE)
    firing.state, firing.result = FiringState.DONE, firing.result | result
    if firing.ends_at is None and "training" not in result:
        firing.ended_at = work.now
    return False


def _propose(work: Work) -> bool:
    """Left to a person: a member of the organisation, or staff where it is about the whole site."""
    work.firing.state = FiringState.PROPOSED
    data = {"project": work.project.title, "reason": words.sentence(work.terms, currency=work.project.currency)}
    if is_for_staff(work.firing):
        notify_staff(kind="rule_proposes", data=data, link=STAFF_LOG, now=work.now)
    else:
        link = LOG % work.project.pk
        notify_members(organisation=work.project.organisation, kind="rule_proposes", data=data, link=link, now=work.now)
    return False


def _warn(work: Work) -> bool:
    data = {"project": work.project.title, "reason": work.reason}
    notify(user_id=work.firing.worker.user_id, kind="rule_told", data=data, link=RECORD, now=work.now)
    return _done(work)


def pause_him(work: Work, *, reason: str, actor: User | None = None) -> bool:
    """Whether he is paused by this now; not when he was paused already, by whatever it was."""
    entry = gate.enter(project_id=work.project.id, worker_id=work.firing.worker_id)
    facts = {"rule": "firing", "firing": work.firing.id, "figures": work.firing.evidence["figures"]}
    return pause.by_rule(entry.inside, project=work.project, reason=reason, facts=facts, now=work.now, actor=actor)


def _pause(work: Work) -> bool:
    paused = pause_him(work, reason=work.reason)
    hours = work.parameters.get("hours")
    if paused and hours:
        work.firing.ends_at = work.now + timedelta(hours=hours)
    return _done(work, paused=paused)


def _train(work: Work) -> bool:
    """Paused until he holds the qualification by something newer than this (`endings`)."""
    return _done(work, paused=pause_him(work, reason=work.reason), training=work.parameters["qualification"])


def _grant(work: Work) -> bool:
    figures, parameters = work.firing.evidence["figures"], work.parameters
    value = figures.get(parameters["value_from"]) if "value_from" in parameters else parameters["value"]
    award = grants.Award(worker_id=work.firing.worker_id, value=round(value or 0), reason=work.reason[:MAX_REASON])
    grants.award_many(qualification_of(work), [award], actor=None, now=work.now)
    return _done(work, value=award.value)


def _revoke(work: Work) -> bool:
    """What keeps him from other projects as well is decided by a person."""
    elsewhere = Requirement.objects.filter(
        qualification=work.parameters["qualification"], project__state__in=reserves.WORKING
    ).exclude(project=work.project)
    return _propose(work) if elsewhere.exists() else _done(work, **take_back(work, reason=work.reason))


def take_back(work: Work, *, reason: str, actor: User | None = None) -> dict[str, Any]:
    """Revoke it; what he held stands in the result, so that it can be given back."""
    bump([work.firing.worker_id])
    held = Grant.objects.select_related("qualification__organisation").filter(
        qualification=work.parameters["qualification"], worker=work.firing.worker_id, state=GrantState.GRANTED
    )
    found = held.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        return {"revoked": False}
    expires = found.expires_at.isoformat() if found.expires_at else None
    grants.take_back(found, actor=actor, reason=reason[:MAX_REASON], now=work.now)
    return {"revoked": True, "value": found.value, "expires_at": expires}


def qualification_of(work: Work) -> Qualification:
    return Qualification.objects.select_related("organisation").get(pk=work.parameters["qualification"])


def _block(work: Work) -> bool:
    return _propose(work)


def _undecided(work: Work, *, but: Collection[int] = ()) -> list[int]:
    """His answers that nobody has decided about, nor proposed to reject, save some."""
    mine = Assignment.objects.filter(
        project_id=work.project.id,
        worker_id=work.firing.worker_id,
        state=AssignmentState.SUBMITTED,
        submitted_at__lte=work.firing.at,
        proposals=None,
    )
    return list(mine.exclude(id__in=but).order_by("id").values_list("id", flat=True)[:CHUNK])


def _accept(work: Work) -> bool:
    ids = _undecided(work)
    number = accept.accept_many(work.project, ids, now=work.now)
    return _go_on(work, "accepted", number, more=len(ids) == CHUNK)


def _reject(work: Work) -> bool:
    """Proposals, which a person follows or dismisses one by one; silence pays."""
    paid = quiz.answers(work.project, [work.firing.worker_id])
    ids = _undecided(work, but=paid)
    facts = {"firing": work.firing.id, "figures": work.firing.evidence["figures"], "reason": work.parameters["text"]}
    proposals = [
        Proposal(project_id=work.project.id, assignment_id=id, evidence=Evidence.RULE, facts=facts, created_at=work.now)
        for id in ids
    ]
    Proposal.objects.bulk_create(proposals, ignore_conflicts=True)
    return _go_on(work, "proposed", len(ids), more=len(ids) == CHUNK)


def _redundancy(work: Work) -> bool:
    """As many more answers to each task that he answered, and that stands where it stood, as the reserve for further
    answers there pays for."""
    mine = Assignment.objects.filter(
        project_id=work.project.id,
        worker_id=work.firing.worker_id,
        is_gold=False,
        state__in=recount.PAYABLE,
        submitted_at__lte=work.firing.at,
        submitted_at__gt=work.firing.evidence["since"] or "0001-01-01T00:00:00Z",
        task_id__gt=work.firing.result.get("upto", 0),
        task__is_gold=False,  # made gold since, it has no slots
        task__tier=F("tier"),  # specialists are asked already
    )
    ids = list(mine.order_by("task_id").values_list("task_id", flat=True)[:CHUNK])
    asked = 0
    for task in Task.objects.select_for_update(no_key=True).filter(id__in=ids, state=TaskState.LIVE).order_by("id"):
        paid = reserves.spend_extra(work.project, work.parameters["more"], tier=task.tier)
        slots.add_slots(task, paid)
        asked += paid
    work.firing.result["upto"] = ids[-1] if ids else 0
    return _go_on(work, "asked", asked, more=len(ids) == CHUNK)


def _reopen(work: Work) -> bool:
    gate.enter(project_id=work.project.id, worker_id=work.firing.worker_id)
    number = recount.reopen(work.project, work.firing.worker_id, until=work.firing.at, now=work.now)
    return _go_on(work, "reopened", number, more=number == recount.CHUNK)


def _go_on(work: Work, name: str, number: int, *, more: bool) -> bool:
    work.firing.result[name] = work.firing.result.get(name, 0) + number
    return more or _done(work)


ACT: Mapping[Action, Callable[[Work], bool]] = {
    Action.WARN: _warn,
    Action.TRAIN: _train,
    Action.GRANT: _grant,
    Action.REVOKE: _revoke,
    Action.PAUSE: _pause,
    Action.BLOCK: _block,
    Action.ACCEPT: _accept,
    Action.REJECT: _reject,
    Action.REDUNDANCY: _redundancy,
    Action.REOPEN: _reopen,
}
