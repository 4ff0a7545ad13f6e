"""The workers' board, for workers with some standing; staff moderate it."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Row, Time
from crowd.api.messages import MyComplaint, TalkReason
from crowd.api.paging import Page
from crowd.talk import access, board, writing
from crowd.talk.models import Complaint, Handle, Topic
from crowd.talk.services import board as services
from crowd.talk.services import complaints
from crowd.users.states import Scope


class TopicOut(Facts):
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    begun_at = Time()
    posts = serializers.IntegerField()


class PostOut(Facts):
    """`name`: a handle. `text` null: staff have hidden it, for the `hidden_reason`."""

    id = serializers.IntegerField(source="of.pk")
    name = serializers.CharField()
    mine = serializers.BooleanField()
    text = serializers.SerializerMethodField()
    posted_at = Time(source="of.posted_at")
    edited_at = Time(source="of.edited_at", allow_null=True)
    hidden_reason = serializers.CharField(source="of.hidden_reason")

    def get_text(self, line: board.Line) -> str | None:
        return None if line.of.hidden_at else line.of.text


class StaffPost(PostOut):
    def get_text(self, line: board.Line) -> str | None:
        return line.of.text


class HandleOut(Row):
    class Meta:
        model = Handle
        fields = ["name", "chosen_at"]


class NewHandle(Input):
    name = serializers.CharField(max_length=30, help_text="Letters, digits, - and _. Changed once in 30 days.")


class NewPost(Input):
    text = serializers.CharField(max_length=writing.MAX_TEXT)


class NewTopic(NewPost):
    title = serializers.CharField(max_length=services.MAX_TITLE)


class TopicSearch(Filters):
    q = serializers.CharField(required=False, default="", max_length=200, help_text="Words of titles and posts.")


class BoardTopics(Endpoint):
    @deed("Topics of the workers' board", scope=Scope.READ, gives=TopicOut, filters=TopicSearch, pages=True)
    def get(self, call: Call) -> Page:
        access.check_board(call.worker)
        return call.page.of(board.topics(call.filters["q"]), by="last_id")

    @deed("Begin a topic", scope=Scope.WORK, takes=NewTopic, gives=TopicOut, status=201)
    def post(self, call: Call) -> Topic:
        return services.begin(worker=call.worker, **call.data)


class BoardPosts(Endpoint):
    @deed("Posts of a topic, newest first", scope=Scope.READ, gives=PostOut, pages=True)
    def get(self, call: Call, topic_id: int) -> Page:
        page = call.page.of(access.topic_for(call.worker, topic_id).all_posts.all())
        return replace(page, rows=board.lines(page.rows, reader=call.worker))

    @deed("Reply", scope=Scope.WORK, takes=NewPost, gives=PostOut, status=201)
    def post(self, call: Call, topic_id: int) -> Any:
        made = services.reply(worker=call.worker, topic_id=topic_id, **call.data)
        return board.lines([made], reader=call.worker)[0]


class BoardPost(Endpoint):
    @deed("Change my post, within a quarter of an hour", scope=Scope.WORK, takes=NewPost, gives=PostOut)
    def patch(self, call: Call, post_id: int) -> Any:
        made = services.edit(worker=call.worker, post_id=post_id, **call.data)
        return board.lines([made], reader=call.worker)[0]


class PostReport(Endpoint):
    @deed("Report a post to staff", scope=Scope.WORK, takes=TalkReason, gives=MyComplaint, status=201)
    def post(self, call: Call, post_id: int) -> Complaint:
        return complaints.report_post(worker=call.worker, post_id=post_id, **call.data)


class BoardHandle(Endpoint):
    @deed("Choose the name that I have on the board", scope=Scope.WORK, takes=NewHandle, gives=HandleOut)
    def put(self, call: Call) -> Handle:
        return services.choose_handle(worker=call.worker, **call.data)


class StaffPosts(Endpoint):
    @deed("Posts of a topic, also hidden ones", scope=Scope.STAFF, gives=StaffPost, pages=True)
    def get(self, call: Call, topic_id: int) -> Page:
        page = call.page.of(access.topic_for_staff(call.user, topic_id).all_posts.all())
        return replace(page, rows=board.lines(page.rows, reader=None))


class PostHiding(Endpoint):
    @deed("Hide a post; everybody reads why", scope=Scope.STAFF, takes=TalkReason, gives=StaffPost)
    def post(self, call: Call, post_id: int) -> Any:
        made = services.hide(actor=call.user, post_id=post_id, **call.data)
        return board.lines([made], reader=None)[0]
