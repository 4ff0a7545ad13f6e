"""A worker calls for an expert: the task goes up by his call, once nobody holds it any more."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.errors import NoWork
from crowd.assignments.models import Assignment
from crowd.assignments.services import give_back, slots, task_review
from crowd.assignments.states import AssignmentState
from crowd.consensus.jobs import aggregate_project
from crowd.consensus.services.escalate import escalate
from crowd.kernel.errors import CrowdError
from crowd.projects.models import Project, Task
from crowd.projects.states import TaskState
from crowd.users.models import User
from crowd.web.requester.decisions import cost_of
from qualifications.models import Qualification
from tests import make
from tests.check import all_is_well
from tests.consensus.tiers.specialists import CALL, HARD, PRICE, make_doctor, next_of, say, up
from tests.races import errors, together
from workers.models import Worker

pytestmark = pytest.mark.django_db


def test_a_call_for_an_expert_stops_asking_others_and_waits_for_who_holds_the_task(
    open_with: Callable[..., Project], doctor: Worker
) -> None:
    project = open_with(1, {"redundancy": 3})
    caller, holder = make.make_worker(), make.make_worker()
    held = next_of(holder, project)
    said = say(caller, next_of(caller, project), CALL)
    assert escalate(project.pk) == 0
    task = Task.objects.get(project=project)
    assert (task.tier, task.needed, task.filled, task.open) == (0, 2, 2, False)  # nobody else is given it
    with pytest.raises(NoWork):
        next_of(doctor, project)
    all_is_well()
    give_back.return_task(worker=holder, assignment_id=held.pk)
    assert escalate(project.pk) == 1
    all_is_well()
    assert next_of(doctor, project).reward_micros == HARD
    aggregate_project(project.pk)
    said.assignment.refresh_from_db()
    assert said.assignment.state == AssignmentState.ACCEPTED  # others were asked, as he said
    all_is_well()


def test_calls_that_put_a_task_before_the_requester_send_it_on_instead(open_with: Callable[..., Project]) -> None:
    project = open_with(1, expert_calls=2)
    for worker in (make.make_worker(), make.make_worker()):
        say(worker, next_of(worker, project), CALL)
    task = Task.objects.get(project=project)
    assert task.state == TaskState.REVIEW
    escalate(project.pk)
    task.refresh_from_db()
    assert (task.state, task.tier, task.open) == (TaskState.LIVE, 1, True)
    all_is_well()


def test_what_was_said_below_is_neither_the_specialists_report_nor_an_answer_that_they_lack(
    open_with: Callable[..., Project], requester: User, doctors: Qualification, client: Client
) -> None:
    """Two calls sent it up, which is the project's limit: the specialists have two reports of their own."""
    project = open_with(1, {"redundancy": 3}, expert_calls=2, redundancy=2, budget_micros=2 * PRICE)
    for worker in (make.make_worker(), make.make_worker()):
        say(worker, next_of(worker, project), CALL)
    assert escalate(project.pk) == 1
    (task,) = up(project)
    assert slots.missing(task) == 0
    first, second = make_doctor(doctors), make_doctor(doctors)
    say(first, next_of(first, project), CALL)
    task.refresh_from_db()
    assert (task.state, slots.missing(task)) == (TaskState.LIVE, 1)
    last = say(second, next_of(second, project), CALL).assignment
    task.refresh_from_db()
    assert (task.state, slots.missing(task)) == (TaskState.REVIEW, 2)

    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(reverse("web:requester:task-waiting", args=[project.pk, task.pk])).content.decode()
    assert "0.24" in shown  # two answers of specialists
    (line,) = Assignment.objects.filter(pk=last.pk).select_related("task")
    assert cost_of(project, [line], "reject")["again_micros"] == PRICE
    task_review.ask_again(actor=requester, project_id=project.pk, task_id=task.pk, reason="There is an answer.")
    task.refresh_from_db()
    assert (task.needed - task.filled, slots.missing(task)) == (2, 0)
    all_is_well()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a_call_and_whoever_takes_or_submits_meanwhile(self, open_with: Callable[..., Project]) -> None:
        """Whatever comes first, no slot changes its price under anybody, and none is asked for twice."""
        project = open_with(6, {"redundancy": 3}, budget_micros=12 * PRICE)
        one, two, three, four = (make.make_worker() for _ in range(4))
        for worker in (one, two):
            for _ in range(3):
                say(worker, next_of(worker, project), CALL)

        def work(worker: Worker) -> None:
            for _ in range(6):
                try:
                    say(worker, next_of(worker, project), CALL)
                except CrowdError:
                    return

        done = together(
            lambda: escalate(project.pk),
            lambda: escalate(project.pk),
            lambda: work(three),
            lambda: work(four),
        )
        assert errors(done) == []
        escalate(project.pk)
        all_is_well()
        assert {task.needed - task.filled for task in up(project)} == {1}
