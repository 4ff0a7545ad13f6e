"""Gold: when it comes, how it is scored and paid for, and whom it pauses; what a pause and its end do to answers."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from crowd.assignments import policy
from crowd.assignments.errors import QuizFull, WorkerStopped
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import pause, recount, take
from crowd.assignments.services.submit import Submitted, submit
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.projects.models import Project, Task
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db


def work(worker: Worker, project: Project, *, gold: str = "good", plain: str = "good", limit: int = 1000) -> int:
    """Answer until there is no more, gold with `gold` and the rest with `plain`; the number of answers."""
    done: Submitted | None = None
    random = Random(worker.id)
    held: Assignment | None = take.take_next(worker=worker, project_id=project.id, random=random)
    number = 0
    while held is not None and number < limit:
        mood = gold if held.is_gold else plain
        done = submit(worker=worker, assignment_id=held.id, value={"mood": mood}, random=random)
        number, held = number + 1, done.next
    return number


def test_gold_keeps_its_share_and_no_place_can_be_predicted() -> None:
    share, places = Decimal("0.2"), set()
    for seed in range(50):
        random, submitted, gold = Random(seed), 0, []
        due = policy.next_gold(submitted=0, share=share, random=random)
        while submitted < 100:
            if policy.gold_is_due(submitted=submitted, next_gold_at=due, quiz_left=0, share=share):
                gold.append(submitted)
                due = policy.next_gold(submitted=submitted + 1, share=share, random=random)
            submitted += 1
        assert len(gold) == 20
        places |= {(index, place) for index, place in enumerate(gold)}
    assert len(places) == 100  # every place of every window of five occurred


def test_the_quiz_comes_first_and_is_all_gold(requester: User, organisation: Organisation, worker: Worker) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(6, gold=3), quiz_length=3, quiz_cap=1, redundancy=1
    )
    work(worker, project)
    order = list(Assignment.objects.filter(worker=worker).order_by("id").values_list("is_gold", flat=True))
    assert order == [True, True, True, False, False, False]
    all_is_well()


def test_a_new_worker_is_admitted_only_while_his_whole_quiz_is_paid_for(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(6, gold=3), quiz_length=3, quiz_cap=1, redundancy=2
    )
    take.take_next(worker=worker, project_id=project.id)
    with pytest.raises(QuizFull):
        take.take_next(worker=other_worker, project_id=project.id)
    all_is_well()


def test_when_the_gold_reserve_is_used_up_work_goes_on_without_gold(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(30, gold=10), gold_share=Decimal("0.1"), redundancy=1
    )
    Project.objects.filter(id=project.id).update(gold_reserve_micros=48_000, surplus_micros=2 * 48_000)
    assert work(worker, project) == 21
    assert Assignment.objects.filter(is_gold=True).count() == 1
    all_is_well()


def test_gold_is_paid_like_any_other_answer(requester: User, organisation: Organisation, worker: Worker) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(4, gold=2), quiz_length=2, quiz_cap=1, redundancy=1
    )
    work(worker, project, gold="bad")
    clock.advance(timedelta(days=8))
    assert settle(project.id) == 4
    purse = accounts.open(holder="worker", holder_id=worker.id, purpose="available", currency="USD")
    assert balance(purse) == 4 * 40_000
    all_is_well()


@pytest.fixture
def guarded(requester: User, organisation: Organisation) -> Project:
    """Half of everybody's first tasks are gold, and who is under 70 % is paused."""
    return make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(60, gold=30),
        gold_share=Decimal("0.5"),
        minimum_accuracy=Decimal("0.7"),
        redundancy=1,
    )


def test_a_bad_worker_is_paused_in_the_submit_that_shows_it_with_his_figures(
    guarded: Project, worker: Worker, organisation: Organisation
) -> None:
    answered = work(worker, guarded, gold="bad", plain="bad")
    participation = Participation.objects.get(worker=worker)
    assert answered < 30
    assert participation.state == "paused"
    assert participation.pause_evidence["wrong"] == participation.gold_wrong
    assert f"0 of your {participation.gold_wrong} answers" in participation.pause_reason
    with pytest.raises(WorkerStopped) as stopped:
        take.take_next(worker=worker, project_id=guarded.id)
    assert stopped.value.data["evidence"]["minimum"] == "0.7000"
    all_is_well()


def test_a_good_worker_is_not_paused(guarded: Project, worker: Worker) -> None:
    assert work(worker, guarded) == 60
    assert Participation.objects.get(worker=worker).state == "active"
    all_is_well()


def test_after_a_pause_the_answers_stop_counting_and_others_are_asked_while_money_lasts(
    guarded: Project, worker: Worker, other_worker: Worker, organisation: Organisation
) -> None:
    work(worker, guarded, gold="bad", plain="bad")
    plain = Assignment.objects.filter(worker=worker, is_gold=False).count()
    assert plain > 1
    make.make_money(organisation, 48_000)
    (due,) = recount.due()
    assert recount.recount(due) == plain
    assert recount.due() == []
    assert Assignment.objects.filter(worker=worker, is_gold=False, counts=True).count() == 0
    assert Task.objects.filter(project=guarded, needed=0, is_gold=False).count() == plain - 1  # no money for these
    all_is_well()
    work(other_worker, guarded)
    assert Assignment.objects.filter(worker=other_worker, is_gold=False).count() == 30 - plain + 1
    all_is_well()


def test_a_paused_worker_is_still_paid_for_what_he_did(guarded: Project, worker: Worker) -> None:
    answered = work(worker, guarded, gold="bad", plain="bad")
    recount.recount(recount.due()[0])
    clock.advance(timedelta(days=8))
    assert settle(guarded.id) == answered
    all_is_well()


def test_when_the_pause_is_lifted_answers_count_again_where_nobody_took_their_place(
    guarded: Project, worker: Worker, other_worker: Worker, requester: User, organisation: Organisation
) -> None:
    work(worker, guarded, gold="bad", plain="bad")
    make.make_money(organisation, 100 * 48_000)
    recount.recount(recount.due()[0])
    mine = set(Assignment.objects.filter(worker=worker, is_gold=False).values_list("task_id", flat=True))
    work(other_worker, guarded, limit=12)
    taken = set(Assignment.objects.filter(worker=other_worker).values_list("task_id", flat=True)) & mine
    pause.lift(actor=requester, project_id=guarded.id, worker_id=worker.id, reason="The gold was wrong.")
    recount.recount(recount.due()[0])
    again = set(Assignment.objects.filter(worker=worker, is_gold=False, counts=True).values_list("task_id", flat=True))
    assert again == mine - taken
    all_is_well()
    assert take.take_next(worker=worker, project_id=guarded.id).state == "active"


def test_only_the_requester_and_staff_pause_by_hand(
    guarded: Project, worker: Worker, requester: User, stranger: User
) -> None:
    take.take_next(worker=worker, project_id=guarded.id)
    with pytest.raises(NotFound):
        pause.pause(actor=stranger, project_id=guarded.id, worker_id=worker.id, reason="I do not like him.")
    pause.pause(actor=requester, project_id=guarded.id, worker_id=worker.id, reason="He asked for it.")
    assert Participation.objects.get(worker=worker).pause_reason == "He asked for it."


def test_what_a_paused_worker_still_held_is_finished_and_paid_but_does_not_count(
    guarded: Project, worker: Worker, requester: User
) -> None:
    held = take.take_next(worker=worker, project_id=guarded.id)
    while held.is_gold:
        following = submit(worker=worker, assignment_id=held.id, value={"mood": "good"}).next
        assert following is not None
        held = following
    pause.pause(actor=requester, project_id=guarded.id, worker_id=worker.id, reason="A question came up.")
    recount.recount(recount.due()[0])
    submit(worker=worker, assignment_id=held.id, value={"mood": "good"})
    recount.recount(recount.due()[0])
    held.refresh_from_db()
    assert (held.state, held.counts) == ("submitted", False)
    all_is_well()
