"""Jobs of the ground floor."""

from celery import shared_task

from crowd.kernel import idempotency, job_runs


@shared_task
def forget_idempotency_records() -> int:
    return idempotency.forget_old() + job_runs.forget_old()
