"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task

from crowd.kernel.one_by_one import one_by_one, parts
from crowd.review.services import appeals, choosing, reworks


@shared_task(name="review.grant_overdue")
def grant_overdue() -> None:
    appeals.grant_overdue()


@shared_task(name="review.sweep")
def sweep() -> None:
    """Tasks to review after an aggregation; rework whose time is over; reviews of what was answered once more."""
    parts(_choose_due, reworks.end_overdue, reworks.open_again)


def _choose_due() -> int:
    return one_by_one(choosing.choose, [(project_id,) for project_id in choosing.due()])
