"""Qualifications: mine, those that can be earned, and taking a test."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.web.doors import agreed, for_worker
from crowd.web.worker import page
from qualifications import queries
from qualifications.access import qualification_for
from qualifications.models import Attempt, Grant, Test
from qualifications.services import attempts
from qualifications.states import AttemptState
from workers.models import Worker


@for_worker
@require_safe
def listed(request: HttpRequest, worker: Worker) -> HttpResponse:
    held = list(queries.held_by(worker, now=clock.now()))
    ids = {grant.qualification_id for grant in held}
    context = {
        "held": held,
        "others": [one for one in queries.listed()[:200] if one.pk not in ids],
        "attempts": queries.attempts_of(worker)[:20],
    }
    return render(request, "web/worker/qualifications.html", context)


@for_worker
@require_safe
def one(request: HttpRequest, worker: Worker, qualification_id: int) -> HttpResponse:
    qualification = qualification_for(worker.user, qualification_id)
    test = Test.objects.filter(qualification=qualification).order_by("-version").first()
    tried = queries.attempts_of(worker).filter(qualification=qualification)
    context = {
        "qualification": qualification,
        "test": test if qualification.active else None,
        "grant": Grant.objects.filter(worker=worker, qualification=qualification).first(),
        "attempts": tried[:20],
        "running": tried.filter(state=AttemptState.ACTIVE, deadline__gt=clock.now()).first(),
    }
    return render(request, "web/worker/qualification.html", context)


@agreed
@for_worker
@require_POST
def begin(request: HttpRequest, worker: Worker, qualification_id: int) -> HttpResponse:
    paper = attempts.start_attempt(user=worker.user, qualification_id=qualification_id)
    return redirect("web:attempt", attempt_id=paper.attempt.pk)


@for_worker
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, worker: Worker, attempt_id: int) -> HttpResponse:
    mine = Attempt.objects.select_related("test", "qualification").filter(worker=worker, pk=attempt_id).first()
    if mine is None:
        raise NotFound
    fault: BadInput | None = None
    if request.method == "POST":
        try:
            done = attempts.submit_attempt(user=worker.user, attempt_id=attempt_id, given=_given(mine, request))
            _say(request, done)
            return redirect("web:qualification", qualification_id=mine.qualification_id)
        except BadInput as error:
            fault = error
    if mine.state != AttemptState.ACTIVE:
        return redirect("web:qualification", qualification_id=mine.qualification_id)
    given = {name: request.POST.getlist(name) for name in request.POST if name.startswith("u")}
    context = {"attempt": mine, "items": _items(mine), "fault": fault, "now": clock.now(), "draft": given}
    return render(request, "web/worker/attempt.html", context, status=fault.status if fault else 200)


def _items(mine: Attempt) -> list[list[page.Unit]]:
    """The items in order, their units numbered through: that is how the fields are named."""
    found, number = [], 0
    for item in attempts.paper(mine).items:
        units = item["units"]
        found.append([page.unit(number + place, unit, mine.test.config) for place, unit in enumerate(units)])
        number += len(units)
    return found


def _given(mine: Attempt, request: HttpRequest) -> list[dict[str, Any]]:
    questions = mine.test.config["questions"]
    return [
        {"units": [page.read_unit(unit.number, questions, request.POST) for unit in units]} for units in _items(mine)
    ]


def _say(request: HttpRequest, done: Attempt) -> None:
    if done.passed:
        messages.success(request, _("Passed, with %(score)s %%. The qualification is yours.") % {"score": done.score})
    else:
        messages.warning(request, _("Not passed: %(score)s %%.") % {"score": done.score})
