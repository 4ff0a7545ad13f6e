"""The doors to what came out of a project."""

from crowd.consensus.models import BiasReport, Export
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.users.models import User


def export_for(user: User, project_id: int, export_id: int) -> Export:
    """To read: for whoever may read the project. NotFound for everybody else."""
    found = Export.objects.filter(project=project_for(user, project_id), pk=export_id).first()
    if found is None:
        raise NotFound
    return found


def bias_report_for(user: User, project_id: int, *, question: str, label: str = "", column: str = "") -> BiasReport:
    """Likewise."""
    project = project_for(user, project_id)
    asked = BiasReport.objects.filter(project=project, question=question, label=label, column=column)
    found = asked.first()
    if found is None:
        raise NotFound
    return found
