"""Answers bought only as needed: asked for while unsure and worth it, paid from their reserve, never taken back."""

from typing import Any

import pytest

from crowd.assignments.models import Assignment
from crowd.assignments.services import reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.assignments.states import AssignmentState
from crowd.consensus.jobs import aggregate_project, due_for_buying
from crowd.consensus.models import Consensus
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.buy import buy
from crowd.consensus.services.settle import settle
from crowd.kernel.errors import BadInput
from crowd.ledger.queries import balance
from crowd.projects.errors import Incomplete
from crowd.projects.models import Project, Task
from crowd.projects.services import budget, draft, publish, reserves
from crowd.projects.states import PayPolicy
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_draft, make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
PRICE = 48_000


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_adaptive(requester, organisation)


def make_adaptive(requester: User, organisation: Organisation, **settings: object) -> Project:
    """Twenty tasks, two answers each to begin with, up to four, and money for three further answers."""
    asked: dict[str, object] = {"redundancy": 2, "most_answers": 4, "extra_budget_micros": 3 * PRICE}
    asked["target_posterior"] = "0.8"
    rows = texts(20)
    return make_open(
        actor=requester, organisation=organisation, rows=rows, pay_policy=PayPolicy.AT_ONCE, **{**asked, **settings}
    )


def answer_all(project: Project, torn: int) -> list[Worker]:
    """Two workers agree on every task but the first `torn`."""
    workers = [make.make_worker(), make.make_worker()]
    unsure = list(Task.objects.filter(project=project).order_by("id").values_list("id", flat=True)[:torn])
    for worker in workers:
        for _ in range(20):
            held = take.take_next(worker=worker, project_id=project.id)
            contrary = worker == workers[0] and held.task_id in unsure
            mood = "bad" if (held.task_id % 2 == 0) != contrary else "good"
            submit(worker=worker, assignment_id=held.id, value={"mood": mood}, take_next=False)
    return workers


def unsure_of(project: Project) -> list[Task]:
    return list(Task.objects.filter(project=project, bought__gt=0).order_by("id"))


def reserve(project: Project) -> int:
    project.refresh_from_db()
    return project.extra_reserve_micros


def test_a_task_the_crowd_is_torn_about_is_asked_once_more_and_the_others_are_not(project: Project) -> None:
    answer_all(project, torn=2)
    aggregate(project.id)
    assert buy(project.id) == 2
    assert buy(project.id) == 0  # they wait for their answer now
    assert [(task.needed, task.filled, task.open) for task in unsure_of(project)] == [(3, 2, True)] * 2
    assert reserve(project) == PRICE
    settle(project.id)
    undecided = Assignment.objects.filter(project_id=project.id, state=AssignmentState.SUBMITTED)
    assert {one.task_id for one in undecided} == {task.id for task in unsure_of(project)}
    all_is_well()


def test_the_job_buys_until_sure_or_until_the_most_or_until_the_money_is_spent(project: Project) -> None:
    answer_all(project, torn=2)
    aggregate_project(project.id)
    for _ in range(3):
        third = make.make_worker()
        while (held := next_task(third, project)) is not None:
            submit(worker=third, assignment_id=held.id, value={"mood": "good"}, take_next=False)
        aggregate_project(project.id)
    assert sum(task.bought for task in unsure_of(project)) <= 3
    assert max(task.needed for task in unsure_of(project)) <= 4
    assert not Task.objects.filter(project=project, open=True).exists()
    assert Consensus.objects.filter(project=project).count() == 20
    assert due_for_buying() == []
    all_is_well()


def test_nothing_is_bought_by_a_consensus_of_other_answers(
    project: Project, requester: User, organisation: Organisation
) -> None:
    """As many as it knows, but one of them was rejected, and another given in its place."""
    odd, _other = answer_all(project, torn=1)
    aggregate(project.id)
    assert due_for_buying() == [project.id]
    one = Assignment.objects.filter(project=project, worker=odd).earliest("task_id")
    grounds, third = Grounds(evidence="written", reason="The text is clearly about the weather."), make.make_worker()
    make.make_money(organisation, PRICE)  # for the one in its place
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[one.id], grounds=grounds)
    held = take.take_next(worker=third, project_id=project.id)
    said = "bad" if held.task_id % 2 == 0 else "good"
    submit(worker=third, assignment_id=held.id, value={"mood": said}, take_next=False)
    assert held.task_id == one.task_id
    assert Consensus.objects.get(task=one.task_id).answers == Task.objects.get(id=one.task_id).answered
    assert due_for_buying() == []
    assert buy(project.id) == 0
    aggregate_project(project.id)
    assert unsure_of(project) == []
    all_is_well()


def next_task(worker: Worker, project: Project) -> Assignment | None:
    open_tasks = Task.objects.filter(project=project, open=True)
    return take.take_next(worker=worker, project_id=project.id) if open_tasks.exists() else None


def test_the_most_doubtful_come_first_where_money_is_short(requester: User, organisation: Organisation) -> None:
    project = make_adaptive(requester, organisation, extra_budget_micros=PRICE)
    answer_all(project, torn=3)
    aggregate(project.id)
    assert buy(project.id) == 1
    assert (reserve(project), due_for_buying()) == (0, [])
    make.make_money(organisation, 2 * PRICE)
    budget.add_budget(actor=requester, project_id=project.id, reserve="extra", amount_micros=2 * PRICE)
    assert due_for_buying() == [project.id]
    assert buy(project.id) == 2
    all_is_well()


def test_who_holds_a_task_when_it_needs_no_more_may_finish_and_is_paid(project: Project, requester: User) -> None:
    answer_all(project, torn=2)
    aggregate(project.id)
    buy(project.id)
    third = make.make_worker()
    held = take.take_next(worker=third, project_id=project.id)
    draft.edit(actor=requester, project_id=project.id, target_posterior="0.5")  # now both are sure enough
    aggregate_project(project.id)
    assert [task.needed for task in unsure_of(project)] == [3]  # the free slot was closed, the held one was not
    assert reserve(project) == 2 * PRICE
    publish.pause(actor=requester, project_id=project.id)
    submit(worker=third, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    aggregate_project(project.id)
    held.refresh_from_db()
    assert held.state == AssignmentState.ACCEPTED
    assert balance(reserves.escrow(project)) == 2 * PRICE
    all_is_well()


def test_a_bought_slot_stays_where_an_answer_is_taken_out_just_before_it_would_close(
    project: Project, requester: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the consensus and the locks: it is about the answers as they stood."""
    answer_all(project, torn=2)
    aggregate(project.id)
    buy(project.id)
    first, second = unsure_of(project)
    draft.edit(actor=requester, project_id=project.id, target_posterior="0.5")  # now both are sure enough
    lock = reserves.lock

    def corrected_meanwhile(project_id: int) -> Project:
        Assignment.objects.filter(pk=Assignment.objects.filter(task=first).earliest("pk").pk).update(corrected=True)
        return lock(project_id)

    monkeypatch.setattr(reserves, "lock", corrected_meanwhile)
    buy(project.id)
    assert [task.pk for task in unsure_of(project)] == [first.pk]
    assert Task.objects.get(pk=second.pk).needed == 2


def test_a_fixed_project_buys_nothing(requester: User, organisation: Organisation) -> None:
    project = make_adaptive(requester, organisation, most_answers=None)
    answer_all(project, torn=2)
    aggregate(project.id)
    assert buy(project.id) == 0
    assert due_for_buying() == []


def test_settings_that_cannot_be(requester: User, organisation: Organisation) -> None:
    with pytest.raises(BadInput) as few:
        make_draft(actor=requester, organisation=organisation, redundancy=3, most_answers=3, extra_budget_micros=PRICE)
    assert few.value.data["errors"].keys() == {"most_answers"}
    with pytest.raises(Incomplete, match="need a budget"):
        make_open(actor=requester, organisation=organisation, redundancy=2, most_answers=3)
    for kind, fields in (("number", {}), ("text", {"multiline": True}), ("choice", OPINION)):
        with pytest.raises(Incomplete, match="a number only with a tolerance"):
            make_open(
                actor=requester,
                organisation=organisation,
                label_config=asks(kind, **fields),
                redundancy=2,
                most_answers=3,
                extra_budget_micros=PRICE,
            )


OPINION = {"labels": ["good", "bad"], "asks": "opinion"}


def asks(kind: str, **fields: object) -> dict[str, object]:
    question = {"id": "it", "kind": kind, "text": "What is it?", **fields}
    return {"data": {"kind": "text", "field": "text"}, "questions": [question]}


@pytest.mark.parametrize(
    ("config", "said", "other"),
    [
        (asks("number", tolerance=2), lambda task: task, lambda task: task + 9),
        (asks("text"), str, lambda task: "else"),
    ],
    ids=["number", "text"],
)
def test_a_number_is_asked_until_it_is_near_enough_and_a_text_until_answers_agree(
    requester: User, organisation: Organisation, config: dict[str, object], said: Any, other: Any
) -> None:
    project = make_adaptive(requester, organisation, label_config=config, extra_budget_micros=5 * PRICE)
    workers = [make.make_worker() for _ in range(3)]
    torn = set(Task.objects.filter(project=project).order_by("id").values_list("id", flat=True)[:2])
    for worker in workers[:2]:
        for _ in range(20):
            held = take.take_next(worker=worker, project_id=project.id)
            tell = other if worker == workers[0] and held.task_id in torn else said
            submit(worker=worker, assignment_id=held.id, value={"it": tell(held.task_id)}, take_next=False)
    aggregate(project.id)
    assert buy(project.id) == 2
    assert {task.id for task in unsure_of(project)} == torn
    sure = Consensus.objects.filter(project_id=project.id).exclude(task__in=torn).values_list("sure", flat=True)
    assert all(one is not None and one >= 0.8 for one in sure)
    while (more := next_task(workers[2], project)) is not None:
        submit(worker=workers[2], assignment_id=more.id, value={"it": said(more.task_id)}, take_next=False)
    aggregate_project(project.id)
    assert not Task.objects.filter(project=project, needed__gt=4).exists()
    all_is_well()
