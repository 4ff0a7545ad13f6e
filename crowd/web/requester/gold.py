"""Gold as its requester sees it: keys that need a look, tasks that would do as gold, what corrections put right."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments.configs import parsed
from crowd.gold import queries
from crowd.gold.models import Contest
from crowd.gold.services import contests, keys
from crowd.gold.states import ContestState
from crowd.kernel.errors import NotFound
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project, Task
from crowd.web.forms import PageForm
from crowd.web.paging import whole
from crowd.web.requester.kept import forget, kept
from crowd.web.requester.pages import attempt, deed, page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.results import sample, words
from crowd.web.requester.setup.steps import member_project

FLAGS = {
    "doubtful": gettext_lazy("accurate workers say otherwise"),
    "leaked": gettext_lazy("seems to be known"),
    "contested": gettext_lazy("contested"),
}
ACTS = ("make", "correct", "retire", "keep")


class KeyForm(PageForm):
    """Only what the deed needs is shown and asked."""

    key = forms.CharField(
        label=gettext_lazy("The right answer"),
        max_length=10_000,
        help_text=gettext_lazy(
            "As in a column of known answers. Several right ones: "
            "<code>{&quot;any_of&quot;: [&quot;a&quot;, &quot;b&quot;]}</code>"
        ),
    )
    gold_reason = forms.CharField(
        label=gettext_lazy("Why it is right"),
        required=False,
        max_length=keys.MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For workers who miss it, where the project explains misses."),
    )
    why = forms.CharField(
        label=gettext_lazy("What was wrong"),
        max_length=keys.MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The workers whose record changes read it."),
    )
    keep_answers = forms.BooleanField(
        label=gettext_lazy("The key was right, it is only known too well: leave past answers as they were scored"),
        required=False,
    )
    reply = forms.CharField(
        label=gettext_lazy("Why the key stays"),
        max_length=keys.MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The workers who contested it read it."),
    )

    def __init__(self, act: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{act}_%s", **kwargs)
        for name in set(self.fields) - set(FIELDS[act]):
            del self.fields[name]


FIELDS = {
    "make": ("key", "gold_reason"),
    "correct": ("key", "gold_reason", "why"),
    "retire": ("why", "keep_answers"),
    "keep": ("reply",),
}


@page()
def gold(request: HttpRequest, project_id: int) -> HttpResponse:
    """The audit, proposals from sure consensus, and the changes so far."""
    project = member_project(request, project_id)
    context = {
        "audited": [_line(one) for one in _audit(project)],
        "proposed": [_proposal(one) for one in _proposed(project)],
        "revisions": queries.revisions(project),
        "minimum": project.minimum_accuracy,
    }
    return show(request, "gold", frame(project, "gold") | context)


@kept("audit")
def _audit(project: Project) -> list[queries.Audited]:
    return queries.audit(project)


@kept("proposed")
def _proposed(project: Project) -> list[queries.Proposed]:
    return queries.proposed(project)


@deed
def accept_proposed(request: HttpRequest, project_id: int) -> HttpResponse:
    """The chosen proposals become gold."""
    project = member_project(request, project_id)
    chosen = {number for one in request.POST.getlist("task") if (number := whole(one)) is not None}
    done = 0
    for one in queries.proposed(project):
        if one.task.pk in chosen:
            keys.make(actor=person(request), project_id=project_id, task_id=one.task.pk, key=one.key)
            done += 1
    forget(project.pk, "audit", "proposed")
    if done:
        messages.success(request, _("%(n)s tasks are gold now.") % {"n": done})
    else:
        messages.warning(request, _("Choose at least one task first."))
    return to("gold", project_id)


@page("GET", "POST")
def key(request: HttpRequest, project_id: int, task_id: int) -> HttpResponse:
    """The key of one task: make, correct, retire, or answer who contests it."""
    project = member_project(request, project_id)
    task = Task.objects.filter(project=project, pk=task_id).select_related("item").first()
    if task is None or project.config_id is None:
        raise NotFound
    act = request.POST.get("act", "")
    given = KeyForm(act, request.POST) if act in ACTS else None
    if given is not None and given.is_valid() and attempt(given, lambda: _do(request, project, task, act, given)):
        return to("gold", project_id)
    return show(request, "gold_key", frame(project, "gold") | _key_context(project, task, act, given))


def _do(request: HttpRequest, project: Project, task: Task, act: str, form: KeyForm) -> bool:
    deeds: dict[str, Any] = {"make": keys.make, "correct": keys.correct, "retire": keys.retire, "keep": contests.keep}
    deeds[act](actor=person(request), project_id=project.pk, task_id=task.pk, **form.cleaned_data)
    forget(project.pk, "audit", "proposed")
    told = {
        "make": _("The task is gold now."),
        "correct": _("The key is corrected. What the old one had caused is being put right, and the workers are told."),
        "retire": _("The task is retired. What it had caused is being put right, and the workers are told."),
        "keep": _("The workers read your answer."),
    }
    messages.success(request, told[act])
    return True


def _key_context(project: Project, task: Task, act: str, given: KeyForm | None) -> dict[str, Any]:
    wanted = ("correct", "retire") if task.is_gold else ("make",)
    open_contests = list(Contest.objects.filter(task=task, state=ContestState.OPEN).order_by("pk")[:50])
    initial = {"gold_reason": task.gold_reason}
    forms_ = {one: given if given is not None and one == act else KeyForm(one, initial=initial) for one in wanted}
    return {
        "task": task,
        "sample": sample(task),
        "known": words(task.gold) if task.gold else [],
        "line": _line(queries.audit_of(project, task)) if task.is_gold else None,
        "forms": forms_,
        "contests": open_contests,
        "keep": (given if act == "keep" and given else KeyForm("keep")) if open_contests else None,
        "labels": _labels(project),
    }


def _labels(project: Project) -> list[str]:
    """To choose from, where one question has labels."""
    assert project.config_id is not None
    questions: Iterable[Any] = parsed(project.config_id).questions
    found = list(questions)
    return [one.name for one in found[0].labels] if len(found) == 1 and isinstance(found[0], Choice) else []


def _line(one: queries.Audited) -> dict[str, Any]:
    return {
        "one": one,
        "sample": sample(one.task),
        "known": words(one.task.gold or {}),
        "instead": words(one.instead) if one.instead else [],
        "flags": [FLAGS[flag] for flag in one.flags],
    }


def _proposal(one: queries.Proposed) -> dict[str, Any]:
    return {"one": one, "sample": sample(one.task), "key": words(one.key)}
