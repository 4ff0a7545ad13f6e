"""Gold: when it comes, how it is scored and paid for, and whom it pauses; what a pause and its end do to answers."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crowd.assignments import offers, policy, queries
from crowd.assignments.errors import NoWork, QuizFirst, QuizFull, WorkerStopped
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import gate, give_back, pause, recount, take
from crowd.assignments.services.submit import Submitted, submit
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.projects.models import Project, Task
from crowd.projects.services import draft
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_draft, make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db


def work(worker: Worker, project: Project, *, gold: str = "good", plain: str = "good", limit: int = 1000) -> int:
    """Answer until there is no more, gold with `gold` and the rest with `plain`; the number of answers."""
    done: Submitted | None = None
    random = Random(5)  # the same for everybody: by their ids a story would end otherwise from run to run
    held: Assignment | None = take.take_next(worker=worker, project_id=project.id, random=random)
    number = 0
    while held is not None and number < limit:
        mood = gold if held.is_gold else plain
        done = submit(worker=worker, assignment_id=held.id, value={"mood": mood}, random=random)
        number, held = number + 1, done.next
    return number


def test_gold_keeps_its_share_and_no_place_can_be_predicted() -> None:
    """Whatever came before, the next task is gold with the same probability: the draw has no memory."""
    share, random = Decimal("0.2"), Random(1)
    due, gold = policy.next_place(submitted=0, share=share, random=random), []
    for submitted in range(20_000):
        if policy.gold_is_due(submitted=submitted, next_gold_at=due, quiz_left=0, share=share):
            gold.append(submitted)
            due = policy.next_place(submitted=submitted + 1, share=share, random=random)
    assert len(gold) == pytest.approx(4_000, rel=0.05)
    gaps = [after - before - 1 for before, after in pairwise(gold)]
    for waited in (0, 3, 8):
        still = [gap for gap in gaps if gap >= waited]
        assert sum(gap == waited for gap in still) / len(still) == pytest.approx(0.2, abs=0.03)


def test_who_proves_himself_is_shown_less_gold_by_intervals() -> None:
    intervals = [{"from": 20, "share": "0.1"}, {"from": 60, "share": "0.05"}]

    def share(submitted: int, right: int, wrong: int) -> Decimal:
        return policy.share_for(
            share=Decimal("0.2"),
            intervals=intervals,
            submitted=submitted,
            right=right,
            wrong=wrong,
            minimum=Decimal("0.7"),
        )

    assert [share(at, 9, 1) for at in (0, 19, 20, 59, 60)] == list(map(Decimal, ("0.2", "0.2", "0.1", "0.1", "0.05")))
    assert share(60, 4, 0) == Decimal("0.2")  # too few known answers to have proven anything
    assert share(60, 6, 4) == Decimal("0.2")  # and who is below the minimum has not either


def test_the_quiz_comes_first_and_is_all_gold(requester: User, organisation: Organisation, worker: Worker) -> None:
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(6, gold=3),
        quiz_length=3,
        quiz_cap=1,
        redundancy=1,
        choose_tasks=True,
    )
    ordinary = Task.objects.filter(project=project, is_gold=False).earliest("pk")
    with pytest.raises(QuizFirst):  # also where workers choose
        queries.choosable(worker, project)
    with pytest.raises(QuizFirst):
        take.take_named(worker=worker, project_id=project.pk, task_id=ordinary.pk)
    work(worker, project)
    assert not queries.choosable(worker, project).exists()
    order = list(Assignment.objects.filter(worker=worker).order_by("id").values_list("is_gold", flat=True))
    assert order == [True, True, True, False, False, False]
    all_is_well()


def test_whoever_fails_the_quiz_is_paused_at_its_end_not_before_and_paid_for_it(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    """The mark is set by its error rate: of 8 at a minimum of 70 %, 4 must be right, and 1 good worker of 345 fails."""
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(12, gold=8),
        quiz_length=8,
        quiz_cap=2,
        minimum_accuracy=Decimal("0.7"),
        redundancy=1,
    )
    told = offers.quiz(project)
    assert told is not None
    assert (told.length, told.right, told.pay_micros, told.seconds) == (8, 4, 8 * 40_000, None)
    assert work(worker, project, gold="bad") == 8
    participation = Participation.objects.get(worker=worker)
    assert (participation.state, participation.pause_evidence["rule"]) == ("paused", "quiz")
    assert "0 of your 8 quiz answers were right; going on here asks for 4 of 8" in participation.pause_reason
    assert work(other_worker, project) == 12
    clock.advance(timedelta(days=8))
    assert settle(project.id) == 20
    all_is_well()
    pause.lift(actor=requester, project_id=project.id, worker_id=worker.id, reason="He was ill.")
    with pytest.raises(NoWork):
        take.take_next(worker=worker, project_id=project.id)  # paused no more


def test_the_requester_may_set_the_mark_of_the_quiz(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    settings: dict[str, Any] = {"rows": texts(6, gold=3), "quiz_length": 3, "quiz_cap": 1, "redundancy": 1}
    with pytest.raises(BadInput, match="Nobody can give 4 right answers in a quiz of 3"):
        make_draft(actor=requester, organisation=organisation, quiz_pass=4, **settings)
    project = make_open(actor=requester, organisation=organisation, quiz_pass=1, **settings)
    assert work(worker, project, gold="bad") == 3
    assert Participation.objects.get(worker=worker).pause_evidence["mark"] == 1


def test_whoever_misses_a_gold_task_reads_why_where_the_requester_wants_that(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(6, gold=3), quiz_length=3, quiz_cap=1, redundancy=1
    )
    held = take.take_next(worker=worker, project_id=project.id)
    quiet = submit(worker=worker, assignment_id=held.id, value={"mood": "bad"})
    assert quiet.missed is None
    assert quiet.next is not None
    draft.edit(actor=requester, project_id=project.id, explain_misses=True)
    told = submit(worker=worker, assignment_id=quiet.next.id, value={"mood": "bad"})
    assert told.missed is not None
    assert (told.missed.right, told.missed.reason) == ({"units": [{"mood": "good"}]}, "It says so.")
    assert told.next is None  # no clock runs while he reads
    again = submit(worker=worker, assignment_id=quiet.next.id, value={"mood": "bad"})
    assert again.missed == told.missed
    right = submit(
        worker=worker, assignment_id=take.take_next(worker=worker, project_id=project.id).id, value={"mood": "good"}
    )
    assert right.missed is None


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


def test_what_is_given_back_in_a_quiz_stays_kept_for_it_until_the_quiz_ends(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    """Returned, run out, answered late after all: nobody else begins a quiz with what this one still needs."""
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(8, gold=4),
        quiz_length=2,
        quiz_cap=1,
        redundancy=2,
        grace_s=600,
    )
    held = take.take_next(worker=worker, project_id=project.pk)
    give_back.return_task(worker=worker, assignment_id=held.pk)
    with pytest.raises(QuizFull):
        take.take_next(worker=other_worker, project_id=project.pk)
    all_is_well()

    late = take.take_next(worker=worker, project_id=project.pk)
    clock.advance(timedelta(seconds=project.time_limit_s + 1))
    assert give_back.expire_due() == 1
    assert gate.gold_reserve_now(project) == 0
    done = submit(worker=worker, assignment_id=late.pk, value={"mood": "good"})
    assert (done.counted, gate.gold_reserve_now(project)) == (True, 0)
    assert done.next is not None
    assert done.next.is_gold
    submit(worker=worker, assignment_id=done.next.pk, value={"mood": "good"})
    assert Participation.objects.get(worker=worker).quiz_owed_micros == 0
    all_is_well()


def test_a_quiz_that_ran_out_of_gold_keeps_nothing_back_any_more(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(6, gold=2), quiz_length=2, quiz_cap=2, redundancy=2
    )
    give_back.return_task(worker=worker, assignment_id=take.take_next(worker=worker, project_id=project.pk).pk)
    work(worker, project)
    assert gate.gold_reserve_now(project) == 3 * project.price_micros
    take.take_next(worker=other_worker, project_id=project.pk)
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
    answered = work(worker, guarded)
    assert Assignment.objects.filter(worker=worker, is_gold=False).count() == 30  # every ordinary task
    assert 45 <= answered <= 60  # and gold between, each time with a probability of a half
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
    work(worker, guarded, limit=8)
    work(worker, guarded, gold="bad", plain="bad")
    make.make_money(organisation, 100 * 48_000)
    recount.recount(recount.due()[0])
    mine = set(Assignment.objects.filter(worker=worker, is_gold=False).values_list("task_id", flat=True))
    work(other_worker, guarded, limit=8)
    taken = set(Assignment.objects.filter(worker=other_worker).values_list("task_id", flat=True)) & mine
    pause.lift(actor=requester, project_id=guarded.id, worker_id=worker.id, reason="The gold was wrong.")
    with CaptureQueriesContext(connection) as asked:
        recount.recount(recount.due()[0])
    freed = [one for one in asked if one["sql"].startswith('UPDATE "projects_project" SET "surplus_micros"')]
    assert len(freed) == 1  # however many count again
    assert taken
    assert len(mine - taken) > 1
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
