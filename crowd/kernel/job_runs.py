"""Notes how the jobs of the timetable went, for the page of staff. A note that cannot be written holds up no job."""

import logging
from typing import Any

from celery import Task
from django.conf import settings
from django.db import DatabaseError
from django.db.models import F

from crowd.kernel import clock

LONGEST = 2_000
log = logging.getLogger(__name__)


class NotedTask(Task[Any, Any]):
    """The base of all jobs; only those of CELERY_BEAT_SCHEDULE are noted."""

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        _note(self.name, "started_at", finished_at=None, runs=F("runs") + 1)

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        _note(self.name, "finished_at", error="")

    def on_failure(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        said = f"{type(exc).__name__}: {exc}"[:LONGEST]
        _note(self.name, "finished_at", error=said, failures=F("failures") + 1)


def _note(name: str, stamp: str, **changes: Any) -> None:
    from crowd.kernel.models import JobRun  # Celery loads this file before Django's tables are known

    if name not in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}:
        return
    try:
        now = clock.now()
        changes[stamp] = now
        if not JobRun.objects.filter(pk=name).update(**changes):
            JobRun.objects.get_or_create(pk=name, defaults={"started_at": now})
            JobRun.objects.filter(pk=name).update(**changes)
    except DatabaseError:
        log.warning("The run of %s could not be noted.", name)
