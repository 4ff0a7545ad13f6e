"""What a worker and requesters write each other."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.projects.models import Project
from crowd.talk import access, queries
from crowd.talk.services import messages as talk
from crowd.talk.states import Side
from crowd.web.doors import for_worker
from crowd.web.paging import newest
from crowd.web.talk.threads import MessageForm, MuteForm, shown
from workers.models import Worker


@for_worker
@require_safe
def threads(request: HttpRequest, worker: Worker) -> HttpResponse:
    found, following = newest(request, queries.threads_of_worker(worker), by="last_id")
    context = {"threads": found, "next": following, "first": "before" not in request.GET}
    return render(request, "web/worker/threads.html", context)


@for_worker
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    project = access.as_worker(worker, project_id)
    form = MessageForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            given = form.cleaned_data
            talk.write_as_worker(
                worker=worker,
                project_id=project_id,
                text=given["text"],
                key=given["key"],
                assignment=given["about"],
            )
            messages.success(request, _("Sent."))
            return redirect("web:messages", project_id=project_id)
    return _page(request, worker, project, form, MuteForm())


@for_worker
@require_POST
def mute(request: HttpRequest, worker: Worker, project_id: int) -> HttpResponse:
    """Hear no more from this requester about this project, or hear from him again."""
    project = access.as_worker(worker, project_id)
    sender = talk.Sender(user=worker.user, side=Side.WORKER, project=project, worker=worker)
    form = MuteForm(request.POST)
    if request.POST.get("deed") == "lift":
        talk.unmute(sender=sender)
        return redirect("web:messages", project_id=project_id)
    if form.is_valid():
        with form.answering():
            talk.mute(sender=sender, **form.cleaned_data)
            messages.success(request, _("You get no more messages about this project."))
            return redirect("web:messages", project_id=project_id)
    return _page(request, worker, project, MessageForm.fresh(request), form)


def _page(
    request: HttpRequest, worker: Worker, project: Project, form: MessageForm, mute_form: MuteForm
) -> HttpResponse:
    context: dict[str, Any] = {"project": project, "form": form, "mute_form": mute_form, "side": "worker"}
    context["about"] = queries.given_to(worker, project).filter(pk=form.about_id).first()
    context |= shown(request, project, worker, Side.WORKER)
    wrong = 400 if form.errors or mute_form.errors else 200
    return render(request, "web/worker/thread.html", context, status=wrong)
