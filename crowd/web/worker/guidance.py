"""Questions about the guidelines of a project: what was answered, and asking at the sentence that is in doubt."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crowd.assignments import guidelines
from crowd.assignments.errors import GuidelinesUnread
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.queries import assignment_of, check_previewable, visible_to
from crowd.assignments.services import rework
from crowd.guidance import queries
from crowd.guidance.services import doubts
from crowd.projects.models import Project
from crowd.web import markdown
from crowd.web.doors import for_worker
from crowd.web.forms import PageForm
from crowd.web.paging import whole
from crowd.web.worker import offers
from workers.models import Worker

MOST = 50
SHORT = 160


class AskForm(PageForm):
    quote = forms.ChoiceField(label=gettext_lazy("Which sentence?"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Your question"),
        max_length=doubts.MAX_TEXT,
        help_text=gettext_lazy("The requester reads it and does not learn who asks. All workers read the answer."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, project: Project, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        text = project.guidelines.text if project.guidelines else ""
        lines = list(dict.fromkeys(clean for line in text.splitlines() if (clean := line.strip("#-*> \t"))))
        choices = [("", _("none in particular")), *((line, line[:SHORT]) for line in lines)]
        self.fields["quote"].choices = choices  # type: ignore[attr-defined]


@for_worker
@require_safe
@never_cache
def read(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    """The guidelines before a task: whole, or what changed since he read them. Confirming takes the task."""
    project = visible_to(worker, project_id)
    check_previewable(worker, project)
    inside = Participation.objects.filter(worker=worker, project=project).first()
    found = guidelines.unread(project, inside)
    if found is None:
        return redirect("web:offer", project_id=project_id)
    html = markdown.render(found.version.text, deepest=1)
    context = {"project": project, "unread": found, "html": html, "quiz": offers.quiz_ahead(project, inside)}
    return render(request, "web/worker/read_guidelines.html", context)


@for_worker
@require_http_methods(["GET", "POST"])
@never_cache
def read_for_task(request: HttpRequest, worker: Worker, assignment_id: int) -> HttpResponse:
    """The guidelines before what was sent back is answered once more: what changed since he read them last."""
    one = assignment_of(worker, assignment_id, "project")
    if request.method == "POST":
        version = whole(request.POST.get("guidelines_read", ""))
        with suppress(GuidelinesUnread):  # they have changed once more: he reads on
            rework.confirm(worker=worker, assignment_id=assignment_id, version=version)
    found = unread_of(one)
    if found is None:
        return redirect("web:task", assignment_id=assignment_id)
    html = markdown.render(found.version.text, deepest=1)
    context = {"project": one.project, "unread": found, "html": html, "sent_back": one}
    return render(request, "web/worker/read_guidelines.html", context)


def unread_of(one: Assignment) -> guidelines.Unread | None:
    """What he has to read before he answers once more."""
    if one.rework_of is None:
        return None
    return guidelines.unread(one.project, Participation.objects.get(project=one.project_id, worker=one.worker_id))


@for_worker
@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    project = visible_to(worker, project_id)
    form = AskForm(project, request.POST or None)
    if form.is_valid():
        with form.answering():
            doubts.ask(worker=worker, project_id=project_id, **form.cleaned_data)
            messages.success(request, _("Asked. You are told when it is answered."))
            return redirect("web:questions", project_id=project_id)
    mine = queries.of_worker(worker, project).filter(answered_at=None)
    context = {"project": project, "form": form, "mine": mine[:MOST], "doubts": queries.published(project)[:MOST]}
    return render(request, "web/worker/questions.html", context, status=400 if form.errors else 200)
