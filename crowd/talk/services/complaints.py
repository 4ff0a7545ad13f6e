"""Reporting to staff what somebody wrote, and what staff do about it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from crowd.notices.services.notify import notify, notify_staff
from crowd.talk import access, writing
from crowd.talk.errors import ReportedAlready
from crowd.talk.models import Complaint, Message, Thread
from crowd.talk.services import board
from crowd.users.access import is_member, require_staff
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Worker


def report_message(*, actor: User, message_id: int, reason: str) -> Complaint:
    """By the other side, once; its writer is not told who it was. Raises NotFound, BadInput, ReportedAlready."""
    reason = writing.cleaned(reason=(reason, writing.MAX_REASON))["reason"]
    message, side = access.message_for(actor, message_id)
    if message.side == side:
        raise BadInput(_("This is from your own side."))
    with transaction.atomic(durable=True):
        return _made(Complaint(message=message, text_then=message.text, made_by=actor, reason=reason), clock.now())


def report_post(*, worker: Worker, post_id: int, reason: str) -> Complaint:
    """On the workers' board, once. Raises NotAllowed, NotFound, BadInput, ReportedAlready."""
    reason = writing.cleaned(reason=(reason, writing.MAX_REASON))["reason"]
    post = access.post_for(worker, post_id)
    if post.worker_id == worker.pk:
        raise BadInput(_("This is from your own side."))
    with transaction.atomic(durable=True):
        return _made(Complaint(post=post, text_then=post.text, made_by=worker.user, reason=reason), clock.now())


def uphold(*, actor: User, complaint_id: int, reason: str) -> Complaint:
    """Hide what was complained of; whoever wrote it and whoever complained read why.

    Raises NotAllowed (no staff, or with a part in it), NotFound, Conflict (handled already), BadInput.
    """
    reason = writing.cleaned(reason=(reason, writing.MAX_REASON))["reason"]
    with transaction.atomic(durable=True):
        complaint, now = _open(actor, complaint_id), clock.now()
        if complaint.message is not None:
            _hide(complaint.message, actor=actor, reason=reason, now=now)
        elif complaint.post_id is not None:
            board.hide_post(actor=actor, post_id=complaint.post_id, reason=reason, now=now)
        return _handled(complaint, actor=actor, outcome=reason, now=now)


def dismiss(*, actor: User, complaint_id: int, reason: str) -> Complaint:
    """It stands; whoever complained reads why. Raises as `uphold`."""
    reason = writing.cleaned(reason=(reason, writing.MAX_REASON))["reason"]
    with transaction.atomic(durable=True):
        return _handled(_open(actor, complaint_id), actor=actor, outcome=reason, now=clock.now())


def may_handle(actor: User, complaint: Complaint) -> bool:
    """Whether he has no part in it: neither wrote nor reported it, and is no member of the organisation."""
    if complaint.post is not None:
        return actor.pk not in (complaint.made_by_id, complaint.post.worker.user_id)
    assert complaint.message is not None
    parties = (complaint.made_by_id, complaint.message.author_id)
    return actor.pk not in parties and not is_member(actor, complaint.message.thread.project.organisation)


def look_at_thread(*, actor: User, thread_id: int) -> Thread:
    """The thread, for staff to read; that they did stands in the audit log. Raises NotAllowed, NotFound."""
    require_staff(actor)
    with transaction.atomic(durable=True):
        thread = Thread.objects.select_related("project__organisation", "worker__user").filter(pk=thread_id).first()
        if thread is None:
            raise NotFound
        audit.record(actor=actor, action="talk.read", subject=thread, now=clock.now())
    return thread


def _made(complaint: Complaint, now: datetime) -> Complaint:
    complaint.made_at = now
    try:
        with transaction.atomic():
            complaint.save()
    except IntegrityError as error:
        raise ReportedAlready from error
    data = {"text": complaint.text_then[:200], "reason": complaint.reason}
    notify_staff(kind="complaint_made", data=data, link=f"/staff/complaints/{complaint.pk}/", now=now)
    return complaint


def _open(actor: User, complaint_id: int) -> Complaint:
    """Locked, and not handled yet; by somebody who has no part in it."""
    found = access.complaints_for_staff(actor).select_for_update(of=("self",), no_key=True)
    complaint = found.filter(pk=complaint_id).first()
    if complaint is None:
        raise NotFound
    if complaint.handled_at is not None:
        raise Conflict(_("This was handled already."))
    if not may_handle(actor, complaint):
        raise NotAllowed(_("Somebody else must decide this: you have a part in it."))
    return complaint


def _hide(message: Message, *, actor: User, reason: str, now: datetime) -> None:
    shown = Message.objects.filter(pk=message.pk, hidden_at=None)
    if shown.update(hidden_at=now, hidden_by=actor, hidden_reason=reason):
        audit.record(actor=actor, action="talk.hide", subject=message, reason=reason, now=now)
        data = {"text": message.text[:200], "reason": reason}
        notify(user_id=message.author_id, kind="writing_hidden", data=data, link="/notices/", now=now)


def _handled(complaint: Complaint, *, actor: User, outcome: str, now: datetime) -> Complaint:
    complaint.handled_by, complaint.handled_at, complaint.outcome = actor, now, outcome
    complaint.save(update_fields=["handled_by", "handled_at", "outcome"])
    audit.record(actor=actor, action="talk.complaint", subject=complaint, reason=outcome, now=now)
    notify(user_id=complaint.made_by_id, kind="complaint_answered", data={"reason": outcome}, link="/notices/", now=now)
    return complaint
