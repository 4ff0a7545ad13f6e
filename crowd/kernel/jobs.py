"""Jobs of the ground floor."""

from celery import shared_task

from crowd.kernel import idempotency, job_runs
from crowd.kernel.one_by_one import parts


@shared_task
def forget_idempotency_records() -> int:
    return parts(idempotency.forget_old, job_runs.forget_old)
