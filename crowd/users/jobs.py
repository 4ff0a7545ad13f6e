"""Jobs of this app. Each finds its own work in the database, so a lost or doubled message changes nothing."""

from celery import shared_task
from django.db import transaction

from crowd.kernel import clock
from crowd.users.services import person_keys


@shared_task
def destroy_due_keys() -> int:
    """Destroy the keys of erased people whose stated time of keeping is over."""
    with transaction.atomic(durable=True):
        return person_keys.destroy_due(now=clock.now())
