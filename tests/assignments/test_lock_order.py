"""The order of locks in docs/concurrency.md, where two of them meet that no other test brings together."""

from datetime import timedelta

import pytest
from django.db import transaction

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import give_back, pause, recount, take
from crowd.assignments.services.submit import submit
from crowd.kernel import clock, locks
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.races import PATIENCE_S, begin, wait_before_a_lock
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_recount_waits_for_the_gate_before_it_holds_the_project(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """Closing takes the gate, then the project's row. Whoever takes the row first and then waits for the gate would
    wait for ever."""
    project = make_open(actor=requester, organisation=organisation)
    take.take_next(worker=worker, project_id=project.pk)
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="Let us talk first.")
    paused = Participation.objects.get()

    with transaction.atomic():
        locks.exclusive(locks.Gate.PROJECT, project.pk)  # as closing does
        counting = begin(lambda: recount.recount(paused.pk))
        wait_before_a_lock(1)
        Project.objects.select_for_update(no_key=True, nowait=True).get(pk=project.pk)  # as closing does then
    counting.join(PATIENCE_S)

    paused.refresh_from_db()
    assert not paused.recount_due
    all_is_well()


@pytest.mark.parametrize("deed", ["report", "late", "overdue"])
def test_nobody_waits_for_the_gold_reserve_with_a_task_in_hand(
    requester: User, organisation: Organisation, worker: Worker, deed: str
) -> None:
    """Whoever submits holds the reserve, where gold follows, and then counts at the task: two who share one would wait
    for each other."""
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(4, gold=2), gold_share="0.5", time_limit_s=60
    )
    held = take.take_next(worker=worker, project_id=project.pk)
    while held.is_gold:
        held = goes_on(worker, held)
    Participation.objects.filter(project=project).update(next_gold_at=0)
    value = {"cannot_answer": {"reason": "unclear"}} if deed == "report" else {"mood": "good"}
    if deed != "report":
        clock.advance(timedelta(seconds=61))
    if deed == "late":
        give_back.expire_due()

    def work() -> None:
        if deed == "overdue":
            take.take_next(worker=worker, project_id=project.pk)
        else:
            submit(worker=worker, assignment_id=held.pk, value=value)

    with transaction.atomic():
        locks.exclusive(locks.Gate.GOLD_RESERVE, project.pk)
        working = begin(work)
        wait_before_a_lock(1)
        Task.objects.select_for_update(no_key=True, nowait=True).get(pk=held.task_id)
    working.join(PATIENCE_S)
    all_is_well()


def test_who_waits_to_count_his_answer_has_no_other_task_in_hand(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    """His answer is stored and his next task picked in one statement. Two who do so, and pick each other's task first,
    would wait for each other."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(6), redundancy=2)
    held = take.take_next(worker=worker, project_id=project.pk)
    with transaction.atomic():
        Task.objects.select_for_update(no_key=True).get(pk=held.task_id)
        working = begin(lambda: goes_on(worker, held))
        wait_before_a_lock(1)
        assert len(Task.objects.select_for_update(no_key=True, nowait=True).filter(project=project)) == 6
    working.join(PATIENCE_S)
    assert Assignment.objects.get(pk=held.pk).state == "submitted"
    all_is_well()


def goes_on(worker: Worker, held: Assignment) -> Assignment:
    following = submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}).next
    assert following is not None
    return following
