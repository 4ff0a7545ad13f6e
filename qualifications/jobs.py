"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task

from qualifications.services import attempts, endings, requests


@shared_task
def expire_attempts() -> int:
    return attempts.expire_overdue()


@shared_task
def forget_documents() -> int:
    return requests.forget_documents()


@shared_task
def tell_endings() -> int:
    return endings.tell_due()
