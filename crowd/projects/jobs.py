"""Imports in the background. A message is only a hint: the sweep finds what waits, or what a crash left half-way."""

from celery import shared_task

from crowd.projects.services import uploads

HOUR_S = 3600


# Many files may have to be fetched. The claim makes a second delivery of the message harmless.
@shared_task(name="crowd.projects.jobs.process_upload", soft_time_limit=12 * HOUR_S, time_limit=12 * HOUR_S + 60)
def process_upload(upload_id: int) -> None:
    uploads.process(upload_id=upload_id)


@shared_task(name="crowd.projects.jobs.sweep_uploads")
def sweep_uploads() -> None:
    """Every minute. Sends each import to a job of its own, so that a long one holds up no other."""
    for upload_id in uploads.due():
        process_upload.delay(upload_id)
    uploads.tidy()
