"""A key that was wrong: what it caused is worked out anew, repaid, and told."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.services import recount, reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Consensus, Proposal
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.consensus.services.settle import settle
from crowd.gold.errors import AlreadyGold, BeingAnswered, KeyRefused, NotGold
from crowd.gold.models import Revision
from crowd.gold.services import keys, repair
from crowd.kernel import clock
from crowd.kernel.errors import Conflict, NotFound
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.notices.models import Notice
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
REWARD = 40_000
WHY = "The sentence is ironic: its mood is bad."


def work(worker: Worker, project: Project, *, gold: str = "good", plain: str = "good", most: int = 100) -> int:
    """Answer until there is no more; the number of answers."""
    random, number = Random(worker.id), 0
    held: Assignment | None = take.take_next(worker=worker, project_id=project.id, random=random)
    while held is not None and number < most:
        mood = gold if held.is_gold else plain
        number += 1
        held = submit(worker=worker, assignment_id=held.id, value={"mood": mood}, random=random).next
    return number


def purse(worker: Worker) -> int:
    return balance(accounts.open(holder="worker", holder_id=worker.id, purpose="available", currency="USD"))


def put_right(revision: Revision) -> dict[str, Any]:
    done = repair.repair(revision.pk)
    assert repair.due() == []
    found: dict[str, Any] = done.found
    return found


def gold_of(project: Project) -> list[Task]:
    return list(Task.objects.filter(project=project, is_gold=True).order_by("id"))


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    """A quiz of four whose keys all say "good", three right of which pass; gold decides about pay."""
    return make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(8, gold=4),
        quiz_length=4,
        quiz_cap=3,
        quiz_pass=3,
        pay_policy="consensus",
        pay_threshold=Decimal("0.9"),
        redundancy=2,
    )


@pytest.fixture
def measured(requester: User, organisation: Organisation) -> Project:
    """Gold among the work, without a quiz: only that can be rejected."""
    return make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(8, gold=4),
        gold_share="0.5",
        pay_policy="consensus",
        pay_threshold=Decimal("0.9"),
        redundancy=2,
    )


def test_a_pause_by_a_wrong_key_ends_and_his_answers_count_again_where_nobody_took_their_place(
    project: Project, requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    make.make_money(organisation, 10 * 48_000)
    random = Random(1)
    held = take.take_next(worker=worker, project_id=project.id, random=random)
    for place in range(4):
        done = submit(
            worker=worker, assignment_id=held.id, value={"mood": "good" if place < 2 else "bad"}, random=random
        )
        held = done.next or held
    mine = Participation.objects.get(worker=worker)
    assert (mine.state, mine.pause_evidence["right"]) == ("paused", 2)
    missed = Assignment.objects.filter(worker=worker, gold_passed=False).order_by("id").first()
    assert missed is not None
    first = keys.correct(actor=requester, project_id=project.id, task_id=missed.task_id, key="bad", why=WHY)
    assert put_right(first) == {"answers": 1, "righted": 1, "lifted": 1}
    mine.refresh_from_db()
    assert (mine.state, mine.gold_right, mine.gold_wrong, mine.forgiven_wrong) == ("active", 3, 1, 0)
    told = Notice.objects.get(kind="gold_corrected", user=worker.user)
    assert told.data["reason"] == WHY
    assert put_right(first) == {"answers": 1, "righted": 1, "lifted": 1}  # once
    all_is_well()
    assert work(worker, project) == 4
    all_is_well()


def test_what_was_right_by_the_key_of_its_day_never_turns_against_anybody(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    work(worker, project, most=4)
    work(other_worker, project, gold="bad", most=4)
    task = gold_of(project)[0]
    revision = keys.correct(actor=requester, project_id=project.id, task_id=task.id, key="bad", why=WHY)
    assert put_right(revision) == {"answers": 2, "righted": 1, "voided": 1}
    assert list(Participation.objects.order_by("id").values_list("gold_right", "gold_wrong")) == [(3, 0), (1, 3)]
    back = keys.correct(
        actor=requester, project_id=project.id, task_id=task.id, key={"any_of": ["good", "bad"]}, why="Both are right."
    )
    assert put_right(back) == {"answers": 2, "righted": 1}
    assert Participation.objects.get(worker=worker).gold_right == 4
    all_is_well()


@pytest.mark.parametrize("when", ["held", "released", "closed"])
def test_rejected_pay_is_repaid_also_after_its_window_and_after_the_project_was_closed(
    measured: Project, requester: User, organisation: Organisation, worker: Worker, other_worker: Worker, when: str
) -> None:
    """From what is held; then from the project's reserve; once the project is closed, from the site's."""
    project, random = measured, Random(1)
    held = take.take_next(worker=worker, project_id=project.id, random=random)
    while not held.is_gold:
        following = submit(worker=worker, assignment_id=held.id, value={"mood": "good"}, random=random).next
        assert following is not None
        held = following
    wrong = held.task_id
    submit(worker=worker, assignment_id=held.id, value={"mood": "bad"}, random=random)
    aggregate(project.id)
    settle(project.id)
    proposal = Proposal.objects.get()
    grounds = Grounds(evidence="gold", reason="Missed.", facts=proposal.facts)
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[proposal.assignment_id], grounds=grounds)
    Proposal.objects.filter(pk=proposal.pk).update(state="rejected")
    if when != "held":
        clock.advance(timedelta(days=15))
        assert reject.release_due() == 1
        project.refresh_from_db()
        assert project.corrections_reserve_micros == 48_000
        all_is_well()
    work(worker, project)
    work(other_worker, project)
    if when == "closed":
        clock.advance(timedelta(days=8))
        publish.start_closing(actor=requester, project_id=project.id)
        assert close_project(project.id)
    before = purse(worker)
    revision = keys.correct(actor=requester, project_id=project.id, task_id=wrong, key="bad", why=WHY)
    found = put_right(revision)
    assert (found["overturned"], found["repaid_micros"]) == (1, REWARD)
    assert purse(worker) == before + REWARD
    assert Rejection.objects.get().state == "overturned"
    platform = accounts.open(holder="platform", purpose="corrections", currency="USD")
    assert balance(platform) == (-REWARD if when == "closed" else 0)
    assert Notice.objects.get(kind="gold_corrected", user=worker.user).data["repaid_micros"] == REWARD
    put_right(revision)
    assert purse(worker) == before + REWARD
    all_is_well()


def test_a_proposal_over_a_wrong_key_is_dropped_and_the_answer_paid(
    measured: Project, requester: User, worker: Worker
) -> None:
    work(worker, measured, gold="bad")
    aggregate(measured.id)
    settle(measured.id)
    (first, *rest) = Proposal.objects.filter(state="open").order_by("id")
    task_id = first.assignment.task_id
    put_right(keys.correct(actor=requester, project_id=measured.id, task_id=task_id, key="bad", why=WHY))
    assert list(Proposal.objects.filter(state="open").order_by("id")) == rest
    all_is_well()


def test_a_quiz_is_paid_whatever_gold_decides_about_other_pay(
    project: Project, requester: User, worker: Worker
) -> None:
    work(worker, project, gold="bad", most=4)
    quiz = list(Assignment.objects.filter(worker=worker).order_by("id").values_list("id", flat=True))
    grounds = Grounds(evidence="gold", reason="Missed.")
    with pytest.raises(Conflict, match="paid, right or wrong") as refused:
        reject.reject(actor=requester, project_id=project.id, assignment_ids=quiz[:2], grounds=grounds)
    assert refused.value.data == {"assignments": quiz[:2]}
    aggregate(project.id)
    assert settle(project.id) == 4
    assert not Proposal.objects.exists()
    all_is_well()


def test_a_retired_task_is_shown_to_nobody_and_its_answers_count_neither_way_or_stay(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    work(worker, project, most=4)
    first, second, *_rest = gold_of(project)
    put_right(keys.retire(actor=requester, project_id=project.id, task_id=first.id, why="Nobody can tell."))
    assert Participation.objects.get(worker=worker).gold_right == 3
    kept = keys.retire(actor=requester, project_id=project.id, task_id=second.id, why="It is known.", keep_answers=True)
    put_right(kept)
    assert Participation.objects.get(worker=worker).gold_right == 3
    work(other_worker, project)
    seen = Assignment.objects.filter(worker=other_worker, is_gold=True).values_list("task_id", flat=True)
    assert set(seen) == {task.id for task in gold_of(project)[2:]}
    with pytest.raises(NotGold):
        keys.retire(actor=requester, project_id=project.id, task_id=first.id, why="Again.")
    all_is_well()


def test_an_ordinary_task_becomes_gold_keeps_its_answers_and_is_not_shown_again_to_who_gave_one(
    project: Project, requester: User, stranger: User, worker: Worker, other_worker: Worker
) -> None:
    work(worker, project, plain="bad")
    aggregate(project.id)
    task = Task.objects.filter(project=project, is_gold=False).order_by("id")[0]
    with pytest.raises(NotFound):
        keys.make(actor=stranger, project_id=project.id, task_id=task.id, key="bad")
    wrong: list[Any] = [None, "", {}, "ugly"]
    for key in wrong:
        with pytest.raises(KeyRefused):
            keys.make(actor=requester, project_id=project.id, task_id=task.id, key=key)
    keys.make(actor=requester, project_id=project.id, task_id=task.id, key="bad", gold_reason="It is ironic.")
    project.refresh_from_db()
    assert project.surplus_micros == 48_000  # the second slot that nobody had taken
    all_is_well()
    aggregate(project.id)
    merged = Consensus.objects.get(task=task)
    assert merged.value == "bad"
    assert merged.posterior == pytest.approx(1.0)
    with pytest.raises(AlreadyGold):
        keys.make(actor=requester, project_id=project.id, task_id=task.id, key="bad")
    clock.advance(timedelta(days=8))
    assert settle(project.id) == 8
    held = take.take_next(worker=other_worker, project_id=project.id)
    while not (held.task_id == task.id or not held.is_gold):
        held = submit(worker=other_worker, assignment_id=held.id, value={"mood": "good"}).next or held
    busy = Task.objects.filter(project=project, is_gold=False, assignments=held).first()
    if busy is not None:
        with pytest.raises(BeingAnswered):
            keys.make(actor=requester, project_id=project.id, task_id=busy.id, key="bad")
    for due in recount.due():
        recount.recount(due)
    all_is_well()


def test_an_answer_to_what_is_gold_now_is_rejected_without_asking_anybody_instead(
    project: Project, requester: User, worker: Worker
) -> None:
    work(worker, project)
    one = Assignment.objects.filter(worker=worker, is_gold=False).order_by("id")[0]
    keys.make(actor=requester, project_id=project.id, task_id=one.task_id, key="bad")
    grounds = Grounds(evidence="written", reason="It is ironic.")
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[one.id], grounds=grounds)
    assert not Rejection.objects.get().reopened
    project.refresh_from_db()
    assert project.surplus_micros == 48_000  # what was left of the task's slots pays for no other
    all_is_well()


def test_corrected_and_then_retired_it_is_retired_whichever_job_comes_first(
    project: Project, requester: User, worker: Worker
) -> None:
    work(worker, project, gold="bad", most=4)
    task = gold_of(project)[0]
    corrected = keys.correct(actor=requester, project_id=project.id, task_id=task.id, key="bad", why=WHY)
    retired = keys.retire(actor=requester, project_id=project.id, task_id=task.id, why="Nobody can tell.")
    for revision in (retired, corrected):
        repair.repair(revision.pk)
    assert Assignment.objects.get(task=task).gold_passed is None
    assert Participation.objects.get(worker=worker).gold_right == 0
    all_is_well()
