"""A task that was reported or rejected too often: the requester asks workers again, or closes it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments.services import slots, task_review
from crowd.kernel.errors import NotFound
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import TaskState
from crowd.web.forms import PageForm
from crowd.web.requester.pages import address, attempt, page, person, show
from crowd.web.requester.project import frame
from crowd.web.requester.results import sample
from crowd.web.requester.setup.steps import member_project


class WaitingForm(PageForm):
    deed = forms.ChoiceField(
        label=gettext_lazy("What is to happen"),
        choices=[("again", gettext_lazy("Ask workers again")), ("close", gettext_lazy("Close the task"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=task_review.MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Kept in the project's history."),
    )


@page("GET", "POST")
def waiting(request: HttpRequest, project_id: int, task_id: int) -> HttpResponse:
    """First what either choice does and costs; then it is done."""
    project = member_project(request, project_id)
    task = Task.objects.filter(project=project, pk=task_id, is_gold=False).select_related("item").first()
    if task is None:
        raise NotFound
    form = WaitingForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _do(request, project, task, form)):
        return redirect(address("task", project_id, task_id))
    return show(request, "task_waiting", frame(project, "results") | _context(project, task, form))


def _do(request: HttpRequest, project: Project, task: Task, form: WaitingForm) -> bool:
    chosen: dict[str, Any] = {"actor": person(request), "project_id": project.pk, "task_id": task.pk}
    if form.cleaned_data["deed"] == "again":
        task_review.ask_again(**chosen, reason=form.cleaned_data["reason"])
        messages.success(request, _("Workers get this task again."))
    else:
        task_review.close(**chosen, reason=form.cleaned_data["reason"])
        messages.success(request, _("The task is closed."))
    return True


def _context(project: Project, task: Task, form: WaitingForm) -> dict[str, Any]:
    count, free, price = slots.missing(task), task.needed - task.filled, reserves.slot_price(project, task.tier)
    return {
        "task": task,
        "sample": sample(task),
        "form": form,
        "waits": task.state == TaskState.REVIEW,
        "count": count,
        "cost": count * price,
        "free": free * price,
    }
