"""Another version of what is asked, while it is answered: what becomes of old labels, what it touches and costs, and
only then the change. The new questions come from the pages on which they are edited (`setup/question.py`)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.consensus import queries
from crowd.consensus.services import reconfigure as service
from crowd.consensus.services.reconfigure import ConfigPlan
from crowd.kernel.errors import BadInput, NotFound
from crowd.labeling import strict_json
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.errors import ConfigError
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Purpose
from crowd.projects import trees
from crowd.projects.models import Project, Task
from crowd.projects.services.budget import whole_slots_of_surplus
from crowd.web.paging import whole
from crowd.web.requester.kept import forget
from crowd.web.requester.mapping_form import MappingForm
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.results import sample
from crowd.web.requester.setup.steps import member_project


@page("GET", "POST")
def reconfigure(request: HttpRequest, project_id: int) -> HttpResponse:
    """POST: the change as it is looked at, or, with `confirm`, done. It begins where the questions are edited."""
    project = member_project(request, project_id)
    if request.method == "GET":
        return to("setup-question", project_id)
    try:
        new = trees.resolved(parse(strict_json.loads(request.POST.get("config", ""))), project.pk)
    except (strict_json.JsonError, ConfigError, BadInput, TypeError, AttributeError) as error:
        raise NotFound from error  # not what our page sent
    form = MappingForm(_config(project), new, request.POST, request.FILES)
    plan = _plan(request, project, form) if form.is_valid() else None
    if plan and request.POST.get("confirm") and _is_as_shown(request, form, plan):
        done = attempt(form, lambda: _change(request, project, form, plan))
        if done is not None:
            return done
    return _shown(request, project, form, plan)


def begin(request: HttpRequest, project: Project, config: Mapping[str, Any], guidelines: str) -> HttpResponse:
    """What has been edited is more than words: on to what becomes of the answers."""
    new = trees.resolved(parse(config), project.pk)
    initial = {"config": json.dumps(config, ensure_ascii=False), "guidelines": guidelines}
    form = MappingForm(_config(project), new, initial=initial)
    form.start({one.id: queries.labels_held(project, one) for one in form.listed_questions})
    return _shown(request, project, form, None if form.maps else _plan(request, project, form))


def _config(project: Project) -> LabelConfig:
    if project.config_id is None:
        raise NotFound
    return parsed(project.config_id)


def _plan(request: HttpRequest, project: Project, form: MappingForm) -> ConfigPlan | None:
    def look() -> ConfigPlan:
        return service.plan(actor=person(request), project_id=project.pk, wanted=form.wanted())

    if form.is_bound:
        return attempt(form, look)
    return look()


def _is_as_shown(request: HttpRequest, form: MappingForm, plan: ConfigPlan) -> bool:
    """Only what somebody has seen is done: the same mapping, and not for more money."""
    if request.POST.get("looked") == _key(form):
        return True
    form.add_error(None, _("You chose otherwise than was shown. Here is what it comes to now."))
    return False


def _change(request: HttpRequest, project: Project, form: MappingForm, plan: ConfigPlan) -> HttpResponse:
    shown, text = whole(request.POST.get("at_most_micros", "")), form.cleaned_data["guidelines"]
    version, done = service.reconfigure(
        actor=person(request),
        project_id=project.pk,
        wanted=form.wanted(),
        at_most_micros=plan.price_micros if shown is None else shown,
        guidelines=text if text or project.guidelines else None,
    )
    forget(project.pk, "groups", "effects", "audit", "proposed")
    said = _("Version %(version)s is asked from now on. Tasks asked again: %(tasks)s.")
    messages.success(request, said % {"version": version.version, "tasks": done.tasks})
    return to("project", project.pk)


def _shown(request: HttpRequest, project: Project, form: MappingForm, plan: ConfigPlan | None) -> HttpResponse:
    held = of_holder(holder=Holder.ORGANISATION, holder_id=project.organisation_id)
    tasks = Task.objects.filter(project=project, pk__in=plan.first).select_related("item") if plan else []
    context = {
        "form": form,
        "plan": plan,
        "tasks": [(one, sample(one)) for one in tasks],
        "version": project.config.version if project.config else 0,
        "looked": _key(form) if plan else "",
        "available": held.get((Purpose.AVAILABLE, project.currency), 0),
        "from_surplus": min(plan.price_micros, whole_slots_of_surplus(project)) if plan else 0,
    }
    status = 400 if form.is_bound and form.errors else 200
    return show(request, "reconfigure", frame(project, "words") | context, status=status)


def _key(form: MappingForm) -> str:
    """What was chosen, in short."""
    wanted = form.wanted()
    return hashlib.sha256(json.dumps([wanted.mapping, wanted.ask_again], sort_keys=True).encode()).hexdigest()
