"""A worker says that something is wrong with a project. Enough of them, and it rests until staff have looked."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crowd.assignments.queries import visible_to
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.projects.errors import ReportedAlready
from crowd.projects.models import Project, Report
from crowd.projects.services import reviews
from crowd.projects.states import ProjectState, ReportKind, ReviewCause
from crowd.users.models import User
from workers.access import worker_for

MAX_TEXT = 2_000


def report(*, actor: User, project_id: int, kind: str, text: str = "") -> Report:
    """By a worker who may see the project, once until staff have answered. The requester never learns who it was.

    With CROWD_REPORTS_TO_PAUSE open reports (one a worker) the project is paused for staff to look at.
    Raises NotAllowed (no worker), NotFound, BadInput, ReportedAlready.
    """
    text = _check(kind, text.strip())
    worker = worker_for(actor)
    visible_to(worker, project_id)
    with transaction.atomic(durable=True):
        project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
        now = clock.now()
        try:
            with transaction.atomic():
                made = Report.objects.create(project=project, worker=worker, kind=kind, text=text, reported_at=now)
        except IntegrityError as error:
            raise ReportedAlready from error
        if _enough(project):
            reviews.begin(project, ReviewCause.REPORTS, now=now)
            project.save(update_fields=["state", "pause_reason"])
    return made


def _enough(project: Project) -> bool:
    if project.state not in (ProjectState.OPEN, ProjectState.PAUSED) or reviews.standing(project) is not None:
        return False
    return Report.objects.filter(project=project, handled_at=None).count() >= settings.CROWD_REPORTS_TO_PAUSE


def _check(kind: str, text: str) -> str:
    faults = {}
    if kind not in ReportKind.values:
        faults["kind"] = _("Please choose what is wrong.")
    if len(text) > MAX_TEXT or "\x00" in text:
        faults["text"] = _("At most %(most)s characters.") % {"most": MAX_TEXT}
    if faults:
        raise BadInput(errors=faults)
    return text
