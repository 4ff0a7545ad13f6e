"""Asking staff for help: with where one was, as far as one wants it told, and a time by which an answer is promised."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound, TooMany
from crowd.notices.services.notify import notify, notify_staff
from crowd.talk import places, writing
from crowd.talk.models import Reply, Ticket
from crowd.talk.states import TICKET, Category, TicketState
from crowd.users.access import require_staff
from crowd.users.models import User
from crowd.users.services import audit

MAX_SUBJECT = 150
MOST_OPEN = 10  # of one person
MOST_IN_HOUR = 30
REOPENED_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Where:
    """What is sent along: a page's address, ids of a project and of an assignment of one's own."""

    page: str = ""
    project: int | None = None
    assignment: int | None = None


def promise(category: str) -> timedelta:
    """Within this time an answer is promised."""
    return timedelta(hours=settings.CROWD_HELP_HOURS[category])


def ask(*, user: User, category: str, subject: str, text: str, where: Where | None = None, key: str = "") -> Ticket:
    """The same key with the same text is the same ticket. Raises BadInput, SentAlready, TooMany."""
    if category not in Category.values:
        raise BadInput(errors={"category": _("Please choose what it is about.")})
    given = writing.cleaned(subject=(subject, MAX_SUBJECT), text=(text, writing.MAX_TEXT))
    place, key = _place(user, where or Where()), writing.key_of(key)
    with transaction.atomic(durable=True):
        writing.lock_author(user)
        if (before := writing.sent_before(_mine(user), key=key, text=given["text"])) is not None:
            return before.ticket
        now = clock.now()
        writing.check_rate(_mine(user), most=MOST_IN_HOUR, now=now, at="sent_at")
        if Ticket.objects.filter(user=user, state=TicketState.OPEN).count() >= MOST_OPEN:
            raise TooMany(_("%(most)d questions of yours wait for an answer already.") % {"most": MOST_OPEN})
        ticket = Ticket.objects.create(
            user=user,
            category=category,
            subject=given["subject"],
            page=place.page,
            project=place.project,
            assignment=place.assignment,
            opened_at=now,
            promised_at=now + promise(category),
        )
        _add(ticket, user, given["text"], key, now)
        _tell_staff(ticket, given["text"], now)
    return ticket


def reply(*, user: User, ticket_id: int, text: str, key: str = "") -> Reply:
    """By who asked; it is open again, with a new promise unless the old one still runs.

    Raises NotFound, Conflict (closed long ago; sent already), BadInput, TooMany.
    """
    text, key = writing.cleaned(text=(text, writing.MAX_TEXT))["text"], writing.key_of(key)
    with transaction.atomic(durable=True):
        writing.lock_author(user)
        if (before := writing.sent_before(_mine(user), key=key, text=text)) is not None:
            return before
        ticket, now = _locked(ticket_id, user=user), clock.now()
        writing.check_rate(_mine(user), most=MOST_IN_HOUR, now=now, at="sent_at")
        if not takes_replies(ticket, now):
            raise Conflict(_("This was closed long ago. Please ask anew; you can refer to it."))
        made = _add(ticket, user, text, key, now)
        if ticket.state != TicketState.OPEN:
            _move(ticket, TicketState.OPEN, promised_at=now + promise(ticket.category), closed_at=None)
            _tell_staff(ticket, text, now)
    return made


def answer(*, actor: User, ticket_id: int, text: str, close: bool = False, key: str = "") -> Reply:
    """By staff; whoever asked is told.

    Raises NotAllowed (also for one's own), NotFound, WrongState (it is closed), BadInput, SentAlready.
    """
    require_staff(actor)
    text, key = writing.cleaned(text=(text, writing.MAX_TEXT))["text"], writing.key_of(key)
    with transaction.atomic(durable=True):
        writing.lock_author(actor)
        if (before := writing.sent_before(_mine(actor), key=key, text=text)) is not None:
            return before
        ticket, now = _locked(ticket_id), clock.now()
        if ticket.user_id == actor.pk:
            raise NotAllowed(_("Somebody else must answer your own question."))
        made = _add(ticket, actor, text, key, now, by_staff=True)
        if close:
            _move(ticket, TicketState.CLOSED, answered_at=now, closed_at=now)
        elif ticket.state == TicketState.ANSWERED:
            _keep(ticket, answered_at=now)  # something to add
        else:
            _move(ticket, TicketState.ANSWERED, answered_at=now)
        audit.record(actor=actor, action="talk.answer", subject=ticket, now=now, after={"state": ticket.state})
        data = {"subject": ticket.subject, "text": text[: writing.EXCERPT]}
        notify(user_id=ticket.user_id, kind="ticket_answered", data=data, link=f"/help/{ticket.pk}/", now=now)
    return made


def takes_replies(ticket: Ticket, now: datetime) -> bool:
    """Of who asked: what was closed long ago is not opened again."""
    return ticket.closed_at is None or ticket.closed_at >= now - REOPENED_FOR


def close(*, user: User, ticket_id: int) -> Ticket:
    """By who asked: it is settled. Again: nothing happens. Raises NotFound."""
    with transaction.atomic(durable=True):
        ticket = _locked(ticket_id, user=user)
        if ticket.state != TicketState.CLOSED:
            _move(ticket, TicketState.CLOSED, closed_at=clock.now())
    return ticket


def _place(user: User, where: Where) -> places.Place:
    """What he may send along. Raises BadInput for what is not his to see."""
    faults, project, assignment = {}, None, None
    if where.page and not places.place_of(user, where.page).page:
        faults["page"] = _("This is no page of this site that can be sent along.")
    if where.project is not None and (project := places.seen_project(user, where.project)) is None:
        faults["project"] = _("There is no such project for you.")
    if where.assignment is not None and (assignment := places.assignment_of(user, where.assignment)) is None:
        faults["assignment"] = _("You have no such task.")
    if faults:
        raise BadInput(errors=faults)
    return places.Place(where.page.partition("?")[0], project, assignment)


def _mine(user: User) -> QuerySet[Reply]:
    return Reply.objects.filter(author=user).select_related("ticket")


def _locked(ticket_id: int, **whose: User) -> Ticket:
    found = Ticket.objects.select_for_update(no_key=True).filter(pk=ticket_id, **whose).first()
    if found is None:
        raise NotFound
    return found


def _add(ticket: Ticket, author: User, text: str, key: str, now: datetime, *, by_staff: bool = False) -> Reply:
    return Reply.objects.create(ticket=ticket, author=author, by_staff=by_staff, key=key, text=text, sent_at=now)


def _move(ticket: Ticket, state: TicketState, **fields: datetime | None) -> None:
    TICKET.check(ticket.state, state)
    ticket.state = state
    _keep(ticket, **fields)


def _keep(ticket: Ticket, **fields: datetime | None) -> None:
    for name, value in fields.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=["state", *fields])


def _tell_staff(ticket: Ticket, text: str, now: datetime) -> None:
    data = {"subject": ticket.subject, "text": text[: writing.EXCERPT]}
    notify_staff(kind="ticket_opened", data=data, link=f"/staff/help/{ticket.pk}/", now=now)
