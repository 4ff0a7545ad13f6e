"""The workers' board."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crowd.kernel.errors import NotAllowed
from crowd.talk import access, board
from crowd.talk.services import board as services
from crowd.talk.services import complaints
from crowd.web.doors import for_worker
from crowd.web.forms import Keyed, PageForm
from crowd.web.paging import newest
from crowd.web.talk import reporting
from crowd.web.talk.fields import NEEDED, PLAIN, words
from workers.models import Worker

FORM = ["GET", "HEAD", "POST"]


class HandleForm(PageForm):
    name = forms.CharField(
        label=gettext_lazy("Your handle"),
        max_length=30,
        help_text=gettext_lazy("Other workers know you by it, requesters never see it. Not your own name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PostForm(Keyed):
    text = words(gettext_lazy("Text"), rows=5, says=PLAIN)


class TopicForm(PostForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=services.MAX_TITLE, error_messages=NEEDED)
    field_order = ("title", "text")


class EditForm(PageForm):
    text = words(gettext_lazy("Text"), rows=5)


@for_worker
@require_safe
def topics(request: HttpRequest, worker: Worker) -> HttpResponse:
    try:
        access.check_board(worker)
    except NotAllowed as error:
        return render(request, "web/worker/board_closed.html", {"why": error.message}, status=error.status)
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found, following = newest(request, board.topics(asked), by="last_id")
    context = {
        "lines": board.topic_lines(found),
        "next": following,
        "first": "before" not in request.GET,
        "asked": asked,
    }
    context |= {"query": urlencode({"q": asked}) if asked else "", "handle": board.handle_of(worker)}
    return render(request, "web/worker/board.html", context)


@for_worker
@require_http_methods(FORM)
def begin(request: HttpRequest, worker: Worker) -> HttpResponse:
    access.check_board(worker)
    if board.handle_of(worker) is None:
        return redirect("web:handle")
    form = TopicForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            made = services.begin(worker=worker, **form.cleaned_data)
            return redirect("web:topic", topic_id=made.pk)
    return render(request, "web/worker/board_begin.html", {"form": form}, status=400 if form.errors else 200)


@for_worker
@require_http_methods(FORM)
def topic(request: HttpRequest, worker: Worker, topic_id: int) -> HttpResponse:
    found = access.topic_for(worker, topic_id)
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            made = services.reply(worker=worker, topic_id=topic_id, **form.cleaned_data)
            return redirect(f"/work/board/{topic_id}/?after={made.pk - 1}#post-{made.pk}")
    page = board.posts_after(found, request.GET.get("after", ""), reader=worker)
    context: dict[str, Any] = {"topic": found, "posts": page.posts, "after": page.after, "form": form}
    context |= {"handle": board.handle_of(worker), "first": not request.GET.get("after")}
    return render(request, "web/worker/topic.html", context, status=400 if form.errors else 200)


@for_worker
@require_http_methods(FORM)
def handle(request: HttpRequest, worker: Worker) -> HttpResponse:
    access.check_board(worker)
    mine = board.handle_of(worker)
    form = HandleForm(request.POST or None, initial={"name": mine or ""})
    if request.method == "POST" and form.is_valid():
        with form.answering():
            services.choose_handle(worker=worker, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("web:board")
    return render(request, "web/worker/handle.html", {"form": form}, status=400 if form.errors else 200)


@for_worker
@require_http_methods(FORM)
def edit(request: HttpRequest, worker: Worker, post_id: int) -> HttpResponse:
    post = access.post_for(worker, post_id, own=True)
    form = EditForm(request.POST or None, initial={"text": post.text})
    if request.method == "POST" and form.is_valid():
        with form.answering():
            services.edit(worker=worker, post_id=post_id, **form.cleaned_data)
            return redirect("web:topic", topic_id=post.topic_id)
    context = {"form": form, "topic": post.topic}
    return render(request, "web/worker/post_edit.html", context, status=400 if form.errors else 200)


@for_worker
@require_http_methods(FORM)
def report(request: HttpRequest, worker: Worker, post_id: int) -> HttpResponse:
    post = access.post_for(worker, post_id)
    hand_on = partial(complaints.report_post, worker=worker, post_id=post_id)
    return reporting.asked(request, post, hand_on, done=reverse("web:topic", args=[post.topic_id]))
