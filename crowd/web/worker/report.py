"""Saying that something is wrong with a project, and what staff answered."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crowd.assignments import queries
from crowd.assignments.services import report_project
from crowd.projects.models import Report
from crowd.projects.states import ReportKind
from crowd.web.doors import for_worker
from crowd.web.forms import PageForm
from workers.models import Worker


class ReportForm(PageForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is wrong?"),
        choices=ReportKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose what is wrong.")},
    )
    text = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("In your words: which task, and what you saw."),
        required=False,
        widget=forms.Textarea({"rows": 5}),
    )


@for_worker
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    project = queries.visible_to(worker, project_id)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            report_project.report(actor=worker.user, project_id=project_id, **form.cleaned_data)
            messages.success(request, _("Reported. Staff look at it; their answer will stand in your record."))
            return redirect("web:offer", project_id=project_id)
    mine = Report.objects.filter(worker=worker, project=project).order_by("-pk")
    context = {"form": form, "project": project, "open": mine.filter(handled_at=None).first()}
    return render(request, "web/worker/report.html", context)
