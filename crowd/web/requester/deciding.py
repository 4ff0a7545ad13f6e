"""Deciding about answers, one or many: first what it does, to whom, and what it costs; asked once more, it is done."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.assignments import quiz
from crowd.assignments.models import Assignment, HeldBatch
from crowd.assignments.services import accept, reject
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals as proposing
from crowd.consensus.states import ProposalState
from crowd.projects.models import Project
from crowd.web.requester.decisions import DecisionForm, cost_of, ids_of
from crowd.web.requester.kept import forget
from crowd.web.requester.pages import attempt, page, paged, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.results import lines
from crowd.web.requester.setup.steps import member_project


@page("POST")
def decide(request: HttpRequest, project_id: int) -> HttpResponse:
    """First what it will do, to whom, and what it costs; then, with the button on that page, it is done."""
    project = member_project(request, project_id)
    chosen = ids_of(request.POST.getlist("assignment"))
    rows = list(Assignment.objects.filter(project=project, pk__in=chosen).select_related("task__item"))
    if not rows:
        messages.warning(request, _("Choose at least one answer first."))
        return to("answers", project_id)
    confirmed = "confirmed" in request.POST
    form = DecisionForm(request.POST if confirmed else None, initial={"deed": request.POST.get("deed", "accept")})
    if confirmed and form.is_valid() and attempt(form, lambda: _decide(request, project, chosen, form)):
        forget(project_id)
        return to("answers", project_id)
    kind = str(form["deed"].value())
    paid = quiz.among(project, rows) if kind == "reject" else set[int]()
    rows = [one for one in rows if one.pk not in paid]
    if not rows:
        messages.warning(request, _("Answers of the quiz are paid, right or wrong: they cannot be rejected."))
        return to("answers", project_id)
    context = {"form": form, "deed": kind, "lines": lines(request, project, rows), "cost": cost_of(project, rows, kind)}
    return show(request, "decide", frame(project, "answers") | context | {"spared": len(paid)})


@page("GET", "POST")
def proposals(request: HttpRequest, project_id: int) -> HttpResponse:
    """Answers that the pay policy would not accept early. Who says nothing pays when they are due.

    POST says first what the decision does and costs; with the button on that page, it is done.
    """
    project = member_project(request, project_id)
    open_ones = Proposal.objects.filter(project=project, state=ProposalState.OPEN).select_related(
        "assignment__task__item"
    )
    if request.method == "POST":
        chosen = list(open_ones.filter(pk__in=ids_of(request.POST.getlist("proposal"))))
        if not chosen:
            messages.warning(request, _("Choose at least one answer first."))
            return to("proposals", project_id)
        return _about_proposals(request, project, chosen)
    listed = paged(request, open_ones.order_by("assignment__due_at", "pk"), size=30)
    shown = lines(request, project, [one.assignment for one in listed])
    context = {"page": listed, "lines": list(zip(listed, shown, strict=True))}
    return show(request, "proposals", frame(project, "proposals") | context)


def _about_proposals(request: HttpRequest, project: Project, chosen: list[Proposal]) -> HttpResponse:
    confirmed = "confirmed" in request.POST
    form = DecisionForm(request.POST if confirmed else None, initial={"deed": request.POST.get("deed", "accept")})
    ids = [one.pk for one in chosen]
    if confirmed and form.is_valid() and attempt(form, lambda: _follow(request, project, ids, form)):
        forget(project.pk)
        return to("proposals", project.pk)
    kind, rows = str(form["deed"].value()), [one.assignment for one in chosen]
    context = {"form": form, "deed": kind, "proposals": ids, "cost": cost_of(project, rows, kind)}
    context |= {"lines": lines(request, project, rows)}
    return show(request, "decide", frame(project, "proposals") | context)


def _decide(request: HttpRequest, project: Project, chosen: list[int], form: DecisionForm) -> bool:
    given, actor = form.cleaned_data, person(request)
    if given["deed"] == "accept":
        number = accept.accept(actor=actor, project_id=project.pk, assignment_ids=chosen)
        messages.success(request, _("%(n)s answers are accepted; their workers are paid.") % {"n": number})
        return True
    outcome = reject.reject(
        actor=actor, project_id=project.pk, assignment_ids=chosen, grounds=form.grounds(), reopen=given["reopen"]
    )
    if outcome.held is not None:
        messages.warning(request, _held_words(outcome.held))
        return True
    done = outcome.rejections
    reopened = sum(one.reopened for one in done)
    words = _("%(n)s answers are rejected; %(again)s tasks are given out again.")
    messages.success(request, words % {"n": len(done), "again": reopened})
    return True


def _follow(request: HttpRequest, project: Project, chosen: list[int], form: DecisionForm) -> bool:
    given, actor = form.cleaned_data, person(request)
    if given["deed"] == "accept":
        number = proposing.dismiss(actor=actor, project_id=project.pk, proposal_ids=chosen)
        messages.success(request, _("%(n)s answers are accepted; their workers are paid.") % {"n": number})
        return True
    outcome = proposing.reject(
        actor=actor, project_id=project.pk, proposal_ids=chosen, reason=given["reason"], reopen=given["reopen"]
    )
    if outcome.held is not None:
        messages.warning(request, _held_words(outcome.held))
        return True
    messages.success(request, _("%(n)s answers are rejected.") % {"n": len(outcome.rejections)})
    return True


def _held_words(batch: HeldBatch) -> str:
    words = _(
        "%(n)s rejections wait for staff, because they are %(percent)s %% of what you have decided here. Until then "
        "nothing has changed; you are told what they decide."
    )
    return words % {"n": len(batch.lines), "percent": round(100 * batch.share)}
