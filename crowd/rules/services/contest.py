"""A worker contests what a rule did, and somebody else than who decided it answers; silence is for the worker.

Only a block of the whole site is for staff, and stays until one of them has answered. Also what ends by itself:
pauses with an end, trainings that were passed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crowd.assignments.services import gate, pause
from crowd.assignments.states import ParticipationState
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.notices.services.notify import notify, notify_members, notify_staff
from crowd.projects.access import project_for
from crowd.review.errors import FoundByRule
from crowd.review.models import Appeal
from crowd.review.services import appeals
from crowd.rules.access import is_for_staff, require_apart
from crowd.rules.errors import NotContestable
from crowd.rules.models import Firing
from crowd.rules.services import act
from crowd.rules.states import FIRING, FiringState
from crowd.rules.vocabulary import STOPPING, Action
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.models import Grant
from qualifications.services import grants
from qualifications.states import GrantState
from workers.models import Worker
from workers.services import blocks

ANSWER_WITHIN = timedelta(days=7)
MAX_TEXT = 2000
CONTESTABLE = STOPPING | {Action.WARN}
IN_FORCE = (FiringState.DONE, FiringState.FOLLOWED)


def may_contest(firing: Firing) -> bool:
    return firing.terms["action"] in CONTESTABLE and firing.state in IN_FORCE and firing.contested_at is None


def behind_block(block_id: int) -> Firing | None:
    """The firing that a block came of; None where a person blocked him by himself."""
    return Firing.objects.filter(result__block=block_id).first()


def against_block(*, worker: Worker, block_id: int, text: str) -> Appeal:
    """An appeal against a block, unless a rule proposed it: then the firing is what is contested, in one place.

    Raises FoundByRule (`firing` in the data), and what `appeals.against_block` raises.
    """
    firing = behind_block(block_id)
    if firing is not None and firing.worker_id == worker.pk:
        raise FoundByRule(firing=firing.pk)
    return appeals.against_block(worker=worker, block_id=block_id, text=text)


def contest(*, worker: Worker, firing_id: int, text: str) -> Firing:
    """The worker says why it is wrong, once. Raises NotFound, BadInput, NotContestable."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT or "\x00" in text:
        raise BadInput(errors={"text": _("Say in up to %(most)d characters what is wrong.") % {"most": MAX_TEXT}})
    with transaction.atomic(durable=True):
        if not Firing.objects.filter(id=firing_id, worker=worker).exists():
            raise NotFound
        work = act.locked(firing_id)
        firing = work.firing
        if not may_contest(firing):
            raise NotContestable
        firing.contested_at, firing.contest = work.now, text
        firing.answer_due_at = None if is_for_staff(firing) else work.now + ANSWER_WITHIN
        firing.save()
        _ask(work)
    return firing


def _ask(work: act.Work) -> None:
    """Those who may answer."""
    data: dict[str, Any] = {"project": work.project.title, "reason": work.firing.contest}
    if is_for_staff(work.firing):
        notify_staff(kind="site_block_contested", data=data, link=act.STAFF_LOG, now=work.now)
        return
    data["days"], link = ANSWER_WITHIN.days, act.LOG % work.project.pk
    notify_members(organisation=work.project.organisation, kind="rule_contested", data=data, link=link, now=work.now)
    notify_staff(kind="rule_contested", data=data, link=act.STAFF_LOG, now=work.now)


def answer(*, actor: User, firing_id: int, undo: bool, text: str) -> Firing:
    """A member of the organisation or staff answers, not who decided it; `undo` takes it back with all its effects.

    A block of the whole site is answered by staff only, as it was decided, and by no member of the organisation.
    Raises NotFound, NotAllowed, BadInput (no answer in words), NotContestable.
    """
    text = text.strip()
    if not text or len(text) > MAX_TEXT or "\x00" in text:
        raise BadInput(errors={"text": _("Please say why; the worker reads it.")})
    with transaction.atomic(durable=True):
        firing = Firing.objects.filter(id=firing_id).first()
        if firing is None:
            raise NotFound
        project = project_for(actor, firing.project_id)
        if is_for_staff(firing):
            require_apart(actor, project)
        work = act.locked(firing_id)
        if actor.pk in (work.firing.worker.user_id, work.firing.decided_by_id):
            raise NotAllowed(_("Somebody else must answer this: another member of the organisation, or staff."))
        _answer(work, actor=actor, undo=undo, text=text)
    return work.firing


def answer_overdue(*, limit: int = 200) -> int:
    """Contested and unanswered when the time is over: taken back. How many; for the sweep."""
    waiting = Firing.objects.filter(
        contested_at__isnull=False, answered_at=None, answer_due_at__lte=clock.now()
    ).order_by("answer_due_at")
    return one_by_one(_answer_overdue, list(waiting.values_list("id")[:limit]))


def _answer_overdue(firing_id: int) -> bool:
    with transaction.atomic(durable=True):
        work = act.locked(firing_id)
        if work.firing.answered_at is not None:
            return False
        with translation.override(work.firing.worker.user.language):
            text = _("Nobody answered you in time, so it is taken back.")
        _answer(work, actor=None, undo=True, text=text)
        return True


def _answer(work: act.Work, *, actor: User | None, undo: bool, text: str) -> None:
    firing = work.firing
    if firing.contested_at is None or firing.answered_at is not None:
        raise NotContestable
    firing.answered_by, firing.answered_at, firing.answer = actor, work.now, text
    if undo and FIRING.allows(firing.state, FiringState.UNDONE):
        firing.state = FiringState.UNDONE
        _undo(work, actor, text)
    firing.save()
    data = {"project": work.project.title, "reason": text}
    notify(user_id=firing.worker.user_id, kind="contest_answered", data=data, link=act.RECORD, now=work.now)
    audit.record(
        actor=actor,
        action="firing.answer",
        subject=firing,
        organisation=work.project.organisation,
        after={"undone": undo},
        reason=text,
        now=work.now,
    )


def _undo(work: act.Work, actor: User | None, text: str) -> None:
    result = work.firing.result
    if result.get("paused"):
        _lift(work, actor, text)
    if "block" in result:
        blocks.lift_placed(block_id=result["block"], actor=actor, reason=text, now=work.now)
    if result.get("revoked"):
        expires = parse_datetime(result["expires_at"]) if result["expires_at"] else None
        award = grants.Award(
            worker_id=work.firing.worker_id, value=result["value"], reason=text[:MAX_TEXT], expires_at=expires
        )
        grants.award_many(act.qualification_of(work), [award], actor=actor, now=work.now)
    work.firing.ended_at = work.now


def _lift(work: act.Work, actor: User | None, text: str) -> None:
    """End the pause, if it is still this firing's."""
    inside = gate.enter(project_id=work.project.id, worker_id=work.firing.worker_id).inside
    if inside.state == ParticipationState.PAUSED and inside.pause_evidence.get("firing") == work.firing.id:
        pause.lift_locked(inside, project=work.project, actor=actor, reason=text, now=work.now)


def end_due(*, limit: int = 500) -> int:
    """Pauses whose end has come, and trainings that were passed since; how many ended. For the sweep."""
    now = clock.now()
    open_ones = Firing.objects.filter(state__in=IN_FORCE, ended_at=None)
    over = Q(ends_at__lte=now) | Q(terms__action=Action.TRAIN)
    ids = open_ones.filter(over).order_by("id").values_list("id", flat=True)
    return one_by_one(_end, [(id, now) for id in ids[:limit]])


def _end(firing_id: int, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        work = act.locked(firing_id)
        firing = work.firing
        over = firing.ends_at is not None and firing.ends_at <= now
        if firing.ended_at is not None or not (over or _trained(firing)):
            return False
        with translation.override(firing.worker.user.language):
            text = _("Its time is over.") if over else _("The training is passed.")
        _lift(work, None, text)
        firing.ended_at = work.now
        firing.save(update_fields=["ended_at"])
        return True


def _trained(firing: Firing) -> bool:
    """He holds the qualification by something that happened after the rule asked for it."""
    return (
        firing.terms["action"] == Action.TRAIN
        and Grant.objects.filter(
            qualification=firing.terms["parameters"]["qualification"],
            worker=firing.worker_id,
            state=GrantState.GRANTED,
            granted_at__gt=firing.at,
        ).exists()
    )
