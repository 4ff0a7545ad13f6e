"""The last step: everything on one page, what is missing, what it costs, and the button."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.kernel.errors import CrowdError
from crowd.kernel.money import TEST_CURRENCY
from crowd.ledger.errors import NotEnoughMoney
from crowd.projects import queries
from crowd.projects.models import Item, Project, Task, TeamInvitation
from crowd.projects.services import draft, publish
from crowd.projects.states import ProjectState
from crowd.web.requester.money_field import plain
from crowd.web.requester.pages import deed, page, person, sentence, show, to
from crowd.web.requester.setup.predicted import predictions
from crowd.web.requester.setup.price import parts
from crowd.web.requester.setup.steps import context, member_project
from qualifications.requirements import bundled
from qualifications.requirements.sentences import demand


@page("GET", "POST")
def check(request: HttpRequest, project_id: int) -> HttpResponse:
    """GET shows; POST publishes, or says what is in the way, on the same page."""
    project = member_project(request, project_id)
    if project.state != ProjectState.DRAFT:
        return to("project", project_id)
    fault = ""
    if request.method == "POST":
        try:
            publish.publish(actor=person(request), project_id=project_id)
            messages.success(request, _("The project is open for work."))
            return to("project", project_id)
        except NotEnoughMoney:
            pass  # the page says how much is missing, and the way on
        except CrowdError as error:
            if error.status in (403, 404):
                raise
            fault = sentence(error)
    return show(request, "setup/check", _context(project) | {"fault": fault, "tried": request.method == "POST"})


@deed
def discard(request: HttpRequest, project_id: int) -> HttpResponse:
    project = draft.discard(actor=person(request), project_id=project_id)
    messages.success(request, _("The draft was thrown away."))
    return to("organisation", project.organisation_id)


def _context(project: Project) -> dict[str, Any]:
    cost = parts(project)
    return context(
        project,
        "check",
        missing=publish.what_is_missing(project),
        items=Item.objects.filter(project=project).count(),
        tasks=Task.objects.filter(project=project, is_gold=False).count(),
        gold=Task.objects.filter(project=project, is_gold=True).count(),
        conditions=[demand(one) for one in bundled(queries.conditions(project))],
        questions=project.config.config["questions"] if project.config else [],
        predictions=predictions(project),
        is_test=project.currency == TEST_CURRENCY,
        shortfall_plain=plain(cost["shortfall"]),
        links=TeamInvitation.objects.filter(project=project, revoked_at=None).count(),
        **cost,
    )
