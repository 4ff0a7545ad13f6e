"""Reports that a task cannot be answered: they agree, and a person asks again or closes it."""

from datetime import timedelta
from typing import Any

import pytest

from crowd.assignments.models import Assignment
from crowd.assignments.services import pause, recount, task_review
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import NotEnoughMoney
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.consensus.settling.crowd import CANNOT, PRICE, answer, available, crowd
from tests.make_project import make_open, texts

pytestmark = pytest.mark.django_db


def test_two_reports_that_it_cannot_be_answered_agree_and_take_the_task_out(project: Project) -> None:
    for worker in crowd(2):
        answer(worker, project, CANNOT)
    task = Task.objects.get()
    assert (task.state, task.open, task.cannot_answer_count) == ("review", False, 2)
    assert settle(project.id) == 2
    aggregate(project.id)
    assert not Consensus.objects.exists()
    all_is_well()


def test_a_task_in_review_is_asked_again_with_new_money_or_closed(
    requester: User, organisation: Organisation, stranger: User
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=3, cannot_answer_limit=2)
    for worker in crowd(2):
        answer(worker, project, CANNOT, CANNOT)
    again, other = Task.objects.order_by("pk")
    assert {again.state, other.state} == {"review"}
    which: dict[str, Any] = {"actor": requester, "project_id": project.id, "reason": "The picture is back."}

    # Two of its three slots hold no label: two more are needed, and nobody has money for them yet.
    with pytest.raises(NotEnoughMoney) as short:
        task_review.ask_again(**which, task_id=again.id)
    assert short.value.shortfall_micros == 2 * project.price_micros
    again.refresh_from_db()
    assert again.state == "review"
    all_is_well()

    closed = task_review.close(**which, task_id=other.id)
    project.refresh_from_db()
    assert (closed.state, closed.needed, closed.open) == ("retired", 2, False)
    assert project.surplus_micros == project.price_micros  # of the one slot that nobody took
    all_is_well()
    make.make_money(organisation, project.price_micros)
    opened = task_review.ask_again(**which, task_id=again.id)
    project.refresh_from_db()
    assert (opened.state, opened.needed, opened.open, opened.rejected_count) == ("live", 5, True, 0)
    assert project.surplus_micros == 0
    all_is_well()

    for worker in crowd(3):
        answer(worker, project, "good")
    again.refresh_from_db()
    assert (again.answered, again.open) == (5, False)
    for deed in (task_review.ask_again, task_review.close):
        with pytest.raises(WrongState):
            deed(**which, task_id=again.id)
        with pytest.raises(NotFound):
            deed(**which | {"actor": stranger}, task_id=again.id)
    all_is_well()


@pytest.mark.parametrize("money", [True, False])
def test_where_one_answer_was_asked_for_one_more_person_is_asked_if_money_allows(
    requester: User, organisation: Organisation, money: bool
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    if money:
        make.make_money(organisation, PRICE)
    first, second = crowd(2)
    answer(first, project, CANNOT)
    settle(project.id)
    assert Task.objects.get().open is money
    if money:
        answer(second, project, CANNOT)
        assert settle(project.id) == 2
    clock.advance(timedelta(days=7))
    settle(project.id)
    assert not Assignment.objects.filter(state="submitted").exists()
    all_is_well()


def test_one_more_person_is_asked_a_second_time_where_the_first_report_stopped_counting(
    requester: User, organisation: Organisation
) -> None:
    """The slot is paid for again: it is another one."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    for worker in crowd(2):
        make.make_money(organisation, PRICE)
        answer(worker, project, CANNOT)
        clock.advance(timedelta(minutes=1))
        settle(project.id)
        assert Task.objects.get().open
        assert available(organisation) == 0
        all_is_well()
        pause.pause(actor=requester, project_id=project.id, worker_id=worker.pk, reason="Let us talk.")
        for inside in recount.due():
            recount.recount(inside)
        assert Task.objects.get().needed == 1  # there is no money for his own
