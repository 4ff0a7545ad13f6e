"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task

from crowd.review.services import appeals, choosing, reworks


@shared_task(name="review.grant_overdue")
def grant_overdue() -> None:
    appeals.grant_overdue()


@shared_task(name="review.sweep")
def sweep() -> None:
    """Tasks to review after an aggregation; rework whose time is over; reviews of what was answered once more."""
    for project_id in choosing.due():
        choosing.choose(project_id)
    reworks.end_overdue()
    reworks.open_again()
