"""What a requester and the workers of a project write each other."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.projects.models import Project
from crowd.talk import access, queries
from crowd.talk.services import messages as talk
from crowd.talk.states import Side
from crowd.web.paging import newest
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.talk.threads import MessageForm, MuteForm, shown
from workers.models import Worker
from workers.services.pseudonyms import pseudonyms_for


@page()
def threads(request: HttpRequest, project_id: int) -> HttpResponse:
    project = access.member_project(person(request), project_id)
    found, following = newest(request, queries.threads_of_project(project), by="last_id")
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in found])
    context = {"threads": [(codes[one.worker_id], one) for one in found], "next": following}
    return show(request, "threads", frame(project, "messages") | context | {"first": "before" not in request.GET})


@page("GET", "POST")
def thread(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    actor = person(request)
    project, worker = access.as_requester(actor, project_id, pseudonym)
    form = MessageForm.of(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sent = attempt(
            form,
            lambda: talk.write_as_requester(
                actor=actor,
                project_id=project_id,
                pseudonym=pseudonym,
                text=given["text"],
                key=given["key"],
                task=given["about"],
            ),
        )
        if sent:
            messages.success(request, _("Sent."))
            return to("messages", project_id, pseudonym)
    return _page(request, project, worker, form, MuteForm())


@page("POST")
def mute(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    """Take no more messages from this worker about this project, or take them again."""
    project, worker = access.as_requester(person(request), project_id, pseudonym)
    sender = talk.Sender(user=person(request), side=Side.REQUESTER, project=project, worker=worker)
    form = MuteForm(request.POST)
    if request.POST.get("deed") == "lift":
        talk.unmute(sender=sender)
        return to("messages", project_id, pseudonym)
    done = attempt(form, lambda: talk.mute(sender=sender, **form.cleaned_data)) if form.is_valid() else None
    if done:
        messages.success(request, _("The worker is told, with your reason."))
        return to("messages", project_id, pseudonym)
    return _page(request, project, worker, MessageForm.fresh(request), form)


def _page(
    request: HttpRequest, project: Project, worker: Worker, form: MessageForm, mute_form: MuteForm
) -> HttpResponse:
    code = pseudonyms_for(project.organisation, [worker.pk])[worker.pk]
    context: dict[str, Any] = {"code": code, "form": form, "mute_form": mute_form, "side": "requester"}
    context["about"] = queries.given_to(worker, project).filter(task=form.about_id).first()
    context |= shown(request, project, worker, Side.REQUESTER)
    wrong = 400 if form.errors or mute_form.errors else 200
    return show(request, "thread", frame(project, "messages") | context, status=wrong)
