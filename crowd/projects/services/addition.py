from datetime import datetime

from crowd.projects.imports.checking import Report
from crowd.projects.models import Upload
from crowd.projects.services import budget
from crowd.projects.services.cut import Cut
from crowd.projects.services.record import record
from crowd.projects.states import ImportState, ProjectState
from crowd.users.models import User


def finish(upload: Upload, report: Report, added: Cut, *, actor: User, now: datetime) -> None:
    """The end of every addition of items: pay for it where the project is published, and write down what came of it.

    Inner: the caller holds the row of `upload.project`, loaded under that lock. Raises BudgetShort.
    """
    project = upload.project
    if project.state != ProjectState.DRAFT:
        budget.reserve_addition(project, added, key=f"items:{upload.pk}", actor=actor, now=now)
    upload.state, upload.finished_at = ImportState.DONE, now
    upload.rows_good, upload.rows_bad, upload.rows_known = report.good, report.bad, report.known
    upload.errors = report.errors
    upload.save()
    after = {"upload": upload.pk, "items": report.good, "tasks": added.tasks, "slots": added.slots}
    record(actor, project, "project.items", now=now, after=after)
