"""Hard tasks go to specialists, sent up for doubt or dispute, paid from the tier's own reserve."""

from collections.abc import Callable
from unittest.mock import patch

import pytest

from crowd.assignments.errors import NoWork
from crowd.assignments.models import Assignment
from crowd.assignments.services import reject
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.assignments.states import AssignmentState
from crowd.consensus import tiers as reports
from crowd.consensus.jobs import aggregate_project, due_for_buying, due_for_escalating
from crowd.consensus.models import Consensus
from crowd.consensus.services import escalate as escalate_module
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.buy import buy
from crowd.consensus.services.close import close_project
from crowd.consensus.services.escalate import escalate
from crowd.ledger.queries import balance
from crowd.notices.models import Notice
from crowd.projects.models import Project, Task
from crowd.projects.services import budget, publish, reserves
from crowd.projects.services.tiers import set_tiers
from crowd.users.models import Organisation, User
from qualifications.models import Qualification
from qualifications.services import grants
from tests import make
from tests.check import all_is_well
from tests.consensus.tiers.specialists import CALL, HARD, PRICE, make_doctor, next_of, reserve, say, tear, terms, up
from tests.make_project import CENT, make_draft, texts
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db


def test_what_is_in_doubt_goes_to_specialists_for_their_reward_while_the_reserve_lasts(
    open_with: Callable[..., Project], requester: User, doctor: Worker
) -> None:
    project = open_with(20)
    tear(project, 2)
    all_is_well()
    aggregate_project(project.pk)
    (task,) = up(project)  # the reserve pays for one of the two
    assert (task.needed, task.filled, task.open, reserve(project)) == (3, 2, True, 0)
    told = Notice.objects.filter(kind="tier_reserve_used_up")
    assert told.count() == 1
    assert due_for_escalating() == []
    all_is_well()

    with pytest.raises(NoWork):
        next_of(make.make_worker(), project)
    held = next_of(doctor, project)
    assert (held.task_id, held.tier, held.reward_micros) == (task.pk, 1, HARD)
    assert say(doctor, held).ended is None
    aggregate_project(project.pk)
    held.refresh_from_db()
    assert held.state == AssignmentState.ACCEPTED
    all_is_well()

    budget.add_budget(actor=requester, project_id=project.pk, reserve="tier-1", amount_micros=2 * PRICE)
    assert due_for_escalating() == [project.pk]
    aggregate_project(project.pk)
    assert len(up(project)) == 2
    assert (reserve(project), told.count()) == (PRICE, 1)
    with patch.object(escalate_module, "in_doubt", side_effect=AssertionError("all was looked through")):
        assert due_for_escalating() == []
    publish.start_closing(actor=requester, project_id=project.pk)
    assert close_project(project.pk)
    assert (reserve(project), balance(reserves.escrow(project))) == (0, 0)
    all_is_well()


def test_nothing_goes_up_by_a_consensus_of_other_answers(open_with: Callable[..., Project], requester: User) -> None:
    project = open_with(20)
    odd, _other = tear(project, 1)
    aggregate(project.pk)
    assert due_for_escalating() == [project.pk]
    one = Assignment.objects.filter(project=project, worker=odd).earliest("task_id")
    grounds = Grounds(evidence="written", reason="The text is clearly about the weather.")
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=[one.pk], grounds=grounds)
    third = make.make_worker()
    held = next_of(third, project)
    say(third, held, {"mood": "bad" if held.task_id % 2 == 0 else "good"})
    assert held.task_id == one.task_id
    assert escalate(project.pk) == 0  # as many answers as it knows, but others
    aggregate_project(project.pk)
    assert up(project) == []
    all_is_well()


def test_one_more_specialist_is_asked_only_while_it_is_worth_his_price(
    open_with: Callable[..., Project], requester: User, doctors: Qualification
) -> None:
    project = open_with(20, redundancy=1, most_answers=3, budget_micros=3 * PRICE)
    tear(project, 2)
    Task.objects.filter(project=project).update(bought=2)  # as if below, where another tier paid for it
    aggregate_project(project.pk)
    one, other = up(project)
    assert [(task.needed, task.bought) for task in (one, other)] == [(3, 0)] * 2  # a single specialist to begin with
    answer_there(make_doctor(doctors), project)
    Project.objects.filter(pk=project.pk).update(least_gain="0.012")
    aggregate_project(project.pk)
    merged = Consensus.objects.filter(project=project, task__in=(one, other))
    assert merged.filter(sure__range=(0.9, 0.95), gain__range=(0.012, 0.03)).count() == 2
    assert bought(project) == [0, 0]  # for an ordinary answer's price it were enough, but his is 2.5 times as high
    Project.objects.filter(pk=project.pk).update(least_gain="0.008")
    assert due_for_buying() == [project.pk]
    assert (buy(project.pk), sorted(bought(project)), reserve(project)) == (1, [0, 1], 0)  # the reserve pays for one
    assert due_for_buying() == []
    all_is_well()
    merged.update(sure=0.96)
    assert (buy(project.pk), bought(project), reserve(project)) == (0, [0, 0], PRICE)  # nobody held it
    all_is_well()

    budget.add_budget(actor=requester, project_id=project.pk, reserve="tier-1", amount_micros=5 * PRICE)
    Project.objects.filter(pk=project.pk).update(target_posterior="0.9999", least_gain=0)
    for _ in range(2):
        aggregate_project(project.pk)
        answer_there(make_doctor(doctors), project)
        all_is_well()
    aggregate_project(project.pk)
    assert [(task.needed, task.bought, task.open) for task in up(project)] == [(5, 2, False)] * 2  # three specialists
    assert (due_for_buying(), reserve(project)) == ([], 2 * PRICE)
    assert reports.lines(project)[0].not_bought == 0
    publish.start_closing(actor=requester, project_id=project.pk)
    assert close_project(project.pk)
    assert (reserve(project), balance(reserves.escrow(project))) == (0, 0)
    all_is_well()


def answer_there(doctor: Worker, project: Project) -> None:
    """All that is open in the tier above, as most people said of it."""
    for _ in range(Task.objects.filter(project=project, tier=1, open=True).count()):
        held = next_of(doctor, project)
        say(doctor, held, {"mood": "bad" if held.task_id % 2 == 0 else "good"})


def bought(project: Project) -> list[int]:
    return [task.bought for task in up(project)]


def test_dispute_sends_up_and_a_second_tier_stands_above_the_first(
    requester: User, organisation: Organisation, doctors: Qualification
) -> None:
    professors = make.make_qualification(organisation=organisation, name="Professors")
    project = make_draft(actor=requester, organisation=organisation, rows=texts(4), redundancy=2)
    cause = {"below_posterior": None, "expert_calls": None, "above_disagreement": "0.3"}
    second = terms(professors, name="Professors", reward_micros=2 * HARD, budget_micros=4 * PRICE, **cause)
    first = terms(doctors, redundancy=2, budget_micros=8 * PRICE, **cause)
    set_tiers(actor=requester, project_id=project.pk, tiers=[first, second])
    make.make_money(organisation, 1000 * CENT)
    publish.publish(actor=requester, project_id=project.pk)
    tear(project, 1)
    aggregate_project(project.pk)
    (task,) = up(project)
    doctor, both = make_doctor(doctors), make_doctor(doctors)
    make.make_grant(professors, both)
    say(doctor, next_of(doctor, project), {"mood": "good"})
    say(both, next_of(both, project), {"mood": "bad"})
    aggregate_project(project.pk)
    task.refresh_from_db()
    assert task.tier == 2
    with pytest.raises(NoWork):
        next_of(doctor, project)
    third = make.make_worker()
    make.make_grant(professors, third)
    assert next_of(third, project).reward_micros == 2 * HARD
    all_is_well()


def test_who_becomes_a_specialist_is_given_hard_tasks_from_then_on(
    open_with: Callable[..., Project], doctors: Qualification, requester: User
) -> None:
    project = open_with(4)
    worker, caller = make.make_worker(), make.make_worker()
    called = next_of(caller, project)
    say(caller, called, CALL)
    assert escalate(project.pk) == 1
    held = next_of(worker, project)
    assert (held.tier, held.reward_micros) == (0, 4 * CENT)
    code = pseudonym_for(project.organisation, worker)
    grants.grant(actor=requester, qualification_id=doctors.pk, worker=code)
    hard = submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}).next
    assert hard is not None
    assert (hard.task_id, hard.tier, hard.reward_micros) == (called.task_id, 1, HARD)
    all_is_well()
