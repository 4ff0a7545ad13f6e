"""Background work of the pages. A message is only a hint: what was not counted is counted by who looks."""

from celery import shared_task

from crowd.kernel import hints, replica
from crowd.projects.models import Project
from crowd.web.requester import kept, urls  # noqa: F401  (every page says which figures it keeps)


@shared_task(name=kept.JOB)
def count_figure(project_id: int, name: str) -> None:
    if kept.is_fresh(project_id, name):
        return
    project = Project.objects.select_related("organisation").get(pk=project_id)
    replica.read(lambda: kept.count_anew(project, name), replica.JOB_PATIENCE_S)


@shared_task(name="web.sweep_figures")
def sweep_figures() -> None:
    for project_id, name in kept.due():
        hints.send(kept.JOB, project_id, name)
