"""Help tickets: whose promise ends first stands first, and what is late is marked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import clock
from crowd.talk import access, queries
from crowd.talk.models import Ticket
from crowd.talk.services import tickets
from crowd.talk.states import TicketState
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.forms import Keyed
from crowd.web.staff import kit
from crowd.web.staff.kit import Act, Row, Table, staff_page
from crowd.web.talk.fields import words
from crowd.web.templatetags.crowd_web import when

SHOWN = 100
STATES = [(one.value, one.label) for one in TicketState]


class AnswerForm(Keyed):
    text = words(gettext_lazy("Answer"), rows=6, says=gettext_lazy("Whoever asked reads it, signed as staff."))
    close = forms.BooleanField(label=gettext_lazy("With this it is settled: close it"), required=False)


@staff_page()
def ticket_list(request: HttpRequest) -> Any:
    """Those that wait, by promise; the others newest first."""
    state = request.GET.get("state", TicketState.OPEN)
    tabs = kit.state_tabs(request, STATES, _("All"))
    if state == TicketState.OPEN:
        return kit.listing(request, _("Help"), waiting(title=""), tabs=tabs, areas=kit.talk_areas("help"))
    rows = access.tickets_for_staff(user_of(request))
    found, after = kit.newest(request, rows.filter(state=state) if state in TicketState.values else rows)
    head = [_("What"), _("About"), _("Asked"), _("State")]
    lines = [
        Row([_link(one), one.get_category_display(), when(one.opened_at), _state(one, clock.now())]) for one in found
    ]
    table = Table(head, lines, empty=_("None."), next=after)
    return kit.listing(request, _("Help"), table, tabs=tabs, areas=kit.talk_areas("help"))


def waiting(*, title: str) -> Table:
    """The oldest promise first; those after the first hundred come up as these are answered."""
    now = clock.now()
    found = queries.waiting_tickets()[:SHOWN]
    head = [_("Help is asked for"), _("About"), _("Promised"), _("Asked"), _("State")]
    lines = [
        Row([_link(one), one.get_category_display(), when(one.promised_at), when(one.opened_at), _state(one, now)])
        for one in found
    ]
    return Table(head, lines, title, _("Nobody waits for help."))


@staff_page("GET", "POST")
def ticket(request: HttpRequest, ticket_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(access.tickets_for_staff(actor), ticket_id)
    return kit.detail(request, lambda: [_answer(one, actor)], lambda: _page(one))


def _answer(one: Ticket, actor: User) -> Act:
    barred = _("Somebody else must answer your own question.") if one.user_id == actor.pk else ""
    if one.state == TicketState.CLOSED:
        barred = _("It is closed. A reply of whoever asked opens it again.")
    return Act(
        "answer",
        _("Answer"),
        _("He is told in the site and by e-mail. His reply opens it again, with a new promise."),
        AnswerForm,
        lambda **given: tickets.answer(actor=actor, ticket_id=one.pk, **given),
        _("Sent."),
        barred=barred,
    )


def _page(one: Ticket) -> dict[str, Any]:
    return {
        "title": one.subject,
        "badge": _state(one, clock.now()),
        "facts": list(_facts(one)),
        "tables": [_said(one), kit.history(one)],
        "crumb": {"address": kit.address("help"), "label": _("Help")},
    }


def _facts(one: Ticket) -> Iterable[tuple[str, Any]]:
    yield _("About"), one.get_category_display()
    yield _("Asked by"), kit.person(one.user)
    yield _("Asked"), when(one.opened_at)
    yield _("Answer promised"), when(one.promised_at)
    if one.page:
        yield _("Page"), kit.code(one.page)
    if one.project:
        yield _("Project"), kit.link(one.project.title, "project", project_id=one.project_id)
    if one.assignment:
        where = {"worker_id": one.assignment.worker_id, "project_id": one.assignment.project_id}
        yield _("Assignment"), kit.link(one.assignment_id, "participation", **where)


def _said(one: Ticket) -> Table:
    head = [_("Who"), _("What"), _("When")]
    lines = [
        Row([_("Staff: %(name)s") % {"name": kit.person(said.author)} if said.by_staff else kit.person(said.author),
             kit.format_html('<div class="said">{}</div>', said.text), when(said.sent_at)])
        for said in queries.replies_of(one)
    ]  # fmt: skip
    return Table(head, lines, _("What was written"))


def _link(one: Ticket) -> Any:
    return kit.link(one.subject, "ticket", ticket_id=one.pk)


def _state(one: Ticket, now: datetime) -> Any:
    if one.state == TicketState.OPEN and one.promised_at < now:
        return kit.status("failed", _("late"))
    return kit.status("pending" if one.state == TicketState.OPEN else "done", one.get_state_display())
