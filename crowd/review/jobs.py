"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task

from crowd.review.services import appeals


@shared_task(name="review.grant_overdue")
def grant_overdue() -> None:
    appeals.grant_overdue()
