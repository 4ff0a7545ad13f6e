"""Going through one's own tasks as a worker would; what is answered is checked as it would be, and stored nowhere."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.gold.services import keys
from crowd.kernel.errors import CrowdError
from crowd.kernel.speech import translated
from crowd.labeling.answers import REASONS, validate
from crowd.labeling.errors import LabelingError
from crowd.projects.models import Project, Task
from crowd.web import asking
from crowd.web.requester.pages import address, page, person, sentence, show, to
from crowd.web.requester.results import words
from crowd.web.requester.setup.preview import answer_from, shown_units
from crowd.web.requester.setup.steps import context, member_project
from crowd.web.worker.words import REASON_WORDS


@page("GET", "POST")
def walk(request: HttpRequest, project_id: int) -> HttpResponse:
    """The task that `after` names in the order of the ring; POST checks the answer and goes on."""
    project = member_project(request, project_id)
    if project.config_id is None or not Task.objects.filter(project=project).exists():
        return to("setup-check", project_id)
    place = _place(request.GET.get("n", "1"), Task.objects.filter(project=project).count())
    task = Task.objects.filter(project=project).order_by("ring", "pk")[place - 1]
    said: dict[str, Any] = {}
    if request.method == "POST":
        said = _check(project, task, request)
        if said.get("go_on"):
            return redirect(f"{address('walk', project_id)}?n={place + 1}")
    return show(request, "setup/walk", _context(request, project, task, place) | said)


def _check(project: Project, task: Task, request: HttpRequest) -> dict[str, Any]:
    """A fault to show, what the gold says, or that all is well and the next task comes."""
    assert project.config_id is not None
    config = parsed(project.config_id)
    try:
        answer = validate(config, answer_from(config, request.POST, task.units), task.units, task.shown_units)
    except LabelingError as error:
        return {"fault": translated(error.message), "kept": _kept(request)}
    if "as_gold" in request.POST and not task.is_gold:
        reason = request.POST.get("gold_reason", "")
        try:
            keys.make(
                actor=person(request), project_id=project.pk, task_id=task.pk, key=answer.to_json(), gold_reason=reason
            )
        except CrowdError as error:
            return {"fault": sentence(error), "kept": _kept(request)}
        messages.success(request, _("Your answer is kept: the task is gold now."))
        return {"go_on": True}
    if task.is_gold and "shown_gold" not in request.POST:
        told = {"gold": words(task.gold or {}), "gold_reason": task.gold_reason, "answer": words(answer.to_json())}
        return told | {"kept": _kept(request)}
    return {"go_on": True}


def _context(request: HttpRequest, project: Project, task: Task, place: int) -> dict[str, Any]:
    assert project.config_id is not None
    config = parsed(project.config_id)
    return context(
        project,
        "check",
        task=task,
        place=place,
        of=Task.objects.filter(project=project).count(),
        kept=asking.started(config, task.shown_units),
        units=shown_units(config, task.payload["units"], person(request), project),
        config=config,
        labels_of=project.pk,
        cannot_answer=[(reason, REASON_WORDS[reason]) for reason in REASONS] if config.cannot_answer else [],
        guidelines=project.guidelines.text if project.guidelines else "",
    )


def _kept(request: HttpRequest) -> dict[str, list[str]]:
    """What was chosen, for the page that shows it again."""
    return {name: values for name, values in request.POST.lists() if name.startswith("u")}


def _place(text: str, most: int) -> int:
    place = int(text) if text.isdecimal() and len(text) < 10 else 1
    return (place - 1) % most + 1
