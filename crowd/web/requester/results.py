"""Results: merged answers with filters, every answer on its item, decisions about answers, files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments import queries as assignments
from crowd.assignments import quiz
from crowd.assignments.configs import parsed, unit_as
from crowd.assignments.models import Answer, Assignment, Rejection
from crowd.assignments.states import AssignmentState
from crowd.consensus import queries
from crowd.consensus.models import Consensus
from crowd.kernel import replica
from crowd.kernel.errors import NotFound
from crowd.kernel.newest import newest_of
from crowd.labeling import documents
from crowd.labeling.kinds import Choice, MultiChoice
from crowd.projects.models import Project, Task
from crowd.web.forms import PageForm
from crowd.web.layers import Source, by_unit, looked_at
from crowd.web.requester.pages import page, paged, person, show
from crowd.web.requester.project import frame
from crowd.web.requester.setup.preview import pictures, shown_units
from crowd.web.requester.setup.shares import PercentField
from crowd.web.requester.setup.steps import member_project
from crowd.web.worker.words import in_words
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
@replica.reads
def results(request: HttpRequest, project_id: int) -> HttpResponse:
    """Merged answers, the least sure first."""
    project = member_project(request, project_id)
    form = ResultFilter(project, request.GET or None)
    wanted = dict(form.cleaned_data) if form.is_valid() else {}
    rows = _merged(project, form, wanted)
    listed = paged(request, rows.order_by("posterior", "pk") if rows is not None else Consensus.objects.none())
    context = {
        "filter": form,
        "page": listed,
        "query": _query(request),
        "lines": _merged_lines(request, project, listed),
    }
    return show(request, "results", frame(project, "results") | context)


@page()
@replica.reads
def answers(request: HttpRequest, project_id: int) -> HttpResponse:
    """Answers one by one, each on its item, to be accepted or rejected, one or many."""
    project = member_project(request, project_id)
    form = AnswerFilter(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    listed = paged(request, _answers(project, form, wanted), size=30)
    context = {"filter": form, "page": listed, "query": _query(request), "lines": lines(request, project, list(listed))}
    return show(request, "answers", frame(project, "answers") | context)


@page()
def task(request: HttpRequest, project_id: int, task_id: int) -> HttpResponse:
    """One task: its item as a worker sees it, every answer to it, and what they were merged to."""
    project = member_project(request, project_id)
    found = Task.objects.filter(project=project, pk=task_id).select_related("item").first()
    if found is None or project.config_id is None:
        raise NotFound
    rows = Assignment.objects.filter(project=project, task=found, state__in=SEEN).select_related("task__item")
    said = lines(request, project, list(rows.order_by("submitted_at")))
    merged = list(Consensus.objects.filter(project=project, task=found).order_by("unit", "pk"))
    context = {
        "task": found,
        "known": words(found.gold) if found.gold else [],
        "looked_at": looked_at(
            shown_units(parsed(project.config_id), found.payload["units"], person(request), project),
            _sources(project.config_id, found, merged, said),
        ),
        "lines": said,
        "open_lines": [one for one in said if one["assignment"].state == AssignmentState.SUBMITTED],
        "merged": [_line(one) for one in merged],
    }
    return show(request, "task", frame(project, "results") | context)


def _sources(
    config_id: int, task: Task, merged: Sequence[Consensus], said: Sequence[Mapping[str, Any]]
) -> list[Source]:
    """The known answers, what was merged, and each worker's answer in the words that are shown."""
    keys = task.gold.get("any_of", [task.gold]) if task.gold else []
    known = [Source(_("Known answer"), key["units"], settled=True) for key in keys if "units" in key]
    consensus = [Source(_("Consensus"), by_unit(merged, task.units), settled=True)] if merged else []
    given = [(one, one["answer"]) for one in said if one["answer"] and "units" in one["answer"].value]
    return [*known, *consensus, *(_source(config_id, one, answer) for one, answer in given)]


def _source(config_id: int, line: Mapping[str, Any], answer: Answer) -> Source:
    units = [unit_as(unit, old_id=answer.config_id, new_id=config_id) for unit in answer.value["units"]]
    assignment = line["assignment"]
    is_out = assignment.state == AssignmentState.REJECTED
    note = assignment.get_state_display() if is_out else (_("repeat") if assignment.is_repeat else "")
    return Source(line["worker"], units, str(note))


def lines(request: HttpRequest, project: Project, rows: Sequence[Assignment]) -> list[dict[str, Any]]:
    """Assignments with pseudonym, answer, rejection, each in one query for all of them."""
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in rows])
    said = assignments.answers_of([one for one in rows if one.state in SEEN])
    shown = pictures([one.task for one in rows], person(request), project)
    paid = quiz.answers(project, {one.worker_id for one in rows if one.is_gold})
    rejections = {one.assignment_id: one for one in Rejection.objects.filter(assignment__in=rows)}
    return [
        {
            "assignment": one,
            "worker": codes[one.worker_id],
            "answer": said.get(one.pk),
            "picture": shown.get(one.task_id),
            "said": words(said[one.pk].value) if one.pk in said else [],
            "rejection": rejections.get(one.pk),
            "sample": sample(one.task),
            "key": one.task.item.key,
            "is_quiz": one.pk in paid,
        }
        for one in rows
    ]


def sample(task: Task) -> str:
    """A few words by which a person recognises the item."""
    unit = task.payload["units"][0] if task.payload.get("units") else {}
    values = [documents.source(value) or value for value in unit.values()]
    texts = [str(value) for value in values if isinstance(value, str | int | float) and str(value).strip()]
    return " · ".join(texts)[:160] or _("task %(id)s") % {"id": task.pk}


def _line(one: Consensus) -> dict[str, Any]:
    spread = sorted(one.distribution.items(), key=lambda pair: -pair[1])[:10]
    value = in_words(one.value)
    if one.intervals:  # an opinion: no truth, but how surely the spread is known
        spread = [(f"{name} ({_interval(one.intervals[name])})", share) for name, share in spread]
    return {"merged": one, "value": value, "distribution": spread, "sample": sample(one.task), "key": one.task.item.key}


def _interval(bounds: Sequence[float]) -> str:
    low, high = bounds
    return f"{100 * low:.0f}–{100 * high:.0f} %"


def words(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Question and answer of each unit, as words."""
    if "any_of" in value:  # a key with several right answers
        return [pair for one in value["any_of"] for pair in words(one)]
    if "cannot_answer" in value:
        return [(_("cannot be answered"), value["cannot_answer"]["reason"])]
    units = value.get("units", [])
    return [
        (f"{number}. {id}" if len(units) > 1 else id, in_words(said))
        for number, unit in enumerate(units, start=1)
        for id, said in unit.items()
    ]


def _merged_lines(request: HttpRequest, project: Project, rows: Iterable[Consensus]) -> list[dict[str, Any]]:
    found = list(rows)
    shown = pictures([one.task for one in found], person(request), project)
    return [_line(one) | {"picture": shown.get(one.task_id)} for one in found]


def _merged(project: Project, form: ResultFilter, wanted: dict[str, Any]) -> Any:
    """None, with a word beside the field, where the worker is not known."""
    pseudonym = wanted.pop("worker", "")
    worker = _worker(project, form, pseudonym) if pseudonym else None
    if pseudonym and worker is None:
        return None
    return queries.merged(project, worker_id=worker, **wanted)


def _answers(project: Project, form: AnswerFilter, wanted: dict[str, Any]) -> Any:
    rows = newest_of(Assignment.objects.filter(state__in=SEEN).select_related("task__item"), project.pk)
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if wanted.get("key"):
        rows = rows.filter(task__item__key=wanted["key"])
    rows = rows.filter(**GOLD.get(wanted.get("gold", ""), {}))
    if wanted.get("worker"):
        rows = rows.filter(worker=_worker(project, form, wanted["worker"]) or 0)
    return rows


def _worker(project: Project, form: forms.Form, pseudonym: str) -> int | None:
    try:
        return worker_by_pseudonym(project.organisation, pseudonym).pk
    except NotFound as error:
        form.add_error("worker", str(error.message))
        return None


def _query(request: HttpRequest) -> str:
    """The filters, for the links to other pages of the list."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()
