"""Hard tasks go to specialists: sent up for doubt, dispute or by call, paid from the tier's own reserve."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.errors import NoWork
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import give_back, pause, recount, reject, slots, take, task_review
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import Submitted, submit
from crowd.assignments.states import AssignmentState
from crowd.consensus import tiers as reports
from crowd.consensus.jobs import aggregate_project, due_for_buying, due_for_escalating
from crowd.consensus.models import Consensus
from crowd.consensus.services import escalate as escalate_module
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.buy import buy
from crowd.consensus.services.close import close_project
from crowd.consensus.services.escalate import escalate
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, CrowdError
from crowd.ledger.queries import balance
from crowd.notices.models import Notice
from crowd.projects.errors import Fixed, Incomplete
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import budget, draft, publish, reserves
from crowd.projects.services.tiers import set_tiers
from crowd.projects.states import PayPolicy, TaskState
from crowd.users.models import AuditEntry, Organisation, User
from crowd.web.requester.decisions import cost_of
from qualifications.models import Qualification
from qualifications.requirements import Condition
from qualifications.services import grants
from qualifications.states import Comparator
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_draft, texts
from tests.races import errors, together
from workers.models import Worker
from workers.services.pseudonyms import pseudonym_for

pytestmark = pytest.mark.django_db
HARD = 10 * CENT  # a specialist's reward
PRICE = 12 * CENT  # with the fee of 20 %
CALL = {"cannot_answer": {"reason": "needs_expert"}}


@pytest.fixture
def doctors(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Doctors")


@pytest.fixture
def doctor(doctors: Qualification) -> Worker:
    return make_doctor(doctors)


def make_doctor(doctors: Qualification) -> Worker:
    worker = make.make_worker()
    make.make_grant(doctors, worker)
    return worker


def terms(doctors: Qualification, **changes: Any) -> dict[str, Any]:
    plain = {"name": "Doctors", "reward_micros": HARD, "redundancy": 1, "budget_micros": PRICE}
    causes = {"below_posterior": "0.8", "above_disagreement": None, "expert_calls": 1}
    return plain | causes | {"conditions": [Condition(doctors, Comparator.EXISTS)]} | changes


@pytest.fixture
def open_with(requester: User, organisation: Organisation, doctors: Qualification) -> Callable[..., Project]:
    """A published project of a few tasks, two answers each, with one further tier that has money for one task."""

    def build(count: int = 3, settings: dict[str, Any] | None = None, **changes: Any) -> Project:
        given: dict[str, Any] = {"redundancy": 2, "pay_policy": PayPolicy.AT_ONCE} | (settings or {})
        project = make_draft(actor=requester, organisation=organisation, rows=texts(count), **given)
        set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, **changes)])
        make.make_money(organisation, 10_000 * CENT)
        return publish.publish(actor=requester, project_id=project.pk)

    return build


def say(worker: Worker, held: Assignment, value: Any = None) -> Submitted:
    return submit(worker=worker, assignment_id=held.pk, value=value or {"mood": "good"}, take_next=False)


def next_of(worker: Worker, project: Project) -> Assignment:
    return take.take_next(worker=worker, project_id=project.pk)


def tear(project: Project, torn: int) -> list[Worker]:
    """Two workers answer everything, and disagree on the first `torn` tasks."""
    first = list(Task.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)[:torn])
    workers = [make.make_worker(), make.make_worker()]
    for worker in workers:
        for _ in range(Task.objects.filter(project=project).count()):
            held = next_of(worker, project)
            contrary = worker == workers[0] and held.task_id in first
            say(worker, held, {"mood": "bad" if (held.task_id % 2 == 0) != contrary else "good"})
    return workers


def up(project: Project) -> list[Task]:
    return list(Task.objects.filter(project=project, tier=1).order_by("pk"))


def reserve(project: Project) -> int:
    return Tier.objects.get(project=project).reserve_micros


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


def test_tiers_that_cannot_be(requester: User, organisation: Organisation, doctors: Qualification) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(2))

    def refused(*tiers: dict[str, Any]) -> set[str]:
        with pytest.raises(BadInput) as found:
            set_tiers(actor=requester, project_id=project.pk, tiers=tiers)
        return set(found.value.data["errors"])

    no_cause = {"below_posterior": None, "expert_calls": None}
    assert refused(terms(doctors, **no_cause)) == {"tiers.0.below_posterior"}
    assert refused(terms(doctors, conditions=[])) == {"tiers.0.conditions"}
    assert refused(terms(doctors), terms(doctors)) == {"tiers.1.name"}
    assert refused(terms(doctors, reward_micros=0)) == {"tiers.0.reward_micros", "tiers.0.budget_micros"}
    assert refused(terms(doctors, below_posterior="0.2", redundancy=0)) == {
        "tiers.0.below_posterior",
        "tiers.0.redundancy",
    }
    assert refused(terms(doctors, redundancy=2, most_answers=2)) == {"tiers.0.most_answers"}
    set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, budget_micros=PRICE - 1)])
    make.make_money(organisation, 1000 * CENT)
    with pytest.raises(Incomplete, match="pays for no task"):
        publish.publish(actor=requester, project_id=project.pk)
    draft.edit(actor=requester, project_id=project.pk, workforce="team")
    set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, reward_micros=0, budget_micros=0)])
    draft.edit(actor=requester, project_id=project.pk, workforce="public")
    with pytest.raises(Incomplete, match="“Doctors” pays nothing"):
        publish.publish(actor=requester, project_id=project.pk)
    set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors)])
    (logged,) = AuditEntry.objects.filter(action="project.tiers").order_by("-pk")[:1]
    assert [one["budget_micros"] for one in (logged.before["tiers"][0], logged.after["tiers"][0])] == [0, PRICE]
    assert logged.after["tiers"][0]["requirements"][0]["qualification"] == doctors.pk
    publish.publish(actor=requester, project_id=project.pk)

    with pytest.raises(Fixed):
        set_tiers(actor=requester, project_id=project.pk, tiers=[])
    with pytest.raises(Fixed) as fixed:
        set_tiers(actor=requester, project_id=project.pk, tiers=[terms(doctors, reward_micros=HARD - 1)])
    assert set(fixed.value.data["errors"]) == {"tiers.0.reward_micros"}
    assert refused(terms(doctors), terms(doctors, name="More", budget_micros=1)) == {"tiers.1.budget_micros"}
    changed = terms(doctors, name="Physicians", expert_calls=3, most_answers=4, budget_micros=0)
    set_tiers(actor=requester, project_id=project.pk, tiers=[changed, terms(doctors, name="More")])
    kept = Tier.objects.filter(project=project).order_by("number")
    assert [(one.name, one.expert_calls, one.most_answers, one.reserve_micros) for one in kept] == [
        ("Physicians", 3, 4, PRICE),
        ("More", 1, None, PRICE),
    ]
    with pytest.raises(BadInput, match="tier-1, tier-2"):
        budget.add_budget(actor=requester, project_id=project.pk, reserve="tier-3", amount_micros=PRICE)
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
