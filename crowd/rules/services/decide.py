"""What a rule only proposes is decided by a named person who has seen the evidence: a block, or what is like one."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.projects.access import project_for
from crowd.rules.access import is_for_staff, require_apart
from crowd.rules.models import Firing
from crowd.rules.services import act
from crowd.rules.states import FIRING, FiringState
from crowd.rules.vocabulary import Action, Scope
from crowd.users.access import organisation_for
from crowd.users.models import User
from crowd.users.services import audit
from workers.errors import AlreadyBlocked
from workers.services import blocks

MAX_REASON = 2000


def follow(*, actor: User, firing_id: int, reason: str = "") -> Firing:
    """Do what the rule proposed; `reason` is added to what the worker reads.

    Raises NotFound, NotAllowed (also about oneself), BadInput, WrongState.
    """
    _check_text(reason)
    with transaction.atomic(durable=True):
        work = _door(actor, firing_id)
        _decide(work, actor, FiringState.FOLLOWED, reason)
        _carry_out(work, actor)
        work.firing.save()
    return work.firing


def dismiss(*, actor: User, firing_id: int, reason: str) -> Firing:
    """Do nothing. The reason stays in the log; the worker is not told of what did not happen."""
    if not reason.strip():
        raise BadInput(errors={"reason": _("Please say why; it stays in the log.")})
    _check_text(reason)
    with transaction.atomic(durable=True):
        work = _door(actor, firing_id)
        _decide(work, actor, FiringState.DISMISSED, reason)
        work.firing.save()
    return work.firing


def _check_text(reason: str) -> None:
    if len(reason) > MAX_REASON or "\x00" in reason:
        raise BadInput(errors={"reason": _("At most %(most)d characters.") % {"most": MAX_REASON}})


def _door(actor: User, firing_id: int) -> act.Work:
    """The firing, locked, for those who may decide it."""
    firing = Firing.objects.filter(id=firing_id).first()
    if firing is None:
        raise NotFound
    project = project_for(actor, firing.project_id)
    if is_for_staff(firing):
        require_apart(actor, project)
    else:
        organisation_for(actor, project.organisation_id)
    work = act.locked(firing_id)
    if work.firing.worker.user_id == actor.pk:
        raise NotAllowed(_("Somebody else must do this."))
    return work


def _decide(work: act.Work, actor: User, state: FiringState, reason: str) -> None:
    firing = work.firing
    FIRING.check(firing.state, state)
    firing.state, firing.decided_by, firing.decided_at, firing.decision = state, actor, work.now, reason.strip()
    audit.record(
        actor=actor,
        action=f"firing.{state.value}",
        subject=firing,
        organisation=work.project.organisation,
        after={"worker": firing.worker_id, "action": firing.terms["action"]},
        reason=reason,
        now=work.now,
    )


def _carry_out(work: act.Work, actor: User) -> None:
    reason = f"{work.reason} {work.firing.decision}".strip()[:MAX_REASON]
    work.firing.ended_at = work.now
    if work.terms.action == Action.REVOKE:
        work.firing.result |= act.take_back(work, reason=reason, actor=actor)
    elif work.parameters["scope"] == Scope.PROJECT:
        work.firing.result["paused"] = act.pause_him(work, reason=reason, actor=actor)
        work.firing.ends_at = work.now + timedelta(days=work.parameters["days"])
        work.firing.ended_at = None  # the sweep ends it
    else:
        _block(work, actor, reason)


def _block(work: act.Work, actor: User, reason: str) -> None:
    """A block that stands already is left as it is."""
    site = work.parameters["scope"] == Scope.SITE
    try:
        block = blocks.place(
            actor=actor,
            worker_id=work.firing.worker_id,
            organisation=None if site else work.project.organisation,
            reason=reason,
            ends_at=work.now + timedelta(days=work.parameters["days"]),
            now=work.now,
        )
    except AlreadyBlocked:
        return
    work.firing.result["block"] = block.pk
