"""A Celery worker in a thread of the test, on the broker of the settings (Redis when CELERY_BROKER_URL says so)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from celery.contrib.testing.worker import start_worker
from kombu import Connection

from crowd.celery import app

LOOK_S = 0.05  # Celery looks every second or two for messages in memory, and whether it shall end


@contextmanager
def job_worker(**options: Any) -> Iterator[None]:
    drain = Connection.drain_events

    def soon(self: Connection, **given: Any) -> object:
        return drain(self, **given | {"timeout": LOOK_S})

    with (
        patch.object(Connection, "drain_events", soon),
        start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30, **options),
    ):
        yield
