"""Help tickets: asked by anybody, with where he was, answered by staff within a promised time."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row
from crowd.api.paging import Page
from crowd.kernel.errors import NotFound
from crowd.talk import access, places, queries, writing
from crowd.talk.models import Reply, Ticket
from crowd.talk.services import tickets
from crowd.talk.states import Category, TicketState
from crowd.users.states import Scope


class ReplyOut(Row):
    class Meta:
        model = Reply
        fields = ["id", "by_staff", "text", "sent_at"]


class TicketLine(Row):
    """`promised_at`: by when an answer is promised, while it is open."""

    class Meta:
        model = Ticket
        fields = [
            *("id", "category", "subject", "state", "page", "project", "assignment"),
            *("opened_at", "promised_at", "answered_at", "closed_at"),
        ]


class TicketOut(TicketLine):
    replies = serializers.SerializerMethodField()

    class Meta(TicketLine.Meta):
        fields = [*TicketLine.Meta.fields, "replies"]

    @extend_schema_field(ReplyOut(many=True))
    def get_replies(self, ticket: Ticket) -> Any:
        """The question first."""
        return ReplyOut(queries.replies_of(ticket), many=True, context=self.context).data


class StaffTicket(TicketOut):
    class Meta(TicketOut.Meta):
        fields = [*TicketOut.Meta.fields, "user"]


class PromiseOut(Facts):
    category = serializers.ChoiceField(choices=Category.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    hours = serializers.FloatField(help_text="Within which an answer is promised.")


class NewTicket(Input):
    category = serializers.ChoiceField(choices=Category.choices)
    subject = serializers.CharField(max_length=tickets.MAX_SUBJECT)
    text = serializers.CharField(max_length=writing.MAX_TEXT)
    page = serializers.CharField(required=False, allow_blank=True, max_length=places.MAX_PAGE)
    project = Id(required=False, allow_null=True)
    assignment = Id(required=False, allow_null=True, help_text="One of mine.")


class NewReply(Input):
    text = serializers.CharField(max_length=writing.MAX_TEXT)


class TicketAnswer(NewReply):
    close = serializers.BooleanField(required=False, default=False)


class TicketFilter(Filters):
    state = serializers.ChoiceField(choices=TicketState.choices, required=False)


class Tickets(Endpoint):
    @deed("What I asked staff", scope=Scope.READ, gives=TicketLine, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.tickets_of(call.user))

    @deed("Ask staff for help", scope=Scope.READ, rate="write", takes=NewTicket, gives=TicketOut, status=201)
    def post(self, call: Call) -> Ticket:
        """Nothing is sent along but what is named here."""
        given = dict(call.data)
        where = tickets.Where(**{name: given.pop(name) for name in ("page", "project", "assignment") if name in given})
        return tickets.ask(user=call.user, where=where, **given)


class Promises(Endpoint):
    @deed("By when help is promised", scope=Scope.READ, gives=PromiseOut, many=True)
    def get(self, call: Call) -> list[dict[str, Any]]:
        hours = {one: tickets.promise(one).total_seconds() / 3600 for one in Category}
        return [{"category": one.value, "label": str(one.label), "hours": hours[one]} for one in Category]


class MyTicket(Endpoint):
    @deed("A question of mine, and what was answered", scope=Scope.READ, gives=TicketOut)
    def get(self, call: Call, ticket_id: int) -> Ticket:
        return access.ticket_of(call.user, ticket_id)


class TicketReply(Endpoint):
    @deed("Reply; it is open again", scope=Scope.READ, rate="write", takes=NewReply, gives=ReplyOut, status=201)
    def post(self, call: Call, ticket_id: int) -> Reply:
        return tickets.reply(user=call.user, ticket_id=ticket_id, **call.data)


class TicketClosing(Endpoint):
    @deed("It is settled", scope=Scope.READ, rate="write", gives=TicketOut)
    def post(self, call: Call, ticket_id: int) -> Ticket:
        return tickets.close(user=call.user, ticket_id=ticket_id)


class StaffTickets(Endpoint):
    @deed("Who asks for help", scope=Scope.STAFF, gives=TicketLine, filters=TicketFilter, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(access.tickets_for_staff(call.user).filter(**call.filters))


class StaffTicketView(Endpoint):
    @deed("A question to staff", scope=Scope.STAFF, gives=StaffTicket)
    def get(self, call: Call, ticket_id: int) -> Ticket:
        found = access.tickets_for_staff(call.user).filter(pk=ticket_id).first()
        if found is None:
            raise NotFound
        return found


class StaffAnswer(Endpoint):
    @deed("Answer it", scope=Scope.STAFF, takes=TicketAnswer, gives=ReplyOut, status=201)
    def post(self, call: Call, ticket_id: int) -> Reply:
        return tickets.answer(actor=call.user, ticket_id=ticket_id, **call.data)
