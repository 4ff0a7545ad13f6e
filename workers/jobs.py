"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task

from workers.services import blocks


@shared_task
def lift_overdue_blocks() -> int:
    return blocks.lift_overdue()
