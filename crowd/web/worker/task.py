"""The task page and its doors: take, submit, draft, return. All through the services that the API calls."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.assignments import configs, queries
from crowd.assignments.errors import DifferentAnswer, GuidelinesUnread, NotHeld, NoWork, TermsNotAgreed
from crowd.assignments.models import Assignment
from crowd.assignments.services import drafts, give_back, gold, leave, submit, take
from crowd.assignments.states import AssignmentState, ReturnReason
from crowd.gold.errors import NothingToContest
from crowd.gold.models import Contest
from crowd.gold.services import contests
from crowd.kernel.errors import BadInput, CrowdError
from crowd.labeling import strict_json
from crowd.web import asking
from crowd.web.doors import agreed, for_worker
from crowd.web.errors import wants_json
from crowd.web.paging import whole
from crowd.web.templatetags.crowd_web import money_filter
from crowd.web.worker import guidance, offers, page, shell
from workers.models import Worker

MAX_ACTIVE_MS = 2**31 - 1
PARTS = ("project", "task")


@agreed
@for_worker
@require_POST
def start(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    """My task in this project, or the next one; before it the guidelines, where he has not read them as they are."""
    read = _whole(request.POST.get("guidelines_read", ""))
    if "quiz_told" not in request.POST and offers.is_quiz_untold(worker, project_id):
        return redirect("web:offer", project_id=project_id)
    try:
        assignment = take.take_next(worker=worker, project_id=project_id, guidelines_read=read)
    except GuidelinesUnread:
        return redirect("web:read-guidelines", project_id=project_id)
    except NoWork:
        return redirect("web:ended", project_id=project_id)
    return redirect("web:task", assignment_id=assignment.pk)


@for_worker
@require_safe
@never_cache
def task(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    """The task itself; after it was submitted, what became of it and the way on."""
    assignment = _mine(worker, assignment_id)
    if assignment.state != AssignmentState.ACTIVE:
        return _over(request, worker, assignment)
    if guidance.unread_of(assignment) is not None:
        return redirect("web:read-for-task", assignment_id=assignment_id)
    return render(request, "web/worker/task.html", page.context(assignment, worker))


@for_worker
@require_POST
def submission(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    """For the page's script JSON with the next task's page in it; without a script a redirect to it."""
    try:
        done = _submit(request, worker, assignment_id)
    except CrowdError as error:
        if wants_json(request):
            raise
        return _refused(request, worker, _mine(worker, assignment_id), error)
    if wants_json(request):
        return _told(request, worker, done)
    if done.missed:
        return redirect("web:task", assignment_id=assignment_id)
    if done.next is None:
        return redirect(_after(done))
    return redirect("web:task", assignment_id=done.next.pk)


@for_worker
@require_POST
def ahead(request: HttpRequest, worker: Worker, assignment_id: int) -> JsonResponse:
    """The addresses of the media that come next, for the page to load while this task is done: its task is reserved."""
    reserved = take.take_ahead(worker=worker, assignment_id=assignment_id)
    return JsonResponse({"media": page.media(reserved, worker) if reserved else []})


@for_worker
@require_http_methods(["GET", "PUT"])
@never_cache
def draft(request: HttpRequest, worker: Worker, assignment_id: int) -> JsonResponse:
    """What is typed, kept on the server; asked for by a window that may be behind."""
    if request.method == "PUT":
        told = draft_in(request, may_be_silent=True)
        if told["value"] is None:
            return _at_work(worker, assignment_id, told)
        saved, deadline = drafts.save_draft(worker=worker, assignment_id=assignment_id, **told)
        left_ms = max(0, (deadline - saved.saved_at) // timedelta(milliseconds=1))
        return JsonResponse({"revision": saved.revision, "left_ms": left_ms})
    assignment = _mine(worker, assignment_id)
    found = drafts.draft_of(assignment)
    known = {"fields": found.value, "revision": found.revision} if found else {"fields": {}, "revision": 0}
    return JsonResponse(known if _may_come(assignment) else known | {"over": str(NotHeld.default)})


def _may_come(assignment: Assignment) -> bool:
    """Also what ran out may still be handed in, late; once."""
    is_out = assignment.state == AssignmentState.EXPIRED
    return assignment.state in drafts.KEPT and not (is_out and queries.answers_of([assignment]))


@for_worker
@require_POST
def give_back_task(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    reason = request.POST.get("reason") or ReturnReason.NOT_SAID
    returned = give_back.return_task(worker=worker, assignment_id=assignment_id, reason=reason)
    messages.success(request, _("The task is back with the others. It costs you nothing."))
    return redirect("web:offer", project_id=returned.project_id)


@for_worker
@require_POST
def leave_task(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    """What was warned of is too much: away from it at once, with pay for the time."""
    active_ms = _whole(request.POST.get("active_ms", ""))
    left = leave.leave(worker=worker, assignment_id=assignment_id, active_ms=active_ms)
    project = left.assignment.project
    said = _("You left the task. Your time is paid: %(amount)s.") if left.reward_micros else _("You left the task.")
    messages.success(request, said % {"amount": money_filter(left.reward_micros, project.currency)})
    return redirect("web:offer", project_id=project.pk)


@for_worker
@require_safe
def ended(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    """Why there is no next task here, and what is next."""
    project = queries.visible_to(worker, project_id)
    return render(request, "web/worker/ended.html", offers.ended(worker, project))


def _mine(worker: Worker, assignment_id: int) -> Assignment:
    return queries.assignment_of(worker, assignment_id, *PARTS)


def _submit(request: HttpRequest, worker: Worker, assignment_id: int) -> submit.Submitted:
    def read(assignment: Assignment) -> dict[str, Any]:
        return asking.read_form(configs.raw(assignment.config_id), assignment.task.units, request.POST)

    return submit.submit(
        worker=worker,
        assignment_id=assignment_id,
        value=read,
        attempt=_whole(request.POST.get("attempt", "")),
        time=submit.Time(active_ms=_whole(request.POST.get("active_ms", ""))),
    )


def _told(request: HttpRequest, worker: Worker, done: submit.Submitted) -> JsonResponse:
    body: dict[str, Any] = {"counted": done.counted, "again": done.again}
    if done.missed:  # the page of the submitted task says why, and leads on
        address = reverse("web:task", args=[done.assignment.pk])
        return JsonResponse(body | {"next": None, "ended": None, "address": address})
    if done.next is None:
        address = _after(done)
        return JsonResponse(body | {"next": None, "ended": done.ended and done.ended.code, "address": address})
    known = request.META.get(shell.HEADER)
    fitting = shell.fitting(done.next, worker, done.participation) if known and _is_opened(done, done.next) else None
    body["next"] = done.next.pk
    if fitting is None:
        html = render_to_string(shell.TEMPLATE, _next(done, done.next, worker), request)
        return JsonResponse(body | {"address": reverse("web:task", args=[done.next.pk]), "html": html})
    its, fill = fitting
    return JsonResponse(body | {"shell": its.mark, "fill": fill} | ({} if its.mark == known else {"html": its.html}))


def _is_opened(done: submit.Submitted, following: Assignment) -> bool:
    """Whether the next task was opened this moment, by the submit itself, as mostly; an echo's was opened before."""
    return not done.again and following.opened_at == done.answer.submitted_at


def _next(done: submit.Submitted, following: Assignment, worker: Worker) -> dict[str, Any]:
    """What the page of the next task shows."""
    if _is_opened(done, following):
        return page.context(following, worker, done.participation)
    return page.context(_mine(worker, following.pk), worker)


def _after(done: submit.Submitted) -> str:
    """The address that says why there is no next task, and what is next."""
    project = done.assignment.project_id
    if isinstance(done.ended, GuidelinesUnread):
        return reverse("web:read-guidelines", args=[project])
    if isinstance(done.ended, TermsNotAgreed):
        return f"{reverse('web:agree')}?{urlencode({'next': reverse('web:offer', args=[project])})}"
    return reverse("web:ended", args=[project])


def _refused(request: HttpRequest, worker: Worker, assignment: Assignment, error: CrowdError) -> HttpResponse:
    """Without a script: the same page with what was chosen, and the sentence; or what became of the task meanwhile."""
    if isinstance(error, DifferentAnswer | NotHeld | GuidelinesUnread):
        messages.warning(request, str(error.message))
        return redirect("web:task", assignment_id=assignment.pk)
    if not isinstance(error, BadInput):
        raise error
    fields = {name: request.POST.getlist(name) for name in request.POST if name.startswith("u")}
    context = page.context(assignment, worker) | {"fault": error.message}
    context["draft"] = context["draft"] | {"fields": fields}
    return render(request, "web/worker/task.html", context, status=error.status)


@for_worker
@require_POST
def contest(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    """He says that the known answer is wrong."""
    try:
        contests.contest(worker=worker, assignment_id=assignment_id, text=request.POST.get("text", ""))
        messages.success(request, _("The requester reads it. You are told what comes of it."))
    except (BadInput, NothingToContest) as error:
        messages.error(request, " ".join(error.places.values()) or str(error.message))
    return redirect("web:task", assignment_id=assignment_id)


def _over(request: HttpRequest, worker: Worker, assignment: Assignment) -> HttpResponse:
    stored = queries.answers_of([assignment]).get(assignment.pk)
    context = {
        "assignment": assignment,
        "answer": stored,
        "rejection": queries.rejection_of(assignment),
        "missed": gold.missed(assignment),
        "contest": Contest.objects.filter(assignment=assignment).first(),
    }
    return render(request, "web/worker/task_over.html", context)


def _at_work(worker: Worker, assignment_id: int, told: dict[str, Any]) -> JsonResponse:
    more = drafts.at_work(
        worker=worker, assignment_id=assignment_id, attempt=told["attempt"], active_ms=told["active_ms"]
    )
    left_ms = max(0, more.left // timedelta(milliseconds=1))
    return JsonResponse({"revision": more.revision, "left_ms": left_ms, "renews": more.renews})


def draft_in(request: HttpRequest, *, may_be_silent: bool = False) -> dict[str, Any]:
    """What the page's script sends to keep; `value` is None where it may be silent and says only that he is there."""
    try:
        told = strict_json.loads(request.body.decode())
        attempt, active = int(told["attempt"]), int(told.get("active_ms", 0))
        silent = may_be_silent and "fields" not in told
        fields = None if silent else {str(one): [*map(str, values)] for one, values in told["fields"].items()}
    except strict_json.JsonError as error:
        raise BadInput(errors={error.path or "draft": error.message}) from error
    except (UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            errors={"draft": _("A draft is an object: the attempt, and lists of texts by field.")}
        ) from error
    return {"attempt": attempt, "value": fields, "active_ms": min(max(active, 0), MAX_ACTIVE_MS)}


def _whole(text: str) -> int | None:
    number = whole(text)
    return None if number is None else min(number, MAX_ACTIVE_MS)
