"""Appeals: a worker contests a rejection, a pause or a block; somebody else decides, within a time.

1. Within CROWD_APPEAL_DAYS of the decision he says why. A rejected answer's reward then stays held until the appeal
   is decided, and up to CROWD_APPEAL_PEERS further workers are asked the same task, as an ordinary one that tells them
   nothing of the dispute (`peers`).
2. Staff who neither took the decision nor belong to its organisation grant it or not. Members of the organisation
   may give in. What a rule of a project did is contested as what it found (crowd.rules), and nowhere else.
3. Who says nothing, loses: at `due_at` the appeal is granted by itself. Only a block of the whole site stays until
   somebody has decided.

Locks: the appeal by compare-and-set, first of all; then what the thing itself needs, in the usual order.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from crowd.assignments.models import Participation, Rejection
from crowd.assignments.services import pause, reject
from crowd.assignments.states import ParticipationState, RejectionState
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.kernel.one_by_one import one_by_one
from crowd.kernel.transitions import WrongState
from crowd.notices.services.notify import notify, notify_members, notify_staff
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.review import access
from crowd.review.errors import AppealedAlready, FoundByRule, TooLate
from crowd.review.models import Appeal
from crowd.review.services import peers
from crowd.review.states import AppealState, Subject
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Block, Worker
from workers.services import blocks

MAX_TEXT = 2_000
RECORD = "/work/record/"


def against_rejection(*, worker: Worker, rejection_id: int, text: str) -> Appeal:
    """Raises NotFound (also for others' answers), BadInput, TooLate (`until` in the data), AppealedAlready."""
    text = _checked(text)
    with transaction.atomic(durable=True):
        found = Rejection.objects.filter(pk=rejection_id, assignment__worker=worker).first()
        if found is None:
            raise NotFound
        project = reserves.lock(found.project_id)
        task, rejection = reject.lock_rejection(project, found.assignment_id)
        now = clock.now()
        if Appeal.objects.filter(rejection=rejection).exists():
            raise AppealedAlready
        if rejection.state == RejectionState.OVERTURNED:
            raise Conflict(_("This rejection was overturned: you are paid for the answer."))
        if rejection.state != RejectionState.HELD or rejection.held_until <= now:
            raise TooLate(until=rejection.held_until)
        reject.keep_held(rejection)
        asked = peers.ask(rejection, task, project, now=now)
        made = _appeal(worker, Subject.REJECTION, text, rejection.rejected_at, project, now)
        made.rejection, made.peers, made.peers_tier = rejection, asked, task.tier
        return _file(made)


def against_pause(*, worker: Worker, project_id: int, text: str) -> Appeal:
    """Raises NotFound, BadInput, Conflict (he is not paused), FoundByRule, TooLate, AppealedAlready."""
    text = _checked(text)
    with transaction.atomic(durable=True):
        found = Participation.objects.filter(worker=worker, project_id=project_id)
        one = found.select_for_update(no_key=True, of=("self",)).select_related("project__organisation").first()
        if one is None:
            raise NotFound
        if one.state != ParticipationState.PAUSED or one.paused_at is None:
            raise Conflict(_("You are not paused on this project: there is nothing to contest."))
        if "firing" in one.pause_evidence:
            raise FoundByRule(firing=one.pause_evidence["firing"])
        now = clock.now()
        _check_time(one.paused_at, now)
        made = _appeal(worker, Subject.PAUSE, text, one.paused_at, one.project, now)
        made.participation = one
        return _file(made)


def against_block(*, worker: Worker, block_id: int, text: str) -> Appeal:
    """Raises NotFound, BadInput, Conflict (it has ended), TooLate, AppealedAlready.

    Inner to `crowd.rules.services.contest.against_block`, which knows whether a rule proposed it.
    """
    text = _checked(text)
    with transaction.atomic(durable=True):
        one = Block.objects.select_related("organisation").filter(pk=block_id, worker=worker).first()
        if one is None:
            raise NotFound
        if one.lifted_at is not None:
            raise Conflict(_("This block has ended: there is nothing to contest."))
        now = clock.now()
        _check_time(one.created_at, now)
        made = _appeal(worker, Subject.BLOCK, text, one.created_at, None, now)
        made.block, made.organisation = one, one.organisation
        return _file(made)


def grant(*, actor: User, appeal_id: int, reason: str) -> Appeal:
    """The worker is right: paid, or let back. By staff who had no part in it, or a member of the organisation.

    Raises NotFound, NotTheOne, BadInput, WrongState.
    """
    return _decide(actor, appeal_id, AppealState.GRANTED, reason)


def uphold(*, actor: User, appeal_id: int, reason: str) -> Appeal:
    """What was decided stands, for good. By staff who had no part in it. Raises as `grant`."""
    return _decide(actor, appeal_id, AppealState.UPHELD, reason)


def grant_overdue(*, limit: int = 200) -> int:
    """What nobody has decided in its time is granted, each in a transaction of its own; how many. For a job.

    So is what was taken back before anybody decided: a pause that was lifted, a rejection whose gold key was wrong.
    """
    undecided = Appeal.objects.filter(state=AppealState.OPEN)
    due = undecided.filter(Q(block=None) | Q(organisation__isnull=False), due_at__lte=clock.now())
    taken_back = undecided.filter(
        Q(rejection__state=RejectionState.OVERTURNED)
        | Q(participation__state=ParticipationState.ACTIVE)
        | ~Q(participation__paused_at=F("about_at")) & Q(participation__isnull=False)
    )
    overdue = _("Nobody decided about your appeal in its time, so it is granted.")
    moot = _("What you contest was taken back before anybody decided about it.")
    pairs = [
        (rows.order_by("due_at").values_list("pk", flat=True)[:limit], why)
        for rows, why in ((taken_back, moot), (due, overdue))
    ]
    return one_by_one(_grant_one, [(id, why) for ids, why in pairs for id in list(ids)])


def _grant_one(appeal_id: int, reason: str) -> bool:
    with transaction.atomic(durable=True):
        appeal = Appeal.objects.select_related("worker", "project__organisation", "organisation").get(pk=appeal_id)
        try:
            _carry_out(appeal, None, AppealState.GRANTED, reason, clock.now())
        except WrongState:  # somebody was first
            return False
    return True


def _decide(actor: User, appeal_id: int, state: AppealState, reason: str) -> Appeal:
    reason = reason.strip()
    if not reason or len(reason) > MAX_TEXT or "\x00" in reason:
        raise BadInput(errors={"reason": _("A reason is needed; the worker reads it.")})
    appeal = access.appeal_to_decide(actor, appeal_id, giving_in=state == AppealState.GRANTED)
    with transaction.atomic(durable=True):
        _carry_out(appeal, actor, state, reason, clock.now())
    return appeal


def _carry_out(appeal: Appeal, actor: User | None, state: AppealState, reason: str, now: datetime) -> None:
    decided = {"state": state, "decided_by": actor, "decided_at": now, "reason": reason}
    if not Appeal.objects.filter(pk=appeal.pk, state=AppealState.OPEN).update(**decided):
        raise WrongState(_("This appeal is decided already."), state=appeal.state, wanted=str(state))
    for name, value in decided.items():
        setattr(appeal, name, value)
    CONSEQUENCES[Subject(appeal.subject)](appeal, actor, now)
    audit.record(
        actor=actor, action=f"appeal.{state}", subject=appeal, organisation=appeal.organisation, reason=reason, now=now
    )
    _tell(appeal, now)


def _decide_rejection(appeal: Appeal, actor: User | None, now: datetime) -> None:
    rejection = appeal.rejection
    assert rejection is not None
    project = reserves.lock(rejection.project_id)
    task, rejection = reject.lock_rejection(project, rejection.assignment_id)
    appeal.evidence = peers.told(appeal)
    appeal.save(update_fields=["evidence"])
    peers.dismiss(appeal, task, project)
    if rejection.state == RejectionState.OVERTURNED:  # its gold key was corrected meanwhile: he is paid already
        return
    if appeal.state == AppealState.GRANTED:
        reject.overturn_locked(rejection, task, project, actor=actor, reason=appeal.reason, now=now)
    else:
        reject.make_final(rejection, project, actor=actor, reason=appeal.reason, now=now)


def _decide_pause(appeal: Appeal, actor: User | None, now: datetime) -> None:
    one = appeal.participation
    assert one is not None
    if appeal.state == AppealState.GRANTED:
        pause.lift_granted(
            project_id=one.project_id,
            worker_id=one.worker_id,
            since=appeal.about_at,
            actor=actor,
            reason=appeal.reason,
        )


def _decide_block(appeal: Appeal, actor: User | None, now: datetime) -> None:
    assert appeal.block is not None
    if appeal.state == AppealState.GRANTED:
        blocks.lift_granted(appeal.block, actor=actor, reason=appeal.reason, now=now)


CONSEQUENCES: dict[Subject, Callable[[Appeal, User | None, datetime], None]] = {
    Subject.REJECTION: _decide_rejection,
    Subject.PAUSE: _decide_pause,
    Subject.BLOCK: _decide_block,
}


def _appeal(
    worker: Worker, subject: Subject, text: str, about_at: datetime, project: Project | None, now: datetime
) -> Appeal:
    return Appeal(
        worker=worker,
        subject=subject,
        text=text,
        about_at=about_at,
        project=project,
        organisation=project.organisation if project else None,
        opened_at=now,
        due_at=now + timedelta(days=settings.CROWD_APPEAL_DECISION_DAYS),
    )


def _file(made: Appeal) -> Appeal:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise AppealedAlready from error
    audit.record(
        actor=made.worker.user,
        action="appeal.open",
        subject=made,
        organisation=made.organisation,
        after={"subject": made.subject, "peers": made.peers},
        now=made.opened_at,
    )
    data = {"project": made.project.title if made.project else "", "days": settings.CROWD_APPEAL_DECISION_DAYS}
    notify_staff(kind="appeal_to_decide", data=data, link=f"/staff/appeals/{made.pk}/", now=made.opened_at)
    if made.organisation is not None and made.project is not None:
        link = f"/requester/projects/{made.project.pk}/appeals/"
        notify_members(organisation=made.organisation, kind="appeal_opened", data=data, link=link, now=made.opened_at)
    return made


def _tell(appeal: Appeal, now: datetime) -> None:
    data = {"reason": appeal.reason, "project": appeal.project.title if appeal.project else ""}
    kind = f"appeal_{appeal.state}"
    notify(user_id=appeal.worker.user_id, kind=kind, data=data, link=RECORD, now=now)
    if appeal.organisation is not None and appeal.project is not None:
        link = f"/requester/projects/{appeal.project.pk}/appeals/"
        kind = f"requester_appeal_{appeal.state}"
        notify_members(organisation=appeal.organisation, kind=kind, data=data, link=link, now=now)


def _check_time(decided_at: datetime, now: datetime) -> None:
    until = decided_at + timedelta(days=settings.CROWD_APPEAL_DAYS)
    if until <= now:
        raise TooLate(until=until)


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_TEXT or "\x00" in text:
        message = _("Say why it is wrong, in at most %(most)s characters; whoever decides reads it.")
        raise BadInput(errors={"text": message % {"most": MAX_TEXT}})
    return text
