"""Qualifications: mine, those that can be earned, and taking a test."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.kernel import clock, money
from crowd.kernel.downloads import attachment
from crowd.kernel.errors import BadInput, NotFound
from crowd.labeling import strict_json
from crowd.web import asking
from crowd.web.choices import country_name
from crowd.web.doors import agreed, for_worker
from crowd.web.paging import whole
from crowd.web.worker import words
from crowd.web.worker.task import draft_in
from qualifications import queries
from qualifications.access import qualification_for
from qualifications.errors import AttemptOver, NotNow, PayChanged
from qualifications.models import Attempt, BroughtRecord, Grant, Qualification
from qualifications.requirements.checking import RATE_FROM, acceptance_rate
from qualifications.services import attempts, drafts, marking, records, requests
from qualifications.skills import FEW
from qualifications.states import AttemptState, RequestState
from workers.models import Worker

MAX_RECORD = 1024 * 1024
Items = list[list[asking.Unit]]


@for_worker
@require_safe
def listed(request: HttpRequest, worker: Worker) -> HttpResponse:
    now = clock.now()
    held = list(queries.held_by(worker, now=now))
    ids = {grant.qualification_id for grant in held}
    context = {
        "held": held,
        "skills": queries.skills_of(worker, now=now),
        "worker": worker,
        "rate": acceptance_rate(worker),
        "decided": worker.accepted_count + worker.rejected_count,
        "rate_from": RATE_FROM,
        "days": (now - worker.joined_at).days,
        "country": country_name(worker.locale) if worker.locale else "",
        "few": int(FEW),
        "others": [one for one in queries.listed()[:200] if one.pk not in ids],
        "attempts": queries.attempts_of(worker)[:20],
        "requests": queries.requests_of(worker)[:20],
        "brought": BroughtRecord.objects.filter(worker=worker).order_by("site"),
        "trusted": list(settings.CROWD_TRUSTED_SITES),
    }
    return render(request, "web/worker/qualifications.html", context)


@for_worker
@require_safe
def one(request: HttpRequest, worker: Worker, qualification_id: int) -> HttpResponse:
    qualification = qualification_for(worker.user, qualification_id)
    return render(request, "web/worker/qualification.html", _facts(worker, qualification))


@for_worker
@require_safe
def take_record(request: HttpRequest, worker: Worker) -> HttpResponse:
    """The signed record, as a file for another site."""
    body = json.dumps(records.issue(user=worker.user), indent=2).encode()
    return attachment(body, "application/json", "my-record.json")


@for_worker
@require_POST
def bring_record(request: HttpRequest, worker: Worker) -> HttpResponse:
    file = request.FILES.get("record")
    try:
        document = strict_json.loads(file.read(MAX_RECORD).decode()) if file else None
        brought = records.bring(user=worker.user, document=document)
        messages.success(request, _("Your record of %(site)s counts here now.") % {"site": brought.site})
    except (strict_json.JsonError, UnicodeDecodeError):
        messages.error(request, _("This file is no record: choose the file that the other site gave you."))
    except BadInput as error:
        messages.error(request, str(error.message))
    return redirect("web:qualifications")


def _facts(worker: Worker, qualification: Qualification) -> dict[str, Any]:
    now = clock.now()
    tried = queries.attempts_of(worker).filter(qualification=qualification)
    asked = queries.requests_of(worker).filter(qualification=qualification)
    current = attempts.current_test(qualification)
    return {
        "qualification": qualification,
        "test": queries.test_for(worker, qualification, now=now) if current else None,
        "time_limit_s": current.time_limit_s * worker.time_percent // 100 if current else None,
        "grant": Grant.objects.filter(worker=worker, qualification=qualification).first(),
        "attempts": tried[:20],
        "running": tried.filter(state=AttemptState.ACTIVE, deadline__gt=now).first(),
        "requests": asked[:20],
        "waiting": asked.filter(state=RequestState.OPEN).first(),
        "cannot_ask": _cannot_ask(worker, qualification),
        "now": now,
    }


def _cannot_ask(worker: Worker, qualification: Qualification) -> str:
    try:
        requests.check_may_ask(qualification, worker, clock.now())
    except NotNow as reason:
        return str(reason.message)
    return ""


@agreed
@for_worker
@require_POST
def ask(request: HttpRequest, worker: Worker, qualification_id: int) -> HttpResponse:
    """What was typed stays, with what is wrong beside it."""
    qualification = qualification_for(worker.user, qualification_id)
    file, message = request.FILES.get("document"), request.POST.get("message", "")
    try:
        document = file.read(requests.MAX_DOCUMENT + 1) if file else None
        requests.ask(user=worker.user, qualification_id=qualification_id, message=message, document=document)
    except BadInput as error:
        context = _facts(worker, qualification) | {"faults": error.places, "message": message}
        return render(request, "web/worker/qualification.html", context, status=error.status)
    messages.success(request, _("You asked for it. You are told when it is decided."))
    return redirect("web:qualification", qualification_id=qualification_id)


@for_worker
@require_POST
def withdraw(request: HttpRequest, worker: Worker, request_id: int) -> HttpResponse:
    done = requests.withdraw(user=worker.user, request_id=request_id)
    messages.success(request, _("Your request is withdrawn. A document is deleted."))
    return redirect("web:qualification", qualification_id=done.qualification_id)


@agreed
@for_worker
@require_POST
def begin(request: HttpRequest, worker: Worker, qualification_id: int) -> HttpResponse:
    """`pays_micros`, `pays_currency`: what he read on the page; nothing begins where that has changed meanwhile."""
    try:
        paper = attempts.start_attempt(
            user=worker.user,
            qualification_id=qualification_id,
            pays_micros=whole(request.POST.get("pays_micros", "")),
            pays_currency=request.POST.get("pays_currency", ""),
        )
    except PayChanged as error:
        messages.warning(request, str(error.message))
        return redirect("web:qualification", qualification_id=qualification_id)
    return redirect("web:attempt", attempt_id=paper.attempt.pk)


@for_worker
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, worker: Worker, attempt_id: int) -> HttpResponse:
    mine = Attempt.objects.select_related("test", "qualification").filter(worker=worker, pk=attempt_id).first()
    if mine is None:
        raise NotFound
    if mine.test.training:
        return _training(request, worker, mine)
    fault: BadInput | None = None
    if request.method == "POST":
        try:
            done = attempts.submit_attempt(user=worker.user, attempt_id=attempt_id, given=_given(mine, request))
            drafts.forget(attempt_id=attempt_id)
            _say(request, done)
            return redirect("web:qualification", qualification_id=mine.qualification_id)
        except BadInput as error:
            fault = error
    if mine.state != AttemptState.ACTIVE:
        return redirect("web:qualification", qualification_id=mine.qualification_id)
    return _sheet(request, mine, _items(mine), fault)


@for_worker
@never_cache
@require_http_methods(["GET", "PUT"])
def draft(request: HttpRequest, worker: Worker, attempt_id: int) -> JsonResponse:
    """As the door of a task's draft, for the same script: `over` says why nothing more can be handed in."""
    if request.method == "PUT":
        fields = draft_in(request)["value"]
        return JsonResponse({"revision": drafts.save_draft(worker=worker, attempt_id=attempt_id, fields=fields)})
    mine = Attempt.objects.filter(worker=worker, pk=attempt_id).first()
    if mine is None:
        raise NotFound
    found = drafts.draft_of(mine)
    return JsonResponse(found if mine.state == AttemptState.ACTIVE else found | {"over": str(AttemptOver.default)})


def _training(request: HttpRequest, worker: Worker, mine: Attempt) -> HttpResponse:
    """One item a page; ?after= shows what was right about the one just answered, before the way on."""
    after = whole(request.GET.get("after", ""))
    done = len(mine.answers or [])
    if request.method == "POST":
        place = whole(request.POST.get("place", ""))
        number = place if place is not None and place < len(marking.items_of(mine)) else done
        given = _units_of(mine, _items(mine)[number], request)
        try:
            attempts.answer_item(user=worker.user, attempt_id=mine.pk, place=number, given=given)
            return redirect(f"{request.path}?after={number}")
        except BadInput as error:
            return _sheet(request, mine, [_items(mine)[done]], error, place=done)
    if after is not None and after < done:
        return _explained(request, mine, after)
    if mine.state != AttemptState.ACTIVE:
        return redirect("web:qualification", qualification_id=mine.qualification_id)
    return _sheet(request, mine, [_items(mine)[done]], None, place=done)


def _sheet(
    request: HttpRequest,
    mine: Attempt,
    items: Items,
    fault: BadInput | None,
    place: int | None = None,
) -> HttpResponse:
    given = {name: request.POST.getlist(name) for name in request.POST if name.startswith("u")}
    context = {
        "attempt": mine,
        "items": items,
        "fault": fault,
        "now": clock.now(),
        "given": given,
        "draft": drafts.draft_of(mine) if place is None else drafts.NOTHING,
        "place": place,
        "all": len(marking.items_of(mine)),
    }
    return render(request, "web/worker/attempt.html", context, status=fault.status if fault else 200)


def _explained(request: HttpRequest, mine: Attempt, place: int) -> HttpResponse:
    told, config = marking.feedback(mine, place), mine.test.config
    context = {
        "attempt": mine,
        "told": told,
        "answer": words.said(config, told.answer) if told.answer else None,
        "yours": words.said(config, (mine.answers or [])[place]),
        "number": place + 1,
        "all": len(marking.items_of(mine)),
        "units": _items(mine)[place],
    }
    return render(request, "web/worker/explained.html", context)


def _items(mine: Attempt) -> Items:
    """The items in order, their units numbered through: that is how the fields are named."""
    found, number = [], 0
    for item in attempts.paper(mine).items:
        units = item["units"]
        found.append([asking.unit(number + place, unit, mine.test.config) for place, unit in enumerate(units)])
        number += len(units)
    return found


def _given(mine: Attempt, request: HttpRequest) -> list[dict[str, Any]]:
    return [_units_of(mine, units, request) for units in _items(mine)]


def _units_of(mine: Attempt, units: list[asking.Unit], request: HttpRequest) -> dict[str, Any]:
    questions = mine.test.config["questions"]
    return {"units": [asking.read_unit(unit.number, questions, request.POST) for unit in units]}


def _say(request: HttpRequest, done: Attempt) -> None:
    if done.reward_micros:
        paid = money.text(done.reward_micros, done.currency)
        messages.success(request, _("%(paid)s for it are among your earnings.") % {"paid": paid})
    if done.passed:
        messages.success(request, _("Passed, with %(score)s %%. The qualification is yours.") % {"score": done.score})
    else:
        messages.warning(request, _("Not passed: %(score)s %%.") % {"score": done.score})
