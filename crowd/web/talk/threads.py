"""What the pages of both sides of a thread share: the form to write, the form to end it, and what stands there."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crowd.talk import queries, writing
from crowd.talk.models import Thread
from crowd.talk.services import messages
from crowd.talk.states import Side
from crowd.web.doors import user_of
from crowd.web.forms import PageForm
from crowd.web.paging import newest


class MessageForm(PageForm):
    """`about`: the assignment (of a worker) or task (of a requester) that it is about, from the page's address."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=writing.MAX_TEXT,
        help_text=gettext_lazy("Plain text. Nothing in it becomes a link."),
        error_messages={"required": gettext_lazy("Please write something.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    about = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(max_length=writing.MAX_KEY, required=False, widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, request: HttpRequest) -> "MessageForm":
        about = request.GET.get("about", "")
        return cls(initial={"key": uuid4().hex, "about": about if about.isdecimal() and len(about) < 19 else None})


class MuteForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=writing.MAX_REASON,
        error_messages={"required": gettext_lazy("Please write something.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def shown(request: HttpRequest, thread: Thread | None, side: Side) -> dict[str, Any]:
    """What one side sees of a thread; from now on it has read it."""
    context = {
        "muted": queries.mute_of(thread, side),
        "barred": queries.mute_of(thread, side.other),
        "key": uuid4().hex,
        "first": "before" not in request.GET,
    }
    if thread is None:
        return context | {"said": [], "next": None}
    messages.read(thread, side, reader=user_of(request))
    found, following = newest(request, queries.messages_in(thread))
    return context | {"said": queries.said(thread, found[::-1], to=side), "next": following}
