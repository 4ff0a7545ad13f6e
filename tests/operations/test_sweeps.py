"""The sweeps that beat sends find their work in the database, whatever became of any other message."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.core import mail

from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.services import pause, reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.consensus.models import AggregationRun, Consensus
from crowd.consensus.services import aggregate
from crowd.kernel import clock, hints, job_runs
from crowd.kernel.models import JobRun
from crowd.ledger.models import Transfer
from crowd.notices.models import Letter
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.projects.states import ProjectState
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.operations.waiting import eventually
from tests.races import errors, together
from workers.models import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.jobs]
DAY = timedelta(days=1)
GROUNDS = Grounds(evidence="written", reason="The text is clearly about the weather.")


def beat(entry: str) -> None:
    """What beat does when the time of this entry of its schedule has come."""
    current_app.send_task(settings.CELERY_BEAT_SCHEDULE[entry]["task"])


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)


def answer(worker: Worker, project: Project) -> Assignment:
    held = take.take_next(worker=worker, project_id=project.pk)
    return submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, take_next=False).assignment


def test_a_task_whose_time_ran_out_is_free_again(project: Project, worker: Worker, job_worker: None) -> None:
    take.take_next(worker=worker, project_id=project.pk)
    clock.advance(timedelta(seconds=project.time_limit_s))

    beat("expire assignments")

    assert eventually(lambda: Task.objects.get().open)
    assert Assignment.objects.get().state == "expired"
    all_is_well()


def test_a_paused_workers_answers_stop_counting_though_the_hint_was_lost(
    project: Project, worker: Worker, requester: User, job_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(worker, project)
    with monkeypatch.context() as lost:
        lost.setattr(hints, "send", lambda job, *arguments: False)
        pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="He clicks anything.")
    assert Participation.objects.get().recount_due

    beat("recount answers")

    assert eventually(lambda: not Participation.objects.get().recount_due)
    assert not Assignment.objects.get().counts
    all_is_well()


def test_a_pause_hints_at_its_recount(project: Project, worker: Worker, requester: User, job_worker: None) -> None:
    answer(worker, project)
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="He clicks anything.")

    assert eventually(lambda: not Participation.objects.get().recount_due)
    assert not Assignment.objects.get().counts


def test_a_finished_project_is_merged_paid_and_closed(
    project: Project, worker: Worker, requester: User, job_worker: None
) -> None:
    given = answer(worker, project)
    beat("find projects")
    assert eventually(lambda: AggregationRun.objects.exists())
    assert Consensus.objects.get().value == "good"

    clock.advance(timedelta(seconds=project.auto_accept_s))
    beat("find projects")
    assert eventually(lambda: Assignment.objects.get(pk=given.pk).state == "accepted")

    publish.start_closing(actor=requester, project_id=project.pk)
    beat("find projects")
    assert eventually(lambda: Project.objects.get().state == ProjectState.CLOSED)
    all_is_well()


def test_a_rejection_becomes_final_when_its_window_has_passed(
    project: Project, worker: Worker, requester: User, job_worker: None
) -> None:
    given = answer(worker, project)
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=[given.pk], grounds=GROUNDS)
    clock.advance(settings.CROWD_APPEAL_DAYS * DAY)

    beat("release rejections")

    assert eventually(lambda: Rejection.objects.get().state == "released")
    all_is_well()


def test_a_workers_record_follows(
    requester: User, organisation: Organisation, worker: Worker, job_worker: None
) -> None:
    make.make_money(organisation, 1_000_000)
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1, auto_accept_s=0)
    answer(worker, project)
    beat("find projects")
    assert eventually(lambda: Assignment.objects.get().state == "accepted")

    beat("fold standing")

    assert eventually(lambda: Worker.objects.get(pk=worker.pk).accepted_count == 1)


def test_a_project_in_trouble_holds_up_no_other_and_staff_see_it(
    requester: User,
    organisation: Organisation,
    worker: Worker,
    job_worker: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.make_money(organisation, 1_000_000)
    rows = {"rows": texts(1), "redundancy": 1}
    poisoned, well = (make_open(actor=requester, organisation=organisation, **rows) for _each in range(2))
    for project in (poisoned, well):
        answer(worker, project)
    run = aggregate._run
    name = f"consensus.aggregate_project {poisoned.pk}"

    def odd(project: Project, now: datetime) -> AggregationRun | None:
        if project.pk == poisoned.pk:
            raise RuntimeError("These answers are odd.")
        return run(project, now)

    with monkeypatch.context() as trouble:
        trouble.setattr(job_runs, "FIRST_PAUSE", timedelta(hours=1))
        trouble.setattr(aggregate, "_run", odd)
        for _sweep in range(4):
            beat("find projects")
        assert eventually(lambda: AggregationRun.objects.filter(project=well, state="done").exists())
        assert eventually(lambda: JobRun.objects.filter(pk=name, runs=2, failures=2).exists())
        assert JobRun.objects.get(pk=name).error == "RuntimeError: These answers are odd."
        assert eventually(lambda: JobRun.objects.filter(pk="consensus.sweep", runs=4).exists())

    clock.advance(timedelta(minutes=2))
    beat("find projects")
    assert eventually(lambda: AggregationRun.objects.filter(project=poisoned, state="done").exists())
    assert eventually(lambda: not JobRun.objects.filter(pk=name).exists())
    assert AggregationRun.objects.filter(project=poisoned, state="failed").count() == 2


def twice_at_once(job: str, *arguments: object) -> None:
    done: Any = current_app.tasks[job]
    assert errors(together(*[lambda: done(*arguments)] * 2)) == []


def test_two_beats_double_nothing(
    project: Project,
    requester: User,
    organisation: Organisation,
    worker: Worker,
    other_worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Much is due, and of every sweep two come at the same time, and two of each job that they send."""
    current_app.loader.import_default_modules()
    make.make_money(organisation, 10_000_000)
    done = make_open(actor=requester, organisation=organisation, rows=texts(6, gold=2), redundancy=1, aggregate_every=1)
    lapsed = take.take_next(worker=worker, project_id=project.pk)
    given = [answer(worker, done).pk for _each in range(3)]
    rejected = answer(other_worker, done).pk
    reject.reject(actor=requester, project_id=done.pk, assignment_ids=[rejected], grounds=GROUNDS)
    pause.pause(actor=requester, project_id=done.pk, worker_id=other_worker.pk, reason="Let us talk.")
    clock.advance(settings.CROWD_APPEAL_DAYS * DAY)
    sent: set[tuple[Any, ...]] = set()

    def send(*hint: Any) -> bool:
        sent.add(hint)
        return True

    monkeypatch.setattr(hints, "send", send)

    for entry in sorted(settings.CELERY_BEAT_SCHEDULE.values(), key=lambda entry: entry["task"]):
        twice_at_once(entry["task"])
    for hint in sorted(sent, key=str):
        twice_at_once(*hint)

    assert {hint[0] for hint in sent} >= {"assignments.recount", "consensus.aggregate_project", "notices.send"}
    states = dict(Assignment.objects.values_list("pk", "state"))
    assert {states[one] for one in given} == {"accepted"}
    assert (states[lapsed.pk], states[rejected]) == ("expired", "rejected")
    assert Rejection.objects.get().state == "released"
    assert AggregationRun.objects.filter(project=done).exists()
    assert Transfer.objects.filter(kind="reward").count() == len(given)
    assert Letter.objects.filter(state="sent").count() == len(mail.outbox)
    all_is_well()
