"""A worker's way through a project: take, answer, take the next; return, run out of time, come late."""

from datetime import timedelta
from random import Random

import pytest

from crowd.assignments.errors import (
    AnswerRefused,
    DifferentAnswer,
    NotEligible,
    NotHeld,
    NoWork,
    ProjectNotOpen,
    TasksNotChosen,
    TaskTaken,
)
from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import give_back, take
from crowd.assignments.services.submit import submit
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
GOOD = {"mood": "good"}
BAD = {"mood": "bad"}


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=2)


def test_a_worker_answers_each_task_once_and_is_told_when_there_is_no_more(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    seen = {held.task_id}
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    while done.next is not None:
        seen.add(done.next.task_id)
        done = submit(worker=worker, assignment_id=done.next.id, value=GOOD)
    assert len(seen) == 3
    assert isinstance(done.ended, NoWork)
    with pytest.raises(NoWork):
        take.take_next(worker=worker, project_id=project.id)
    all_is_well()


def test_asking_again_gives_the_same_assignment(project: Project, worker: Worker) -> None:
    first = take.take_next(worker=worker, project_id=project.id)
    assert take.take_next(worker=worker, project_id=project.id).id == first.id


def test_two_workers_fill_a_task_and_a_third_gets_none(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=2)
    for _ in range(2):
        take.take_next(worker=make.make_worker(), project_id=project.id)
    with pytest.raises(NoWork):
        take.take_next(worker=make.make_worker(), project_id=project.id)
    all_is_well()


def test_what_was_promised_is_frozen_when_the_task_is_taken(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    assert (held.reward_micros, held.fee_micros) == (40_000, 8_000)
    assert held.deadline == held.taken_at + timedelta(seconds=project.time_limit_s)
    assert held.config_id == project.config_id


def test_the_same_answer_again_is_an_echo_and_another_is_refused(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    first = submit(worker=worker, assignment_id=held.id, value=GOOD)
    again = submit(worker=worker, assignment_id=held.id, value={"units": [GOOD]})
    assert again.again
    assert again.answer.id == first.answer.id
    assert first.next is not None
    assert again.next is not None
    assert again.next.id == first.next.id
    with pytest.raises(DifferentAnswer) as refused:
        submit(worker=worker, assignment_id=held.id, value=BAD)
    assert refused.value.data["stored"] == {"units": [GOOD]}
    assert Answer.objects.count() == 1
    all_is_well()


def test_an_answer_that_does_not_fit_names_the_place_and_changes_nothing(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    with pytest.raises(AnswerRefused) as refused:
        submit(worker=worker, assignment_id=held.id, value={"mood": "sideways"})
    assert refused.value.data["path"] == "mood"
    assert "sideways" in str(refused.value)
    held.refresh_from_db()
    assert held.state == "active"
    assert not Answer.objects.exists()


def test_nobody_answers_somebody_elses_assignment(project: Project, worker: Worker, other_worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    with pytest.raises(NotFound):
        submit(worker=other_worker, assignment_id=held.id, value=GOOD)
    with pytest.raises(NotFound):
        give_back.return_task(worker=other_worker, assignment_id=held.id)


def test_a_returned_task_is_free_for_others_and_not_offered_to_him_again(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    give_back.return_task(worker=worker, assignment_id=held.id, reason="too_hard")
    assert give_back.return_task(worker=worker, assignment_id=held.id).return_reason == "too_hard"
    with pytest.raises(NoWork):
        take.take_next(worker=worker, project_id=project.id)
    assert take.take_next(worker=other_worker, project_id=project.id).task_id == held.task_id
    with pytest.raises(NotHeld):
        submit(worker=worker, assignment_id=held.id, value=GOOD, attempt=2)
    all_is_well()


def test_a_reason_that_is_none_is_refused(project: Project, worker: Worker) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    with pytest.raises(BadInput):
        give_back.return_task(worker=worker, assignment_id=held.id, reason="bored")


def test_when_the_time_is_over_the_slot_is_free_again(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1, time_limit_s=60)
    take.take_next(worker=worker, project_id=project.id)
    assert give_back.expire_due() == 0
    clock.advance(timedelta(seconds=61))
    assert give_back.expire_due() == 1
    assert give_back.expire_due() == 0
    take.take_next(worker=other_worker, project_id=project.id)
    all_is_well()


def test_a_late_answer_counts_within_the_grace_time_while_its_slot_is_free(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(1), redundancy=1, time_limit_s=60, grace_s=120
    )
    held = take.take_next(worker=worker, project_id=project.id)
    clock.advance(timedelta(seconds=90))
    give_back.expire_due()
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    assert done.counted
    assert done.answer.late
    assert done.assignment.state == "submitted"
    all_is_well()


@pytest.mark.parametrize("seconds_late", [30, 300])
def test_a_late_answer_without_a_place_is_kept_but_neither_counts_nor_is_paid(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker, seconds_late: int
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(1), redundancy=1, time_limit_s=60, grace_s=120
    )
    held = take.take_next(worker=worker, project_id=project.id)
    clock.advance(timedelta(seconds=60 + seconds_late))
    give_back.expire_due()
    take.take_next(worker=other_worker, project_id=project.id)
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    assert not done.counted
    assert Answer.objects.get().value == {"units": [GOOD]}
    assert Assignment.objects.get(id=held.id).state == "expired"
    all_is_well()


def test_a_paused_project_gives_out_nothing_but_what_is_held_may_be_finished(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    publish.pause(actor=requester, project_id=project.id, reason="A question came up.")
    with pytest.raises(ProjectNotOpen) as closed:
        take.take_next(worker=other_worker, project_id=project.id)
    assert closed.value.data["reason"] == "A question came up."
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    assert done.counted
    assert isinstance(done.ended, ProjectNotOpen)


def test_a_named_task_only_where_the_project_lets_workers_choose(
    project: Project, requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    task = Task.objects.filter(project=project).first()
    assert task is not None
    with pytest.raises(TasksNotChosen):
        take.take_named(worker=worker, project_id=project.id, task_id=task.id)
    free = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1, choose_tasks=True)
    first, second = Task.objects.filter(project=free).order_by("id")
    held = take.take_named(worker=worker, project_id=free.id, task_id=second.id)
    assert held.task_id == second.id
    assert take.take_named(worker=worker, project_id=free.id, task_id=second.id).id == held.id
    with pytest.raises(TaskTaken):
        take.take_named(worker=worker, project_id=free.id, task_id=first.id)
    with pytest.raises(TaskTaken):
        take.take_named(worker=other_worker, project_id=free.id, task_id=second.id)
    all_is_well()


def test_a_returned_task_may_be_taken_by_name_again_as_a_further_attempt(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1, choose_tasks=True)
    task = Task.objects.get(project=project)
    held = take.take_named(worker=worker, project_id=project.id, task_id=task.id)
    give_back.return_task(worker=worker, assignment_id=held.id)
    again = take.take_named(worker=worker, project_id=project.id, task_id=task.id)
    assert (again.id, again.attempt) == (held.id, 2)
    submit(worker=worker, assignment_id=held.id, value=GOOD)
    all_is_well()


def test_members_of_the_posting_organisation_earn_nothing_in_its_public_projects(
    project: Project, requester: User
) -> None:
    own = make.make_worker(user=requester)
    with pytest.raises(NotEligible):
        take.take_next(worker=own, project_id=project.id)


def test_a_limit_of_tasks_a_person(requester: User, organisation: Organisation, worker: Worker) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), max_tasks_per_worker=1)
    held = take.take_next(worker=worker, project_id=project.id)
    done = submit(worker=worker, assignment_id=held.id, value=GOOD)
    assert isinstance(done.ended, NotEligible)


def test_everybody_walks_the_ring_from_a_place_of_his_own(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(40), redundancy=10)
    firsts = {
        take.take_next(worker=make.make_worker(), project_id=project.id, random=Random(seed)).task_id
        for seed in range(8)
    }
    assert len(firsts) > 1
    assert Participation.objects.filter(project=project).count() == 8
