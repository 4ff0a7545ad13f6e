"""What is read about talk: threads with what is new in them, and who wrote what, under which name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment
from crowd.projects.models import Project
from crowd.talk import access
from crowd.talk.models import Announcement, Complaint, Handle, Message, Mute, Post, Reply, Thread, Ticket
from crowd.talk.states import Side, TicketState
from crowd.users.models import User
from workers.models import Worker
from workers.services.pseudonyms import pseudonyms_for

SHOWN = 3  # announcements at once; the rest is in the list


@dataclass(frozen=True)
class Said:
    """A message as one side reads it. `name`: under which that side knows its writer; `text` None: hidden by staff."""

    message: Message
    name: str
    mine: bool
    text: str | None


def threads_of_worker(worker: Worker) -> QuerySet[Thread]:
    """Those in which something was written, for lists by `last_id`."""
    return Thread.objects.filter(worker=worker, last_id__gt=0).select_related("project__organisation")


def threads_of_project(project: Project) -> QuerySet[Thread]:
    return Thread.objects.filter(project=project, last_id__gt=0).select_related("worker__user")


def unread_of_worker(worker_user: User) -> int:
    """How many messages he has not read."""
    found = Thread.objects.filter(worker__user=worker_user, worker_unread__gt=0)
    return found.aggregate(n=Sum("worker_unread"))["n"] or 0


def unread_of_project(project: Project) -> int:
    found = Thread.objects.filter(project=project, requester_unread__gt=0)
    return found.aggregate(n=Sum("requester_unread"))["n"] or 0


def thread_of(project: Project, worker: Worker) -> Thread | None:
    found = Thread.objects.select_related("project__organisation", "worker")
    return found.filter(project=project, worker=worker).first()


def given_to(worker: Worker, project: Project) -> QuerySet[Assignment]:
    """What he was shown there; of what is reserved for him ahead nobody is told."""
    return Assignment.objects.filter(worker=worker, project=project, opened_at__isnull=False)


def messages_in(thread: Thread) -> QuerySet[Message]:
    return thread.messages.select_related("author", "assignment").order_by("-pk")


def said(thread: Thread, messages: Sequence[Message], *, to: Side | None) -> list[Said]:
    """In the order given; `to`: the side that reads (None: staff, who know both by what they are)."""
    code = pseudonyms_for(thread.project.organisation, [thread.worker_id])[thread.worker_id]
    return [
        Said(
            one,
            _name(one, thread, code, to),
            one.side == to,
            None if one.hidden_at and to is not None else one.text,
        )
        for one in messages
    ]


def mute_of(thread: Thread | None, side: Side) -> Mute | None:
    """The mute by which this side wants to hear no more, if it stands."""
    return thread.mutes.filter(side=side, lifted_at=None).first() if thread else None


def _name(message: Message, thread: Thread, code: str, to: Side | None) -> str:
    if message.side == Side.WORKER:
        return _("%(name)s (deleted user)") % {"name": code} if message.author.erased_at else code
    if to == Side.WORKER:
        return thread.project.organisation.name
    return _("deleted user") if message.author.erased_at else message.author.get_full_name()


def current_announcements(user: User, now: datetime) -> QuerySet[Announcement]:
    """Those that stand now and that he has not put away, the newest first."""
    open_ones = access.announcements_for(user, now).filter(ends_at__gt=now)
    return open_ones.exclude(dismissals__user=user).order_by("-pk")[:SHOWN]


def tickets_of(user: User) -> QuerySet[Ticket]:
    return Ticket.objects.filter(user=user).order_by("-pk")


def waiting_tickets() -> QuerySet[Ticket]:
    """Those that staff have to answer, the oldest promise first."""
    return Ticket.objects.filter(state=TicketState.OPEN).order_by("promised_at", "pk")


def replies_of(ticket: Ticket) -> QuerySet[Reply]:
    """The question first."""
    return ticket.replies.select_related("author").order_by("pk")


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export: what he wrote and was written to."""
    threads = Thread.objects.filter(worker__user=user)
    written = Message.objects.filter(author=user).order_by("pk")
    to_me = Message.objects.filter(thread__in=threads, side=Side.REQUESTER, hidden_at=None).order_by("pk")
    fields = ("thread__project__title", "text", "sent_at")
    handle = Handle.objects.filter(worker__user=user).values_list("name", flat=True).first()
    posts = Post.objects.filter(worker__user=user).order_by("pk")
    announced = Announcement.objects.filter(made_by=user).order_by("pk")
    tickets = Ticket.objects.filter(user=user).order_by("pk")
    replies = Reply.objects.filter(ticket__user=user).order_by("pk")
    return {
        "board_handle": handle,
        "board_posts": list(posts.values("topic__title", "text", "posted_at", "edited_at", "hidden_reason")),
        "announcements_made": list(announced.values("audience", "project", "title", "text", "made_at")),
        "tickets": list(tickets.values("id", "category", "subject", "state", "page", "opened_at", "closed_at")),
        "ticket_replies": list(replies.values("ticket", "by_staff", "text", "sent_at")),
        "messages_written": list(written.values(*fields, "hidden_reason")),
        "messages_received": list(to_me.values(*fields)),
        "mutes": list(Mute.objects.filter(made_by=user).order_by("pk").values("thread", "reason", "made_at")),
        "complaints": list(
            Complaint.objects.filter(made_by=user).order_by("pk").values("text_then", "reason", "made_at", "outcome")
        ),
    }
