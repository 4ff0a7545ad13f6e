"""What rules found about a worker, in words with his figures; and contesting it."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crowd.kernel.errors import NotFound
from crowd.rules import words
from crowd.rules.access import firings_about, is_for_staff
from crowd.rules.models import Firing
from crowd.rules.services import contest
from crowd.rules.terms import parse
from crowd.web.doors import for_worker
from crowd.web.forms import PageForm
from workers.models import Worker

MOST = 50


class ContestForm(PageForm):
    text = forms.CharField(
        label=gettext_lazy("What is wrong about it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Somebody else than who decided it reads this. It can be contested once."),
    )


@dataclass(frozen=True)
class About:
    firing: Firing
    reason: str
    may_contest: bool
    for_staff: bool  # they answer it, and no silence does


def about_me(worker: Worker) -> list[About]:
    """The newest first."""
    return [_about(one) for one in firings_about(worker)[:MOST]]


@for_worker
@require_http_methods(["GET", "POST"])
def contest_firing(request: HttpRequest, worker: Worker, firing_id: int) -> HttpResponse:
    found = firings_about(worker).filter(pk=firing_id).first()
    if found is None:
        raise NotFound
    form = ContestForm(request.POST or None)
    if form.is_valid():
        with form.answering():
            contest.contest(worker=worker, firing_id=firing_id, text=form.cleaned_data["text"])
            messages.success(request, _said(found))
            return redirect("web:record")
    context = {"about": _about(found), "form": form, "days": contest.ANSWER_WITHIN.days}
    return render(request, "web/worker/contest.html", context, status=400 if form.errors else 200)


def _said(one: Firing) -> str:
    if is_for_staff(one):
        return _("It is contested. Staff answer it; you are told.")
    return _("It is contested. Without an answer within seven days it is taken back.")


def _about(one: Firing) -> About:
    reason = words.reason(parse(one.terms), one.evidence["figures"], currency=one.project.currency)
    return About(one, reason, contest.may_contest(one), is_for_staff(one))
