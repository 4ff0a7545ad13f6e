"""Sending a job message. A message is only a hint: each job also finds its work in the database by a sweep."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

log = logging.getLogger(__name__)
BROKEN = (KombuError, OSError)  # kombu's OperationalError covers Redis and AMQP


def after_commit(job: str, *arguments: object) -> None:
    """Hint at the job once the transaction is committed; nothing is sent when it is rolled back.

    job: the task's name ("consensus.settle_project"); arguments must be plain JSON values, ids in general.
    A broker that does not answer costs no more than a log line: the sweep will find the work.
    """
    transaction.on_commit(lambda: send(job, *arguments), robust=True)


def send(job: str, *arguments: object) -> bool:
    """Hint at the job now; False when the broker does not answer."""
    try:
        current_app.send_task(job, list(arguments))
    except BROKEN as error:
        log.warning("The broker does not answer, %s waits for its sweep: %s", job, error)
        return False
    return True
