"""Contesting what was decided about me, and saying how a requester is."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crowd.assignments import queries as assignments
from crowd.assignments.models import Participation, Rejection
from crowd.review.services import appeals, ratings
from crowd.rules.services import contest
from crowd.web.doors import for_worker
from crowd.web.forms import PageForm
from workers.models import Block, Worker

FORM = ["GET", "HEAD", "POST"]
MARKS = [(str(mark), str(mark)) for mark in ratings.SCALE]


class AppealForm(PageForm):
    text = forms.CharField(
        label=gettext_lazy("Why it is wrong"),
        max_length=appeals.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Whoever decides reads exactly this. Say what you saw, and why you answered as you did."
        ),
    )


class RatingForm(PageForm):
    pay = forms.TypedChoiceField(coerce=int, choices=MARKS)
    clarity = forms.TypedChoiceField(coerce=int, choices=MARKS)
    fairness = forms.TypedChoiceField(coerce=int, choices=MARKS)


@for_worker
@require_http_methods(FORM)
def rejection(request: HttpRequest, worker: Worker, rejection_id: int) -> HttpResponse:
    found = Rejection.objects.filter(assignment__worker=worker).select_related("project", "assignment")
    one = get_object_or_404(found, pk=rejection_id)
    context = {"title": one.project.title, "reason": one.reason, "rejection": one}
    return _page(
        request, context, lambda text: appeals.against_rejection(worker=worker, rejection_id=one.pk, text=text)
    )


@for_worker
@require_http_methods(FORM)
def pause(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    one = get_object_or_404(Participation.objects.select_related("project"), worker=worker, project=project_id)
    if "firing" in one.pause_evidence:
        return redirect("web:contest", firing_id=one.pause_evidence["firing"])
    if one.paused_at is None:
        messages.info(request, _("You are not paused there: there is nothing to appeal against."))
        return redirect("web:record")
    context = {"title": one.project.title, "reason": one.pause_reason, "pause": one}
    return _page(
        request, context, lambda text: appeals.against_pause(worker=worker, project_id=one.project_id, text=text)
    )


@for_worker
@require_http_methods(FORM)
def block(request: HttpRequest, worker: Worker, block_id: int) -> HttpResponse:
    one = get_object_or_404(Block.objects.select_related("organisation"), worker=worker, pk=block_id)
    if firing := contest.behind_block(one.pk):
        return redirect("web:contest", firing_id=firing.pk)
    where = one.organisation.name if one.organisation else _("The whole site")
    context = {"title": where, "reason": one.reason, "block": one}
    return _page(request, context, lambda text: contest.against_block(worker=worker, block_id=one.pk, text=text))


@for_worker
@require_POST
def rating(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    """How the requester of this project is: pay, clarity, fairness."""
    assignments.visible_to(worker, project_id)
    form = RatingForm(request.POST)
    if form.is_valid():
        ratings.rate(worker=worker, project_id=project_id, **form.cleaned_data)
        messages.success(request, _("Thank you. Others see it with those of at least four more workers."))
    else:
        messages.error(request, _("Choose a number from 1 to 5 for each of the three."))
    return redirect("web:offer", project_id)


def _page(request: HttpRequest, context: dict[str, Any], appeal: Callable[[str], Any]) -> HttpResponse:
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            appeal(form.cleaned_data["text"])
            messages.success(request, _("Your appeal is in. You are told as soon as it is decided."))
            return redirect("web:record")
    status = 409 if form.is_bound and form.non_field_errors() else 200
    return render(request, "web/worker/appeal.html", context | {"form": form}, status=status)
