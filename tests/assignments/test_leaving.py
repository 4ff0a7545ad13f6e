"""Content that was warned of: left at any time with pay for the time, and for so many minutes a day."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from crowd.assignments.errors import EnoughToday, NotHeld
from crowd.assignments.models import Answer, Assignment, Leaving
from crowd.assignments.queries import progress
from crowd.assignments.services import take
from crowd.assignments.services.leave import leave
from crowd.assignments.services.submit import submit
from crowd.assignments.services.task_review import ask_again
from crowd.assignments.warned import MOST_PAID, paid_leavings_left
from crowd.consensus.spending import spend
from crowd.kernel import clock
from crowd.kernel.errors import Conflict, NotFound
from crowd.ledger import queries as ledger
from crowd.ledger.states import Holder
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_open, texts
from tests.races import meeting, together
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def agreed(worker: Worker, other_worker: Worker) -> None:
    """They have said that they are ready to see it."""
    for one in (worker, other_worker):
        one.shown_warnings = ["violence"]
        one.save(update_fields=["shown_warnings"])


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return warned(requester, organisation)


def warned(requester: User, organisation: Organisation, **more: Any) -> Project:
    terms = {"content_warnings": ["violence"], "expected_s": 100, "redundancy": 1, "rows": texts(3)}
    return make_open(actor=requester, organisation=organisation, **terms | more)


def hold(worker: Worker, project: Project, seconds: int = 0) -> Assignment:
    held = take.take_next(worker=worker, project_id=project.pk)
    clock.advance(timedelta(seconds=seconds))
    return held


def earned(worker: Worker) -> int:
    return ledger.of_holder(holder=Holder.WORKER, holder_id=worker.pk).get(("available", "USD"), 0)


def test_it_is_said_before_paid_at_once_and_somebody_else_gets_the_task(
    worker: Worker, other_worker: Worker, project: Project, organisation: Organisation
) -> None:
    make.make_money(organisation, 100 * CENT)
    client = Client()
    client.force_login(worker.user)
    offer = client.get(f"/work/projects/{project.pk}/").content.decode()
    assert "You can leave a task at any time" in offer
    assert "at most 120 minutes" in offer
    held = hold(worker, project, 50)
    page = client.get(f"/work/tasks/{held.pk}/").content.decode()
    assert "$0.024 a minute, at most $0.04" in page

    for _time in range(2):  # pressed twice
        assert client.post(f"/work/tasks/{held.pk}/leave/", {"active_ms": "29500"}).status_code == 302
    one = Leaving.objects.get()
    assert (one.seconds, one.reward_micros) == (30, 12_000)  # three tenths of the usual time, and of four cents
    assert earned(worker) == 12_000
    held.refresh_from_db()
    assert (held.state, held.return_reason, held.task.open) == ("returned", "unpleasant", True)
    spent = spend(project)
    assert (spent.paid_micros, spent.fees_micros) == (one.reward_micros, one.fee_micros)
    all_is_well()
    tasks = {hold(other_worker, project).task_id}
    for _number in range(2):
        current = Assignment.objects.get(worker=other_worker, state="active")
        following = submit(worker=other_worker, assignment_id=current.pk, value={"mood": "good"}).next
        tasks |= {following.task_id} if following else set()
    assert held.task_id in tasks
    all_is_well()


def test_where_no_money_is_left_the_slot_pays_and_whoever_leaves_waits_for_nothing(
    worker: Worker, other_worker: Worker, requester: User, organisation: Organisation, project: Project
) -> None:
    held = hold(worker, project, 500)
    assert leave(worker=worker, assignment_id=held.pk, active_ms=10**9).reward_micros == held.reward_micros
    held.task.refresh_from_db()
    assert (held.task.needed, held.task.open, held.task.state) == (0, False, "review")  # nobody is asked any more
    assert (progress(project).done, progress(project).in_review) == (0, 1)
    all_is_well()
    half = hold(other_worker, project, 50)
    first = leave(worker=other_worker, assignment_id=half.pk)  # without a measure: what passed
    assert first.seconds >= 50
    project.refresh_from_db()
    price = held.reward_micros + held.fee_micros
    assert project.surplus_micros == price - first.reward_micros - first.fee_micros
    again = hold(other_worker, project, 10)
    leave(worker=other_worker, assignment_id=again.pk, active_ms=10_000)
    again.task.refresh_from_db()
    assert again.task.open  # the surplus paid for it
    assert earned(other_worker) == first.reward_micros + 4_000
    all_is_well()
    make.make_money(organisation, price)
    ask_again(actor=requester, project_id=project.pk, task_id=held.task_id, reason="It is needed.")
    assert hold(other_worker, project).task_id == held.task_id
    all_is_well()


def test_gold_is_left_like_any_task(worker: Worker, requester: User, organisation: Organisation) -> None:
    project = warned(requester, organisation, rows=texts(6, gold=3), quiz_length=2, quiz_cap=3, gold_share="0.2")
    held = hold(worker, project, 20)
    assert held.is_gold
    left = leave(worker=worker, assignment_id=held.pk)
    assert earned(worker) == left.reward_micros == 400 * left.seconds >= 8_000
    all_is_well()


def test_who_may_leave_what_and_how_often_it_is_paid(
    worker: Worker, other_worker: Worker, requester: User, organisation: Organisation, project: Project
) -> None:
    plain = make_open(actor=requester, organisation=organisation)
    held = hold(worker, plain)
    with pytest.raises(Conflict):
        leave(worker=worker, assignment_id=held.pk)
    with pytest.raises(NotFound):
        leave(worker=other_worker, assignment_id=held.pk)
    done = hold(worker, project)
    submit(worker=worker, assignment_id=done.pk, value={"mood": "good"}, take_next=False)
    with pytest.raises(NotHeld):
        leave(worker=worker, assignment_id=done.pk)
    past: dict[str, Any] = {"assignment": done, "worker": worker, "left_at": clock.now(), "seconds": 1}
    for number in range(MOST_PAID):
        Leaving.objects.create(**past, attempt=number + 2, reward_micros=1, fee_micros=0)
    assert leave(worker=worker, assignment_id=hold(worker, project, 10).pk).reward_micros == 0
    Leaving.objects.filter(assignment=done).delete()
    make.make_money(organisation, 100 * CENT)
    mine = hold(other_worker, project, 10)
    assert len({one.pk for one in together(*[lambda: leave(worker=other_worker, assignment_id=mine.pk)] * 2)}) == 1
    all_is_well()


@pytest.mark.parametrize("locked", [True, False])
def test_leavings_in_two_projects_at_once_are_counted_one_after_the_other(
    worker: Worker,
    requester: User,
    organisation: Organisation,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    locked: bool,
) -> None:
    make.make_money(organisation, 100 * CENT)
    monkeypatch.setattr("crowd.assignments.warned.MOST_PAID", 1)
    both = [hold(worker, one, 10) for one in (project, warned(requester, organisation))]
    monkeypatch.setattr("crowd.assignments.warned.paid_leavings_left", meeting(paid_leavings_left))
    if not locked:
        monkeypatch.setattr("crowd.assignments.services.leave._lock", lambda _assignment: None)
    left = together(*[partial(leave, worker=worker, assignment_id=one.pk) for one in both])
    assert sorted(bool(one.reward_micros) for one in left) == [not locked, True]
    all_is_well()


def test_so_many_minutes_of_it_are_a_days_most(
    worker: Worker, requester: User, organisation: Organisation, settings: Any
) -> None:
    """Every attempt is counted; and an answer that reaches them is stored."""
    settings.CROWD_WARNED_MINUTES = 1
    make.make_money(organisation, 100 * CENT)
    project = warned(requester, organisation, choose_tasks=True)
    first = hold(worker, project, 30)
    submit(worker=worker, assignment_id=first.pk, value={"mood": "good"}, take_next=False)
    second = hold(worker, project, 20)
    leave(worker=worker, assignment_id=second.pk)
    again = take.take_named(worker=worker, project_id=project.pk, task_id=second.task_id)
    assert (again.pk, again.attempt) == (second.pk, 2)
    clock.advance(timedelta(seconds=10))
    done = submit(worker=worker, assignment_id=again.pk, value={"mood": "good"})
    assert done.ended is not None
    assert (done.counted, done.ended.code) == (True, "enough_today")
    assert Answer.objects.filter(pk=done.answer.pk).exists()
    with pytest.raises(EnoughToday, match="1 minute"):
        hold(worker, project)
    clock.advance(timedelta(days=1))
    hold(worker, project)
    all_is_well()
