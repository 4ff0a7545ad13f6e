"""Results: merged answers with filters, every answer on its item, decisions about answers, files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments import queries as assignments
from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment, Rejection
from crowd.assignments.services import accept, reject
from crowd.assignments.states import AssignmentState
from crowd.consensus import queries
from crowd.consensus.models import Consensus, Proposal
from crowd.consensus.services import proposals as proposing
from crowd.consensus.states import ProposalState
from crowd.kernel.errors import NotFound
from crowd.labeling.kinds import Choice, MultiChoice
from crowd.projects.models import Project, Task
from crowd.web.forms import PageForm
from crowd.web.requester.decisions import DecisionForm, cost_of, ids_of
from crowd.web.requester.pages import attempt, page, paged, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.preview import shown_units
from crowd.web.requester.setup.shares import PercentField
from crowd.web.requester.setup.steps import member_project
from workers.services.pseudonyms import pseudonyms_for, worker_by_pseudonym

SEEN = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED)
SHORT = {"class": "short"}


class ResultFilter(PageForm):
    question = forms.ChoiceField(label=gettext_lazy("Question"), required=False)
    label = forms.ChoiceField(label=gettext_lazy("Label"), required=False)
    at_least = PercentField(label=gettext_lazy("Posterior from, %"), required=False)
    at_most = PercentField(label=gettext_lazy("to, %"), required=False)
    worker = forms.CharField(label=gettext_lazy("Worker"), required=False, max_length=40)
    key = forms.CharField(label=gettext_lazy("Key"), required=False, max_length=200)
    disagreement = forms.BooleanField(label=gettext_lazy("Only where answers differ"), required=False)

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = parsed(project.config_id).questions if project.config_id else ()
        labels = [one.name for q in asked if isinstance(q, Choice | MultiChoice) for one in q.labels]
        self._choices("question", [(q.id, q.text) for q in asked])
        self._choices("label", [(name, name) for name in dict.fromkeys(labels)][:500])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *choices]


class AnswerFilter(PageForm):
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("all")), *[(one.value, one.label) for one in SEEN]],
    )
    worker = forms.CharField(label=gettext_lazy("Worker"), required=False, max_length=40)
    key = forms.CharField(label=gettext_lazy("Key"), required=False, max_length=200)
    gold = forms.ChoiceField(
        label=gettext_lazy("Gold"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("missed", gettext_lazy("gold, missed")),
            ("gold", gettext_lazy("gold")),
            ("plain", gettext_lazy("not gold")),
        ],
    )


GOLD = {"missed": {"gold_passed": False}, "gold": {"is_gold": True}, "plain": {"is_gold": False}}


@page()
def results(request: HttpRequest, project_id: int) -> HttpResponse:
    """Merged answers, the least sure first."""
    project = member_project(request, project_id)
    form = ResultFilter(project, request.GET or None)
    wanted = dict(form.cleaned_data) if form.is_valid() else {}
    rows = _merged(project, form, wanted)
    listed = paged(request, rows.order_by("posterior", "pk") if rows is not None else Consensus.objects.none())
    context = {"filter": form, "page": listed, "query": _query(request), "lines": [_line(one) for one in listed]}
    return show(request, "results", frame(project, "results") | context)


@page()
def answers(request: HttpRequest, project_id: int) -> HttpResponse:
    """Answers one by one, each on its item, to be accepted or rejected, one or many."""
    project = member_project(request, project_id)
    form = AnswerFilter(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    listed = paged(request, _answers(project, form, wanted), size=30)
    context = {"filter": form, "page": listed, "query": _query(request), "lines": lines(project, list(listed))}
    return show(request, "answers", frame(project, "answers") | context)


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
        return to("answers", project_id)
    kind = str(form["deed"].value())
    context = {"form": form, "deed": kind, "lines": lines(project, rows), "cost": cost_of(project, rows, kind)}
    return show(request, "decide", frame(project, "answers") | context)


@page("GET", "POST")
def proposals(request: HttpRequest, project_id: int) -> HttpResponse:
    """Answers that the pay policy would not accept early. Who says nothing pays when they are due."""
    project = member_project(request, project_id)
    chosen = ids_of(request.POST.getlist("proposal"))
    form = DecisionForm(request.POST if "confirmed" in request.POST else None, initial={"deed": "accept"})
    if chosen and form.is_bound and form.is_valid() and attempt(form, lambda: _follow(request, project, chosen, form)):
        return to("proposals", project_id)
    rows = Proposal.objects.filter(project=project, state=ProposalState.OPEN).select_related("assignment__task__item")
    listed = paged(request, rows.order_by("assignment__due_at", "pk"), size=30)
    shown = lines(project, [one.assignment for one in listed])
    context = {"form": form, "page": listed, "lines": list(zip(listed, shown, strict=True)), "chosen": set(chosen)}
    return show(request, "proposals", frame(project, "proposals") | context)


@page()
def task(request: HttpRequest, project_id: int, task_id: int) -> HttpResponse:
    """One task: its item as a worker sees it, every answer to it, and what they were merged to."""
    project = member_project(request, project_id)
    found = Task.objects.filter(project=project, pk=task_id).select_related("item").first()
    if found is None or project.config_id is None:
        raise NotFound
    rows = Assignment.objects.filter(project=project, task=found, state__in=SEEN).select_related("task__item")
    context = {
        "task": found,
        "units": shown_units(parsed(project.config_id), found.payload["units"], person(request), project),
        "lines": lines(project, list(rows.order_by("submitted_at"))),
        "merged": [_line(one) for one in Consensus.objects.filter(project=project, task=found).order_by("unit", "pk")],
    }
    return show(request, "task", frame(project, "results") | context)


def lines(project: Project, rows: Sequence[Assignment]) -> list[dict[str, Any]]:
    """Assignments with pseudonym, answer, rejection, each in one query for all of them."""
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in rows])
    said = assignments.answers_of([one for one in rows if one.state in SEEN])
    rejections = {one.assignment_id: one for one in Rejection.objects.filter(assignment__in=rows)}
    return [
        {
            "assignment": one,
            "worker": codes[one.worker_id],
            "answer": said.get(one.pk),
            "said": _said(said[one.pk].value) if one.pk in said else [],
            "rejection": rejections.get(one.pk),
            "sample": sample(one.task),
            "key": one.task.item.key,
        }
        for one in rows
    ]


def sample(task: Task) -> str:
    """A few words by which a person recognises the item."""
    unit = task.payload["units"][0] if task.payload.get("units") else {}
    texts = [str(value) for value in unit.values() if isinstance(value, str | int | float) and str(value).strip()]
    return " · ".join(texts)[:160] or _("task %(id)s") % {"id": task.pk}


def _line(one: Consensus) -> dict[str, Any]:
    spread = sorted(one.distribution.items(), key=lambda pair: -pair[1])[:10]
    value = ", ".join(map(str, one.value)) if isinstance(one.value, list) else one.value
    return {"merged": one, "value": value, "distribution": spread, "sample": sample(one.task), "key": one.task.item.key}


def _said(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Question and answer of each unit, as words."""
    if "cannot_answer" in value:
        return [(_("cannot be answered"), value["cannot_answer"]["reason"])]
    units = value.get("units", [])
    return [
        (f"{number}. {id}" if len(units) > 1 else id, ", ".join(said) if isinstance(said, list) else str(said))
        for number, unit in enumerate(units, start=1)
        for id, said in unit.items()
    ]


def _merged(project: Project, form: ResultFilter, wanted: dict[str, Any]) -> Any:
    """None, with a word beside the field, where the worker is not known."""
    pseudonym = wanted.pop("worker", "")
    worker = _worker(project, form, pseudonym) if pseudonym else None
    if pseudonym and worker is None:
        return None
    return queries.merged(project, worker_id=worker, **wanted)


def _answers(project: Project, form: AnswerFilter, wanted: dict[str, Any]) -> Any:
    rows = Assignment.objects.filter(project=project, state__in=SEEN).select_related("task__item")
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if wanted.get("key"):
        rows = rows.filter(task__item__key=wanted["key"])
    rows = rows.filter(**GOLD.get(wanted.get("gold", ""), {}))
    if wanted.get("worker"):
        rows = rows.filter(worker=_worker(project, form, wanted["worker"]) or 0)
    return rows.order_by("-submitted_at", "-pk")


def _worker(project: Project, form: forms.Form, pseudonym: str) -> int | None:
    try:
        return worker_by_pseudonym(project.organisation, pseudonym).pk
    except NotFound as error:
        form.add_error("worker", str(error.message))
        return None


def _decide(request: HttpRequest, project: Project, chosen: list[int], form: DecisionForm) -> bool:
    given, actor = form.cleaned_data, person(request)
    if given["deed"] == "accept":
        number = accept.accept(actor=actor, project_id=project.pk, assignment_ids=chosen)
        messages.success(request, _("%(n)s answers are accepted; their workers are paid.") % {"n": number})
        return True
    done = reject.reject(
        actor=actor, project_id=project.pk, assignment_ids=chosen, grounds=form.grounds(), reopen=given["reopen"]
    )
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
    number = proposing.reject(
        actor=actor, project_id=project.pk, proposal_ids=chosen, reason=given["reason"], reopen=given["reopen"]
    )
    messages.success(request, _("%(n)s answers are rejected.") % {"n": number})
    return True


def _query(request: HttpRequest) -> str:
    """The filters, for the links to other pages of the list."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()
