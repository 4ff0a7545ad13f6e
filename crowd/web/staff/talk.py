"""What people write each other, as far as staff look at it: complaints, and the thread around what is complained of."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.errors import BadInput
from crowd.talk import access, board, queries
from crowd.talk.models import Complaint, Message, Post, Thread, Topic
from crowd.talk.services import board as services
from crowd.talk.services import complaints
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import kit
from crowd.web.staff.kit import Act, Row, Table, staff_page
from crowd.web.staff.rules import WhyForm
from crowd.web.templatetags.crowd_web import when


class HideForm(WhyForm):
    post = forms.IntegerField(label=gettext_lazy("Number of the post"), min_value=1, max_value=2**63 - 1)
    field_order = ("post", "reason")


@staff_page()
def complaint_list(request: HttpRequest) -> Any:
    """What waits first; `?state=all` has the rest."""
    rows = access.complaints_for_staff(user_of(request))
    if request.GET.get("state") != "all":
        rows = rows.filter(handled_at=None)
    found, after = kit.newest(request, rows)
    head = [_("What"), _("Why"), _("Reported"), _("State")]
    lines = [
        Row(
            [
                kit.link(one.text_then[:80], "complaint", complaint_id=one.pk),
                one.reason[:80],
                when(one.made_at),
                _state(one),
            ]
        )
        for one in found
    ]
    tabs = kit.state_tabs(request, [("", _("Waits for staff"))], _("All"))
    table = Table(head, lines, empty=_("Nothing waits."), next=after)
    return kit.listing(request, _("Complaints"), table, tabs=tabs, areas=kit.talk_areas("complaints"))


@staff_page("GET", "POST")
def complaint(request: HttpRequest, complaint_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(access.complaints_for_staff(actor), complaint_id)
    return kit.detail(request, lambda: _acts(one, actor), lambda: _page(one))


@staff_page()
def thread(request: HttpRequest, thread_id: int) -> Any:
    """All of it; that it was looked at is recorded each time."""
    found = complaints.look_at_thread(actor=user_of(request), thread_id=thread_id)
    rows, after = kit.newest(request, queries.messages_in(found))
    head = [_("Who"), _("What"), _("When")]
    lines = [
        Row([one.name, kit.format_html("{}{}", _hidden(one.message), one.text or ""), when(one.message.sent_at)])
        for one in queries.said(found, rows, to=None)
    ]
    table = Table(head, lines, empty=_("Nothing was written."), next=after)
    lead = _("The audit log tells that you have looked at this.")
    return kit.listing(request, _about(found), table, lead=lead, tables=[kit.history(found)])


@staff_page()
def topic_list(request: HttpRequest) -> Any:
    """All of the board, also what is hidden, the newest topics first."""
    found, after = kit.newest(request, Topic.objects.all())
    head = [_("Topic"), _("By"), _("Posts#"), _("Begun"), _("State")]
    lines = [
        Row(
            [
                kit.link(one.title, "topic", topic_id=one.pk),
                name,
                one.posts,
                when(one.begun_at),
                kit.status("refused", _("hidden")) if one.hidden_at else kit.status("open", _("shown")),
            ]
        )
        for one, name in board.topic_lines(found)
    ]
    lead = _("Workers among themselves. What staff hide here, its writer and everybody else reads why.")
    table = Table(head, lines, empty=_("None."), next=after)
    return kit.listing(request, _("Workers' board"), table, lead=lead, areas=kit.talk_areas("board"))


@staff_page("GET", "POST")
def topic(request: HttpRequest, topic_id: int) -> Any:
    actor = user_of(request)
    one = access.topic_for_staff(actor, topic_id)
    return kit.detail(request, lambda: [_hide(actor, one)], lambda: _topic_page(request, one))


def _hide(actor: User, one: Topic) -> Act:
    def call(post: int, reason: str) -> None:
        if not one.all_posts.filter(pk=post).exists():
            raise BadInput(errors={"post": _("There is no such post in this topic.")})
        services.hide(actor=actor, post_id=post, reason=reason)

    says = _("Everybody reads the reason instead. With the first post the whole topic is hidden.")
    return Act("hide", _("Hide a post"), says, HideForm, call, _("Hidden. Its writer is told."), kind="danger")


def _topic_page(request: HttpRequest, one: Topic) -> dict[str, Any]:
    page = board.posts_after(one, request.GET.get("after", ""), reader=None)
    head = [_("Post"), _("Who"), _("What"), _("When")]
    lines = [
        Row(
            [
                str(line.of.pk),
                line.name,
                kit.format_html("{}{}", _hidden(line.of), line.of.text),
                when(line.of.posted_at),
            ]
        )
        for line in page.posts
    ]
    more = {"address": f"?after={page.after}", "label": _("Later posts")} if page.after else None
    crumb = {"address": kit.address("board"), "label": _("Board")}
    return {"title": one.title, "tables": [Table(head, lines)], "crumb": crumb, "download": more}


def _acts(one: Complaint, actor: User) -> list[Act]:
    if one.handled_at is not None:
        return []
    barred = "" if complaints.may_handle(actor, one) else _("Somebody else must decide this: you have a part in it.")
    deeds = {
        "uphold": (complaints.uphold, _("Hide it"), _("Nobody but staff reads it any more."), "danger"),
        "dismiss": (complaints.dismiss, _("Let it stand"), _("Whoever reported it reads why."), "primary"),
    }
    return [
        Act(
            name,
            title,
            says,
            WhyForm,
            lambda reason, call=call: call(actor=actor, complaint_id=one.pk, reason=reason),
            _("Done. Those concerned are told."),
            kind=kind,
            barred=barred,
        )
        for name, (call, title, says, kind) in deeds.items()
    ]


def _page(one: Complaint) -> dict[str, Any]:
    facts = [
        (_("It said"), one.text_then),
        (_("Reported as"), one.reason),
        (_("Reported by"), kit.person(one.made_by)),
        (_("When"), when(one.made_at)),
        (_("State"), _state(one)),
        (_("Outcome"), one.outcome or "–"),
        (_("Around it"), _around(one)),
    ]
    return {"title": _("Complaint %(id)s") % {"id": one.pk}, "facts": facts, "tables": [kit.history(one)]}


def _around(one: Complaint) -> Any:
    if one.post is not None:
        return kit.link(one.post.topic.title, "topic", topic_id=one.post.topic_id)
    assert one.message is not None
    return kit.link(_about(one.message.thread), "thread", thread_id=one.message.thread_id)


def _about(thread: Thread) -> str:
    return _("Messages about %(title)s") % {"title": thread.project.title}


def _state(one: Complaint) -> Any:
    return kit.status("done", _("handled")) if one.handled_at else kit.status("pending", _("open"))


def _hidden(one: Message | Post) -> Any:
    if one.hidden_at is None:
        return ""
    return kit.format_html("<em>{} {}</em><br>", _("Hidden by staff:"), one.hidden_reason)
