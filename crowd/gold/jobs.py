"""Background work of gold: every sweep finds its work in the database."""

from celery import shared_task

from crowd.gold.services import flags, repair, watch
from crowd.kernel import hints


@shared_task(name="gold.repair")
def repair_revision(revision_id: int) -> None:
    repair.repair(revision_id)


@shared_task(name="gold.watch")
def watch_project(project_id: int) -> None:
    watch.watch(project_id)


@shared_task(name="gold.audit")
def audit_project(project_id: int) -> None:
    flags.tell(project_id)


@shared_task(name="gold.sweep")
def sweep() -> None:
    """Revisions that are not worked through yet; aggregations that were not held against the workers, or the keys."""
    for revision_id in repair.due():
        hints.send("gold.repair", revision_id)
    for project_id in watch.due():
        hints.send("gold.watch", project_id)
    for project_id in flags.due():
        hints.send("gold.audit", project_id)
