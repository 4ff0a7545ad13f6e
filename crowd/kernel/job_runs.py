"""Notes how jobs went, for the page of staff, and tries again what fails less and less often.

Jobs of the timetable have a row each. Any other job is about one thing ("consensus.settle_project 7"); the row of such
a one is there from its first attempt until one succeeds, so that what raises, runs out of time or kills its process is
seen, and does not take the place of others every few seconds: sweeps send it as often as before, and it is let begin
once its pause is over. An attempt that finds another one at its very work, and leaves it to that (`met_another`), has
not succeeded: the row stays, for that other may still be killed. A note that cannot be written holds up no job.
"""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from celery import Task, current_task
from celery.exceptions import Ignore
from django.conf import settings
from django.db import DatabaseError
from django.db.models import F

from crowd.kernel import clock

if TYPE_CHECKING:
    from crowd.kernel.models import JobRun  # Celery loads this file before Django's tables are known

LONGEST = 2_000
FREE_ATTEMPTS = 2  # one may have died with its machine, or met another at the same work
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
KEPT = timedelta(days=7)  # of a thing that nobody tries any more
DIED = "It did not end: killed, or its time was up."
log = logging.getLogger(__name__)


class NotedTask(Task[Any, Any]):
    """The base of all jobs."""

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Raises Ignore, and with it drops the message, while an attempt that failed is not long enough ago."""
        name = self._name(args)
        known = None if self._is_timed() else _known(name)
        if known is not None and clock.now() < known.started_at + pause_after(known.runs):
            raise Ignore
        this: Any = self.request
        this.known, this.met_another = known, False
        died = {"error": DIED} if known is not None and known.finished_at is None else {}  # unless this one meets it
        _note(name, "started_at", finished_at=None, runs=F("runs") + 1, **died)

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        this: Any = self.request
        if self._is_timed():
            _note(self.name, "finished_at", error="")
        elif this.met_another and this.known is not None:
            _note_as_before(this.known)
        else:
            _forget(self._name(args))

    def on_failure(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        said = f"{type(exc).__name__}: {exc}"[:LONGEST]
        _note(self._name(args), "finished_at", error=said, failures=F("failures") + 1)

    def _is_timed(self) -> bool:
        return self.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    def _name(self, args: Any) -> str:
        return " ".join(map(str, (self.name, *args)))[:100]


def met_another() -> None:
    """The job of the moment, if any, has left its work to another attempt that is still at it."""
    job: Any = current_task
    if job:
        job.request.met_another = True


def pause_after(attempts: int) -> timedelta:
    """Before the next one, none of so many having succeeded."""
    tried = attempts - FREE_ATTEMPTS
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tried, 20)) if tried >= 0 else timedelta()


def forget_old() -> int:
    """Rows about one thing whose last attempt is long ago: it is not due any more. How many; for a job."""
    from crowd.kernel.models import JobRun

    return JobRun.objects.filter(started_at__lt=clock.now() - KEPT, name__contains=" ").delete()[0]


def _known(name: str) -> "JobRun | None":
    from crowd.kernel.models import JobRun

    try:
        return JobRun.objects.filter(pk=name).first()
    except DatabaseError:
        return None


def _forget(name: str) -> None:
    from crowd.kernel.models import JobRun

    try:
        JobRun.objects.filter(pk=name).delete()
    except DatabaseError:
        log.warning("The run of %s could not be noted.", name)


def _note_as_before(known: "JobRun") -> None:
    """This attempt says nothing of how its work went: what was said before it holds again."""
    from crowd.kernel.models import JobRun

    try:
        JobRun.objects.filter(pk=known.pk).update(error=known.error, finished_at=known.finished_at)
    except DatabaseError:
        log.warning("The run of %s could not be noted.", known.pk)


def _note(name: str, stamp: str, **changes: Any) -> None:
    from crowd.kernel.models import JobRun

    try:
        now = clock.now()
        changes[stamp] = now
        if not JobRun.objects.filter(pk=name).update(**changes):
            JobRun.objects.get_or_create(pk=name, defaults={"started_at": now})
            JobRun.objects.filter(pk=name).update(**changes)
    except DatabaseError:
        log.warning("The run of %s could not be noted.", name)
