"""Messages between a worker and a requester about a project.

Whoever writes is locked first, then the thread: so a page that is sent twice is one message, limits are exact, and
nothing is sent past a mute that was there before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, TooMany
from crowd.notices.services import reading
from crowd.notices.services.notify import notify, notify_members
from crowd.projects.models import Project
from crowd.talk import access, queries, writing
from crowd.talk.errors import Muted
from crowd.talk.models import Message, Mute, Thread
from crowd.talk.states import Side
from crowd.users.models import User
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for
from workers.states import WorkerState

MOST_IN_HOUR = 60  # of one person, in all threads
MOST_UNANSWERED = 10  # in a row, in one thread
UNREAD = {Side.WORKER: "worker_unread", Side.REQUESTER: "requester_unread"}


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes, as what, to whom."""

    user: User
    side: Side
    project: Project
    worker: Worker


def write_as_worker(
    *, worker: Worker, project_id: int, text: str, key: str = "", assignment: int | None = None
) -> Message:
    """To the requester, who knows him by pseudonym. `assignment`: one of his own there, that it is about.

    `key`: of the page; the same one with the same text is the same message. Raises NotFound, BadInput, NotAllowed
    (blocked or closed), Muted, SentAlready, TooMany.
    """
    project = access.as_worker(worker, project_id)
    if worker.state != WorkerState.ACTIVE:
        raise NotAllowed(_("Your account is not open for work, so you cannot write here. Staff can: see Help."))
    sender = Sender(user=worker.user, side=Side.WORKER, project=project, worker=worker)
    return _write(sender, text=text, key=key, about=lambda: _assignment(sender, "assignment", pk=assignment))


def write_as_requester(
    *, actor: User, project_id: int, pseudonym: str, text: str, key: str = "", task: int | None = None
) -> Message:
    """To a worker who has worked in the project or wrote first. `task`: one that he was given, that it is about."""
    project, worker = access.as_requester(actor, project_id, pseudonym)
    if worker.user.erased_at is not None:
        raise Muted(_("This worker has deleted his account."))
    sender = Sender(user=actor, side=Side.REQUESTER, project=project, worker=worker)
    return _write(sender, text=text, key=key, about=lambda: _assignment(sender, "task", task=task))


def read(thread: Thread, side: Side, *, reader: User) -> None:
    """This side has seen what is there, and its notices say nothing new any more."""
    with transaction.atomic(durable=True):
        field = UNREAD[side]
        Thread.objects.filter(pk=thread.pk).exclude(**{field: 0}).update(**{field: 0})
        reading.mark_read_at(user=reader, link=_link(thread, side))


def mute(*, sender: Sender, reason: str) -> Mute:
    """The other side can send nothing in this thread any more. Again: nothing happens. Raises BadInput.

    A worker reads a requester's reason; a worker's own reason is for staff alone.
    """
    reason = writing.cleaned(reason=(reason, writing.MAX_REASON))["reason"]
    with transaction.atomic(durable=True):
        thread, now = _locked(sender), clock.now()
        standing = thread.mutes.filter(side=sender.side, lifted_at=None).first()
        if standing is not None:
            return standing
        made = Mute.objects.create(thread=thread, side=sender.side, reason=reason, made_by=sender.user, made_at=now)
        if sender.side == Side.REQUESTER:
            data = {"project": sender.project.title, "organisation": sender.project.organisation.name, "reason": reason}
            link = _link(thread, Side.WORKER)
            notify(user_id=sender.worker.user_id, kind="muted", data=data, link=link, now=now)
        return made


def unmute(*, sender: Sender) -> None:
    """Again, or where nothing was muted: nothing happens."""
    with transaction.atomic(durable=True):
        _locked(sender).mutes.filter(side=sender.side, lifted_at=None).update(lifted_at=clock.now())


def _write(sender: Sender, *, text: str, key: str, about: Callable[[], Assignment | None]) -> Message:
    text, key = writing.cleaned(text=(text, writing.MAX_TEXT))["text"], writing.key_of(key)
    with transaction.atomic(durable=True):
        writing.lock_author(sender.user)
        mine, now = Message.objects.filter(author=sender.user), clock.now()
        if (before := writing.sent_before(mine, key=key, text=text)) is not None:
            return before
        writing.check_rate(mine, most=MOST_IN_HOUR, now=now, at="sent_at")
        thread, assignment = _locked(sender), about()
        _check_open(thread, sender.side)
        message = Message.objects.create(
            thread=thread, side=sender.side, author=sender.user, key=key, text=text, assignment=assignment, sent_at=now
        )
        unread = UNREAD[sender.side.other]
        Thread.objects.filter(pk=thread.pk).update(last_id=message.pk, **{unread: F(unread) + 1})
        _tell(sender, message)
    return message


def _locked(sender: Sender) -> Thread:
    Thread.objects.bulk_create([Thread(project=sender.project, worker=sender.worker)], ignore_conflicts=True)
    return Thread.objects.select_for_update(no_key=True).get(project=sender.project, worker=sender.worker)


def _check_open(thread: Thread, side: Side) -> None:
    mute = thread.mutes.filter(side=side.other, lifted_at=None).first()
    if mute is not None and side == Side.WORKER:
        said = _("The requester takes no more messages from you here: %(why)s") % {"why": mute.reason}
        raise Muted(said, reason=mute.reason)
    if mute is not None:
        raise Muted(_("The worker takes no more messages about this project."))
    last = thread.messages.order_by("-pk").values_list("side", flat=True)[:MOST_UNANSWERED]
    if len(last) == MOST_UNANSWERED and set(last) == {side}:
        raise TooMany(_("%(most)d messages in a row wait for an answer.") % {"most": MOST_UNANSWERED})


def _assignment(sender: Sender, place: str, **which: Any) -> Assignment | None:
    """The worker's own assignment in the project that is meant; None where none is. Raises BadInput."""
    if None in which.values():
        return None
    found = queries.given_to(sender.worker, sender.project).filter(**which).first()
    if found is None:
        raise BadInput(errors={place: _("This worker was not given such a task in this project.")})
    return found


def _tell(sender: Sender, message: Message) -> None:
    data = {"project": sender.project.title, "text": message.text[: writing.EXCERPT]}
    link, now = _link(message.thread, sender.side.other), message.sent_at
    if sender.side == Side.WORKER:
        notify_members(
            organisation=sender.project.organisation, kind="message_from_worker", data=data, link=link, now=now
        )
    else:
        data["organisation"] = sender.project.organisation.name
        notify(user_id=sender.worker.user_id, kind="message_from_requester", data=data, link=link, now=now)


def _link(thread: Thread, side: Side) -> str:
    """The page where this side reads the thread."""
    if side == Side.WORKER:
        return f"/work/projects/{thread.project_id}/messages/"
    code = pseudonym_for(thread.project.organisation, thread.worker)
    return f"/requester/projects/{thread.project_id}/workers/{code}/messages/"
