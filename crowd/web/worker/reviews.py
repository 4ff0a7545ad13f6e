"""Reviewing: the projects where somebody is a reviewer, and one task with all its answers side by side."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.assignments.configs import unit_as
from crowd.assignments.models import Answer, Assignment
from crowd.consensus.models import Consensus
from crowd.kernel import clock
from crowd.kernel.errors import CrowdError
from crowd.labeling.answers import REASONS
from crowd.projects import shown
from crowd.review import queries
from crowd.review.models import TaskReview
from crowd.review.services import reviewing, reworks
from crowd.review.services.verdicts import Verdict
from crowd.review.states import Deed, ReviewState
from crowd.web import asking
from crowd.web.doors import for_worker
from crowd.web.files import media_address
from crowd.web.layers import Source, by_unit, looked_at
from crowd.web.paging import whole
from crowd.web.worker.words import REASON_WORDS, in_words, said
from workers.models import Worker

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@for_worker
@require_safe
def reviews(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Where he reviews, and how much waits there."""
    now = clock.now()
    lines = [(one, reviewing.waiting(worker, one, now=now).count()) for one in queries.reviewed_by(worker)]
    return render(request, "web/worker/reviews.html", {"lines": lines})


@for_worker
@require_POST
def take(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    try:
        return redirect("web:review", review_id=reviewing.take(worker=worker, project_id=project_id).pk)
    except CrowdError as error:
        if error.status in (403, 404):
            raise
        messages.warning(request, str(error.message))
        return redirect("web:reviews")


@for_worker
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, worker: Worker, review_id: int) -> HttpResponse:
    rows = TaskReview.objects.select_related("project__organisation", "project__config", "task__item")
    one = get_object_or_404(rows, pk=review_id, reviewer=worker)
    if one.state != ReviewState.TAKEN:
        messages.info(request, _("This review is done."))
        return redirect("web:reviews")
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            reviewing.decide(worker=worker, review_id=one.pk, verdicts=_verdicts(request), value=_value(request, one))
            messages.success(request, _("Done. Thank you for looking."))
            return redirect("web:reviews")
        except CrowdError as error:
            if error.status in (403, 404):
                raise
            wrong = error.places or {"": str(error.message)}
    context = _context(request, one, worker) | {"faults": wrong}
    return render(request, "web/worker/review.html", context, status=400 if wrong else 200)


@for_worker
@require_POST
def decline(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    """Let the answer stand that was sent back."""
    reworks.decline(worker=worker, assignment_id=assignment_id)
    messages.success(request, _("Your first answer stands. It is decided as usual."))
    return redirect("web:task", assignment_id=assignment_id)


def _verdicts(request: HttpRequest) -> list[Verdict]:
    """Of the fields `deed-ID` and `comment-ID`."""
    ids = [name.removeprefix("deed-") for name in request.POST if name.startswith("deed-")]
    return [
        Verdict(
            assignment_id=number,
            deed=request.POST[f"deed-{id}"],
            comment=request.POST.get(f"comment-{id}", "").strip(),
        )
        for id in ids
        if (number := whole(id)) is not None
    ]


def _value(request: HttpRequest, review: TaskReview) -> Any:
    """His own answer; None where he gave none."""
    given = asking.read_form(_config(review), review.task.units, request.POST)
    return given if "cannot_answer" in given or any(given["units"]) else None


def _config(review: TaskReview) -> dict[str, Any]:
    return review.project.config.config if review.project.config else {}


def _context(request: HttpRequest, review: TaskReview, worker: Worker) -> dict[str, Any]:
    config = _config(review)
    found = shown.payload(review.task, config=config, user=worker.user, address=media_address)
    units = [asking.unit(number, one, config) for number, one in enumerate(found["units"])]
    standing, merged = queries.standing_answers(review), queries.merged_of(review)
    answers = [
        {
            "letter": letter(number),
            "assignment": one,
            "said": said(answer.config.config, answer.value),
            "deed": request.POST.get(f"deed-{one.pk}", ""),
            "comment": request.POST.get(f"comment-{one.pk}", ""),
        }
        for number, (one, answer) in enumerate(standing)
    ]
    return {
        "review": review,
        "project": review.project,
        "units": units,
        "looked_at": looked_at(units, _sources(review, standing, merged)),
        "answers": answers,
        "deeds": Deed.choices,
        "cannot_answer": [(one, REASON_WORDS[one]) for one in REASONS] if config.get("cannot_answer") else [],
        "given": request.POST,
        "before": queries.first_look(review),
        "plan": queries.plan_of(review.project),
        "merged": [(one, in_words(one.value)) for one in merged],
    }


def _sources(
    review: TaskReview, standing: Sequence[tuple[Assignment, Answer]], merged: Sequence[Consensus]
) -> list[Source]:
    """What the answers come to, and each answer by its letter, in the words that are asked now."""
    now = review.project.config_id
    if now is None:
        return []
    settled = [Source(_("What the answers come to"), by_unit(merged, review.task.units), settled=True)]
    given = [
        (letter(number), [unit_as(unit, old_id=answer.config_id, new_id=now) for unit in answer.value["units"]])
        for number, (_one, answer) in enumerate(standing)
        if "units" in answer.value
    ]
    answers = [Source(_("Answer %(letter)s") % {"letter": name}, units) for name, units in given]
    return [*(settled if merged else []), *answers]


def letter(number: int) -> str:
    return LETTERS[number % len(LETTERS)]
