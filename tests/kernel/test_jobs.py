"""Every job of the product: limited in time, done again when its worker dies, seen when it fails, never in the way."""

from datetime import timedelta
from typing import Any

import pytest
from celery import Task, current_app
from celery.contrib.testing.app import TestApp
from django.conf import settings
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from crowd.kernel import clock, job_runs
from crowd.kernel.job_runs import DIED, NotedTask, pause_after
from crowd.kernel.models import JobRun
from crowd.kernel.one_by_one import one_by_one, parts

HOUR = timedelta(hours=1)


def jobs() -> list["Task[Any, Any]"]:
    current_app.loader.import_default_modules()
    return [job for name, job in sorted(current_app.tasks.items()) if not name.startswith(("celery.", "tests."))]


def test_each_job_is_limited_in_time_done_again_when_its_worker_dies_and_noted() -> None:
    assert len(jobs()) > 30
    app = current_app.conf
    for job in jobs():
        soft, hard = job.soft_time_limit or app.task_soft_time_limit, job.time_limit or app.task_time_limit
        assert 0 < soft < hard <= 24 * 3600, job.name
        assert job.acks_late is True, job.name
        assert job.reject_on_worker_lost is True, job.name
        assert job.ignore_result is True, job.name
        assert isinstance(job, NotedTask), job.name
        assert not hasattr(job, "autoretry_for"), job.name  # what fails is tried again by its sweep, after its pause


def test_what_beat_sends_needs_no_argument_so_that_it_finds_its_work_itself() -> None:
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        job: Any = current_app.tasks[entry["task"]]
        assert job.run.__code__.co_argcount == 0, job.name
        assert "args" not in entry


@pytest.fixture
def job() -> Any:
    """Fails as long as `job.fails` is true."""
    app = TestApp()

    @app.task(name="tests.trying_often", base=NotedTask, bind=True, shared=False)
    def trying(self: Any, number: int) -> None:
        self.tried += 1
        if self.meets:
            job_runs.met_another()
        if self.fails:
            raise RuntimeError("No disk.")

    made: Any = trying
    made.tried, made.fails, made.meets = 0, True, False
    return made


@pytest.mark.django_db
def test_a_job_that_fails_is_tried_less_and_less_often_and_seen_until_it_succeeds(job: Any) -> None:
    for attempt, pause_s in enumerate([0, 30, 60, 120, 240], start=1):
        job.apply([7])
        run = JobRun.objects.get()
        assert (run.name, job.tried, run.runs, run.failures) == ("tests.trying_often 7", attempt, attempt, attempt)
        assert run.error == "RuntimeError: No disk."
        assert pause_after(attempt) == timedelta(seconds=pause_s)
        if pause_s:
            clock.advance(timedelta(seconds=pause_s - 1))
            job.apply([7])  # a sweep, or anybody, sends it: it is not let begin
            assert job.tried == attempt
        clock.advance(timedelta(seconds=2))
    assert max(pause_after(attempts) for attempts in range(1000)) == HOUR

    job.fails = False
    job.apply([8])  # about something else: that is not held back
    assert job.tried == attempt + 1
    clock.advance(HOUR)
    job.apply([7])
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_job_that_kills_its_process_is_held_back_as_well_and_seen(job: Any) -> None:
    """Its message comes again as often as nobody lived to acknowledge it."""
    for _death in range(3):
        job.before_start("", [7], {})
        clock.advance(timedelta(seconds=31))
    job.apply([7])
    assert job.tried == 0
    assert JobRun.objects.get().error == DIED
    clock.advance(8 * timedelta(days=1))
    assert job_runs.forget_old() == 1


@pytest.mark.django_db
def test_a_job_that_meets_another_at_its_work_says_nothing_of_how_that_ends(job: Any) -> None:
    job.fails, job.meets = False, True
    job.before_start("", [7], {})  # it works for long
    for _sweep in range(2):
        clock.advance(timedelta(seconds=31))
        job.apply([7])
    run = JobRun.objects.get()
    assert (job.tried, run.runs, run.finished_at, run.error) == (2, 3, None, "")  # nobody is said to be killed

    clock.advance(timedelta(seconds=61))  # it is killed; so is the next
    job.before_start("", [7], {})
    assert JobRun.objects.get().error == DIED
    clock.advance(timedelta(seconds=119))
    job.apply([7])  # held back: none of four has succeeded
    assert job.tried == 2

    clock.advance(timedelta(seconds=2))
    job.meets = False
    job.apply([7])  # nobody is there: it does the work itself
    assert job.tried == 3
    assert not JobRun.objects.exists()


def test_a_row_in_trouble_holds_up_no_other_and_is_seen() -> None:
    done: list[int] = []

    def deed(row: int) -> int:
        if row == 2:
            raise ValueError("odd")
        done.append(row)
        return 1

    with pytest.raises(ValueError, match="odd"):
        one_by_one(deed, [(1,), (2,), (3,)])
    assert done == [1, 3]
    with pytest.raises(ValueError, match="odd"):
        parts(lambda: deed(2), lambda: deed(4))
    assert done == [1, 3, 4]
    assert parts(lambda: deed(5), lambda: deed(6)) == 2

    def deadlocked(row: int) -> int:
        if row == 7:
            raise OperationalError("deadlock detected") from DeadlockDetected()
        return deed(row)

    with pytest.raises(OperationalError, match="deadlock"):
        one_by_one(deadlocked, [(7,), (8,)])
    assert done[-1] == 8

    def gone(row: int) -> int:
        done.append(row)
        raise OperationalError("the database is gone")

    with pytest.raises(OperationalError):
        one_by_one(gone, [(9,), (10,)])
    assert done[-1] == 9


@pytest.mark.django_db
def test_what_went_wrong_stays_seen_while_an_attempt_only_meets_another(job: Any) -> None:
    job.apply([7])
    before = JobRun.objects.get()

    job.fails, job.meets = False, True
    clock.advance(timedelta(seconds=31))
    job.apply([7])

    after = JobRun.objects.get()
    assert (after.error, after.finished_at, after.runs) == (before.error, before.finished_at, 2)
    assert after.error == "RuntimeError: No disk."
