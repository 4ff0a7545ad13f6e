"""What workers contest in a project, and rejections that wait for staff. The requester may give in; staff decide."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.assignments.models import HeldBatch
from crowd.review import queries
from crowd.review.services import appeals as appealing
from crowd.web.requester.kept import forget
from crowd.web.requester.pages import deed, page, paged, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.steps import member_project
from workers.services.pseudonyms import pseudonyms_for


@page()
def appeals(request: HttpRequest, project_id: int) -> HttpResponse:
    found = member_project(request, project_id)
    rows = paged(request, queries.appeals_about(found))
    codes = pseudonyms_for(found.organisation, [one.worker_id for one in rows])
    context = {
        "rows": rows,
        "lines": [(one, codes[one.worker_id]) for one in rows],
        "held": HeldBatch.objects.filter(project=found).order_by("-pk")[:20],
        "record": queries.record(found.organisation_id),
    }
    return show(request, "appeals", frame(found, "proposals") | context)


@deed
def give_in(request: HttpRequest, project_id: int, appeal_id: int) -> HttpResponse:
    found = member_project(request, project_id)
    queries.appeals_about(found).filter(pk=appeal_id).get()
    reason = request.POST.get("reason", "") or _("The requester gives in.")
    appealing.grant(actor=person(request), appeal_id=appeal_id, reason=reason)
    forget(project_id)
    messages.success(request, _("The appeal is granted; the worker is told."))
    return to("appeals", project_id)
