"""What becomes of answers from below touches no slot of the specialists."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import give_back, pause, recount
from crowd.consensus.jobs import aggregate_project
from crowd.consensus.services.escalate import escalate
from crowd.kernel import clock
from crowd.projects.models import Project, Task
from crowd.users.models import User
from tests import make
from tests.check import all_is_well
from tests.consensus.tiers.specialists import CALL, next_of, say, tear, up
from workers.models import Worker

pytestmark = pytest.mark.django_db


def test_answers_from_below_stop_and_start_counting_without_touching_the_specialists_slots(
    open_with: Callable[..., Project], requester: User, doctor: Worker
) -> None:
    project = open_with(20)
    worker, _other = tear(project, 1)
    aggregate_project(project.pk)
    (task,) = up(project)
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="I want to look at them.")
    recount.recount(Participation.objects.get(project=project, worker=worker).pk)
    task.refresh_from_db()
    assert (task.needed, task.filled) == (2, 1)  # his slot closed: the specialist's is the one that is asked for
    assert Task.objects.filter(project=project, tier=0, open=True).count() == 19
    all_is_well()
    pause.lift(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="They are fine.")
    recount.recount(Participation.objects.get(project=project, worker=worker).pk)
    task.refresh_from_db()
    assert (task.needed, task.filled, task.open) == (3, 2, True)
    all_is_well()
    held = next_of(doctor, project)
    say(doctor, held)
    pause.pause(actor=requester, project_id=project.pk, worker_id=doctor.pk, reason="And at yours.")
    recount.recount(Participation.objects.get(project=project, worker=doctor).pk)
    task.refresh_from_db()
    assert (task.needed, task.filled, task.open) == (3, 2, True)  # asked of another specialist
    all_is_well()


def test_a_late_answer_from_below_takes_no_specialists_slot(open_with: Callable[..., Project]) -> None:
    project = open_with(1, {"redundancy": 2, "time_limit_s": 60, "grace_s": 3600})
    late, caller = make.make_worker(), make.make_worker()
    held = next_of(late, project)
    say(caller, next_of(caller, project), CALL)
    Assignment.objects.filter(pk=held.pk).update(deadline=clock.now() - timedelta(seconds=1))
    give_back.expire_due()
    assert escalate(project.pk) == 1
    done = say(late, held)
    assert not done.counted
    assert up(project)[0].open
    all_is_well()
