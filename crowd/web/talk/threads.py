"""What the pages of both sides of a thread share: the form to write, the form to end it, and what stands there."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crowd.projects.models import Project
from crowd.talk import queries, writing
from crowd.talk.services import messages
from crowd.talk.states import Side
from crowd.web.doors import user_of
from crowd.web.forms import Keyed, PageForm
from crowd.web.paging import newest, whole
from crowd.web.talk.fields import PLAIN, words
from workers.models import Worker


class MessageForm(Keyed):
    """`about`: the assignment (of a worker) or task (of a requester) that it is about, from the page's address."""

    text = words(gettext_lazy("Your message"), rows=4, says=PLAIN)
    about = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    @classmethod
    def of(cls, request: HttpRequest) -> "MessageForm":
        """As it was sent, or a new one."""
        return cls(request.POST) if request.method == "POST" else cls.fresh(request)

    @classmethod
    def fresh(cls, request: HttpRequest) -> "MessageForm":
        return cls(initial={"about": whole(request.GET.get("about", ""))})

    @property
    def about_id(self) -> int:
        """0 where nothing is given, or no number."""
        try:
            return self.fields["about"].clean(self["about"].value()) or 0
        except forms.ValidationError:
            return 0


class MuteForm(PageForm):
    reason = words(gettext_lazy("Why"), rows=2, most=writing.MAX_REASON)


def shown(request: HttpRequest, project: Project, worker: Worker, side: Side) -> dict[str, Any]:
    """What one side sees of the thread between these; from now on it has read it."""
    thread = queries.thread_of(project, worker)
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
