"""Saying to staff that what somebody wrote should not be."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crowd.talk import access, writing
from crowd.talk.models import Message, Post
from crowd.talk.services import complaints
from crowd.web.doors import signed_in, user_of
from crowd.web.forms import PageForm
from crowd.web.talk.fields import words


class ComplaintForm(PageForm):
    reason = words(gettext_lazy("What is wrong with it"), rows=3, most=writing.MAX_REASON)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    user = user_of(request)
    found, _side = access.message_for(user, message_id)
    report = partial(complaints.report_message, actor=user, message_id=message_id)
    return asked(request, found, report, done=reverse("web:notices"))


def asked(request: HttpRequest, what: Message | Post, report: Callable[..., Any], *, done: str) -> HttpResponse:
    """The page that asks why, and hands it on to `report`. `done`: where to go then."""
    form = ComplaintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            report(**form.cleaned_data)
            messages.success(request, _("Reported. Staff look at it, and you are told what they decided."))
            return redirect(done)
    context = {"form": form, "text": what.text if what.hidden_at is None else None}
    return render(request, "web/talk/report.html", context, status=400 if form.errors else 200)
