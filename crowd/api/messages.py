"""Messages between a worker and a requester about a project, and complaints about what was written."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row, Time
from crowd.api.paging import Page
from crowd.talk import access, queries, writing
from crowd.talk.models import Complaint, Message, Mute, Thread
from crowd.talk.services import complaints, messages
from crowd.talk.services.messages import Sender
from crowd.talk.states import Side
from crowd.users.states import Scope
from workers.services.pseudonyms import pseudonyms_for


class MyThread(Facts):
    """A thread of mine, about a project."""

    project = serializers.IntegerField(source="project_id")
    title = serializers.CharField(source="project.title")
    organisation = serializers.CharField(source="project.organisation.name")
    unread = serializers.IntegerField(source="worker_unread")


class ProjectThread(Facts):
    worker = serializers.CharField(help_text="His pseudonym.")
    unread = serializers.IntegerField()


class MessageOut(Facts):
    """`text` null: staff have hidden it, for the `hidden_reason`. `name`: a pseudonym, or an organisation."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    mine = serializers.BooleanField()
    text = serializers.CharField(allow_null=True)
    sent_at = Time()
    hidden_reason = serializers.CharField()
    assignment = serializers.IntegerField(allow_null=True)
    task = serializers.IntegerField(allow_null=True, help_text="For the requester.")


class MyNewMessage(Input):
    text = serializers.CharField(max_length=writing.MAX_TEXT)
    assignment = Id(required=False, allow_null=True, help_text="One of mine there, that it is about.")


class NewMessage(Input):
    text = serializers.CharField(max_length=writing.MAX_TEXT)
    task = Id(required=False, allow_null=True, help_text="One that the worker was given, that it is about.")


class TalkReason(Input):
    reason = serializers.CharField(max_length=writing.MAX_REASON)


class MuteOut(Row):
    class Meta:
        model = Mute
        fields = ["side", "reason", "made_at"]


class MyComplaint(Row):
    class Meta:
        model = Complaint
        fields = ["id", "text_then", "reason", "made_at", "handled_at", "outcome"]


class StaffComplaint(MyComplaint):
    thread = serializers.IntegerField(source="message.thread_id", default=None, allow_null=True)
    topic = serializers.IntegerField(source="post.topic_id", default=None, allow_null=True)

    class Meta(MyComplaint.Meta):
        fields = [*MyComplaint.Meta.fields, "message", "thread", "post", "topic", "made_by", "handled_by"]


class ComplaintFilter(Filters):
    open = serializers.BooleanField(required=False, allow_null=True, default=None, source="handled_at__isnull")


class MyThreads(Endpoint):
    @deed("My messages, by project", scope=Scope.READ, gives=MyThread, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.threads_of_worker(call.worker), by="last_id")


class OfferMessages(Endpoint):
    @deed("What the requester and I wrote", scope=Scope.READ, gives=MessageOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return _page(call, _as_worker(call, project_id))

    @deed("Write to the requester", scope=Scope.WORK, takes=MyNewMessage, gives=MessageOut, status=201)
    def post(self, call: Call, project_id: int) -> Any:
        """He knows me by a pseudonym only. Staff may read it, and each time is recorded."""
        made = messages.write_as_worker(worker=call.worker, project_id=project_id, **call.data)
        return _shown(made.thread, [made], Side.WORKER)[0]


class OfferMessagesRead(Endpoint):
    @deed("I have read them", scope=Scope.WORK, status=204)
    def post(self, call: Call, project_id: int) -> None:
        _read(call, _as_worker(call, project_id))


class OfferMute(Endpoint):
    @deed("Hear no more from the requester about this project", scope=Scope.WORK, takes=TalkReason, gives=MuteOut)
    def put(self, call: Call, project_id: int) -> Mute:
        """He is told that, not why; staff read the reason."""
        return messages.mute(sender=_as_worker(call, project_id), **call.data)

    @deed("Hear from the requester again", scope=Scope.WORK, status=204)
    def delete(self, call: Call, project_id: int) -> None:
        messages.unmute(sender=_as_worker(call, project_id))


class ProjectThreads(Endpoint):
    @deed("Workers who were written with", scope=Scope.READ, gives=ProjectThread, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = access.member_project(call.user, project_id)
        page = call.page.of(queries.threads_of_project(project), by="last_id")
        codes = pseudonyms_for(project.organisation, [one.worker_id for one in page.rows])
        rows = [{"worker": codes[one.worker_id], "unread": one.requester_unread} for one in page.rows]
        return replace(page, rows=rows)


class WorkerMessages(Endpoint):
    @deed("What the worker and we wrote", scope=Scope.READ, gives=MessageOut, pages=True)
    def get(self, call: Call, project_id: int, pseudonym: str) -> Page:
        return _page(call, _as_requester(call, project_id, pseudonym))

    @deed("Write to a worker", scope=Scope.PROJECTS, takes=NewMessage, gives=MessageOut, status=201)
    def post(self, call: Call, project_id: int, pseudonym: str) -> Any:
        """One who has worked in the project, or wrote first. Staff may read it, and each time is recorded."""
        made = messages.write_as_requester(actor=call.user, project_id=project_id, pseudonym=pseudonym, **call.data)
        return _shown(made.thread, [made], Side.REQUESTER)[0]


class WorkerMessagesRead(Endpoint):
    @deed("We have read them", scope=Scope.PROJECTS, status=204)
    def post(self, call: Call, project_id: int, pseudonym: str) -> None:
        _read(call, _as_requester(call, project_id, pseudonym))


class WorkerMute(Endpoint):
    @deed("Take no more messages from a worker", scope=Scope.PROJECTS, takes=TalkReason, gives=MuteOut)
    def put(self, call: Call, project_id: int, pseudonym: str) -> Mute:
        """About this project; he reads the reason."""
        return messages.mute(sender=_as_requester(call, project_id, pseudonym), **call.data)

    @deed("Take messages from a worker again", scope=Scope.PROJECTS, status=204)
    def delete(self, call: Call, project_id: int, pseudonym: str) -> None:
        messages.unmute(sender=_as_requester(call, project_id, pseudonym))


class MessageReport(Endpoint):
    @deed("Report a message to staff", scope=Scope.READ, rate="write", takes=TalkReason, gives=MyComplaint, status=201)
    def post(self, call: Call, message_id: int) -> Complaint:
        """Of the other side, in a thread of one's own."""
        return complaints.report_message(actor=call.user, message_id=message_id, **call.data)


class StaffThread(Endpoint):
    @deed("Read a thread; the audit log tells that I did", scope=Scope.STAFF, gives=MessageOut, pages=True)
    def get(self, call: Call, thread_id: int) -> Page:
        thread = complaints.look_at_thread(actor=call.user, thread_id=thread_id)
        page = call.page.of(queries.messages_in(thread))
        return replace(page, rows=_shown(thread, page.rows, None))


class StaffComplaints(Endpoint):
    @deed("What people report of each other's words", scope=Scope.STAFF, gives=StaffComplaint, filters=ComplaintFilter,
          pages=True)  # fmt: skip
    def get(self, call: Call) -> Page:
        wanted = {name: value for name, value in call.filters.items() if value is not None}
        return call.page.of(access.complaints_for_staff(call.user).filter(**wanted))


class ComplaintUpheld(Endpoint):
    @deed("Hide what was reported", scope=Scope.STAFF, takes=TalkReason, gives=StaffComplaint)
    def post(self, call: Call, complaint_id: int) -> Complaint:
        return complaints.uphold(actor=call.user, complaint_id=complaint_id, **call.data)


class ComplaintDismissed(Endpoint):
    @deed("Let what was reported stand", scope=Scope.STAFF, takes=TalkReason, gives=StaffComplaint)
    def post(self, call: Call, complaint_id: int) -> Complaint:
        return complaints.dismiss(actor=call.user, complaint_id=complaint_id, **call.data)


def _as_worker(call: Call, project_id: int) -> Sender:
    project = access.as_worker(call.worker, project_id)
    return Sender(user=call.user, side=Side.WORKER, project=project, worker=call.worker)


def _as_requester(call: Call, project_id: int, pseudonym: str) -> Sender:
    project, worker = access.as_requester(call.user, project_id, pseudonym)
    return Sender(user=call.user, side=Side.REQUESTER, project=project, worker=worker)


def _read(call: Call, sender: Sender) -> None:
    if (thread := queries.thread_of(sender.project, sender.worker)) is not None:
        messages.read(thread, sender.side, reader=call.user)


def _page(call: Call, sender: Sender) -> Page:
    thread = queries.thread_of(sender.project, sender.worker)
    if thread is None:
        return Page([], None)
    page = call.page.of(queries.messages_in(thread))
    return replace(page, rows=_shown(thread, page.rows, sender.side))


def _shown(thread: Thread, rows: Sequence[Message], to: Side | None) -> list[dict[str, Any]]:
    return [
        {
            "id": one.message.pk,
            "name": one.name,
            "mine": one.mine,
            "text": one.text,
            "sent_at": one.message.sent_at,
            "hidden_reason": one.message.hidden_reason,
            "assignment": one.message.assignment_id,
            "task": one.message.assignment.task_id if one.message.assignment and to != Side.WORKER else None,
        }
        for one in queries.said(thread, rows, to=to)
    ]
