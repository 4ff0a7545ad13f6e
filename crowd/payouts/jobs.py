"""What runs by itself."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from crowd.kernel import clock
from crowd.payouts.models import Batch
from crowd.payouts.states import BatchState


@shared_task(name="crowd.payouts.jobs.forget_files")
def forget_files() -> int:
    """Daily: delete the files of batches settled longer ago than the law wants records of them; how many."""
    limit = clock.now() - timedelta(days=settings.CROWD_PAYOUT_RECORD_DAYS)
    old = Batch.objects.filter(state=BatchState.SETTLED, settled_at__lt=limit, file__isnull=False)
    return old.update(file=None, file_key=None)
