"""From answers to consensus, and from consensus to pay."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crowd.assignments.models import Assignment
from crowd.assignments.services import accept, reject, slots, take, task_review
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.consensus.models import AggregationRun, Consensus, Proposal, WorkerScore
from crowd.consensus.services import proposals
from crowd.consensus.services import settle as settling
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.close import close_project
from crowd.consensus.services.decide import decide
from crowd.consensus.services.settle import settle
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import NotEnoughMoney
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CHOICE, make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
CANNOT = {"cannot_answer": {"reason": "media_broken", "comment": ""}}
PRICE = 48_000


def answer(worker: Worker, project: Project, *values: Any) -> list[Assignment]:
    """Take and submit these answers, one task each."""
    given = []
    for value in values:
        held = take.take_next(worker=worker, project_id=project.id)
        value = {"mood": value} if isinstance(value, str) else value
        given.append(submit(worker=worker, assignment_id=held.id, value=value, take_next=False).assignment)
    return given


def crowd(number: int) -> list[Worker]:
    return [make.make_worker() for _ in range(number)]


def available(organisation: Organisation) -> int:
    return balance(accounts.open(holder="organisation", holder_id=organisation.id, purpose="available", currency="USD"))


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=3)


def test_the_consensus_says_how_sure_it_is_and_from_how_many_answers(project: Project) -> None:
    for worker, mood in zip(crowd(3), ("good", "good", "bad"), strict=True):
        answer(worker, project, mood)
    run = aggregate(project.id)
    assert run is not None
    row = Consensus.objects.get()
    assert (row.value, row.answers) == ("good", 3)
    assert row.agreement == pytest.approx(2 / 3)
    assert row.posterior == row.distribution["good"] > row.distribution["bad"]
    assert WorkerScore.objects.filter(accuracy__gt=0).count() == 3


def test_the_same_answers_give_the_same_run(project: Project) -> None:
    for worker in crowd(3):
        answer(worker, project, "good")
    first, second = aggregate(project.id), aggregate(project.id)
    assert first is not None
    assert second is not None
    assert (first.input_sha256, first.figures) == (second.input_sha256, second.figures)
    assert Consensus.objects.count() == 1


def test_nothing_is_aggregated_before_the_first_answer(project: Project) -> None:
    assert aggregate(project.id) is None
    assert not AggregationRun.objects.exists()


def test_a_rejected_answer_does_not_vote_but_its_worker_is_known_by_it(project: Project, requester: User) -> None:
    first, second = crowd(2)
    answer(first, project, "good")
    (bad,) = answer(second, project, "bad")
    aggregate(project.id)
    before = Consensus.objects.get()
    assert before.tied
    grounds = Grounds(evidence="written", reason="It is plainly good.")
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[bad.id], grounds=grounds, reopen=False)
    aggregate(project.id)
    after = Consensus.objects.get()
    assert (after.value, after.answers, after.tied) == ("good", 1, False)
    assert WorkerScore.objects.get(worker=second).answers == 1


def test_gold_is_clamped_and_teaches_who_is_good(requester: User, organisation: Organisation) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(13, gold=12), quiz_length=12, quiz_cap=2, redundancy=2
    )
    good, bad = crowd(2)
    for worker, on_gold, plain in ((good, "good", "bad"), (bad, "bad", "good")):
        answer(worker, project, *[on_gold] * 12, plain)
    aggregate(project.id)
    row = Consensus.objects.get()  # the gold tasks have none: their answer is known
    assert (row.value, row.tied) == ("bad", False)


def test_numbers_and_texts_have_no_posterior(requester: User, organisation: Organisation) -> None:
    config = {
        "data": {"kind": "text", "field": "text"},
        "questions": [
            {"id": "count", "kind": "number", "text": "How many?"},
            {"id": "title", "kind": "text", "text": "A title?"},
            {"id": "tags", "kind": "multi-choice", "text": "Which?", "labels": ["a", "b", "c"]},
        ],
    }
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=3, label_config=config)
    said = [(3, "a red car", ["a", "b"]), (4, "a red cat", ["a", "b"]), (90, "nothing", ["c"])]
    for worker, (count, title, tags) in zip(crowd(3), said, strict=True):
        answer(worker, project, {"count": count, "title": title, "tags": tags})
    aggregate(project.id)
    rows = {row.question: row for row in Consensus.objects.all()}
    assert rows["count"].value == 4
    assert rows["title"].value in ("a red car", "a red cat")
    assert rows["tags"].value == ["a", "b"]
    assert rows["count"].posterior is None
    assert rows["title"].posterior is None
    assert rows["tags"].posterior is not None


def test_pages_of_units_are_merged_unit_by_unit(requester: User, organisation: Organisation) -> None:
    config = CHOICE | {"data": {"kind": "row"}}
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(3),
        redundancy=1,
        label_config=config,
        split={"by": "rows", "size": 3},
    )
    (worker,) = crowd(1)
    answer(worker, project, {"units": [{"mood": "good"}, {"mood": "bad"}, {"mood": "good"}]})
    aggregate(project.id)
    assert list(Consensus.objects.order_by("unit").values_list("unit", "value")) == [
        (0, "good"),
        (1, "bad"),
        (2, "good"),
    ]


def test_when_the_delay_ends_everybody_undecided_is_paid_complete_or_not(project: Project, worker: Worker) -> None:
    answer(worker, project, "good")
    assert settle(project.id) == 0
    clock.advance(timedelta(days=7))
    assert settle(project.id) == 1
    assert settle(project.id) == 0
    all_is_well()


def test_pay_at_once_pays_when_the_task_is_complete(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=2, pay_policy="at_once")
    first, second = crowd(2)
    answer(first, project, "good")
    assert settle(project.id) == 0
    answer(second, project, "bad")
    assert settle(project.id) == 2
    all_is_well()


@pytest.fixture
def by_consensus(requester: User, organisation: Organisation) -> tuple[Project, Assignment]:
    """Five workers agree on gold-like ease, one of them is wrong about one task: a sure consensus against him."""
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(6),
        redundancy=5,
        pay_policy="consensus",
        pay_threshold=Decimal("0.9"),
    )
    *right, wrong = crowd(5)
    for worker in right:
        answer(worker, project, *["good"] * 6)
    answer(wrong, project, *["good"] * 5)
    (odd,) = answer(wrong, project, "bad")
    return project, odd


def test_answers_are_settled_a_chunk_at_a_time_by_statements_of_one_length(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=3, pay_policy="at_once")
    given = [one for worker in crowd(3) for one in answer(worker, project, *["good"] * 3)]
    monkeypatch.setattr(settling, "CHUNK", 2)
    with CaptureQueriesContext(connection) as asked:
        chunks = list(settling._by_task(settling.complete(project)))
    assert sorted(id for chunk in chunks for id in chunk) == sorted(one.pk for one in given)
    assert [len(chunk) for chunk in chunks] == [2, 2, 2, 2, 1]
    assert len({one["sql"].count(" AND ") for one in asked.captured_queries[1:]}) == 1
    assert settle(project.id) == 9


def test_what_the_policy_would_not_accept_is_only_proposed_and_silence_pays(
    by_consensus: tuple[Project, Assignment],
) -> None:
    project, odd = by_consensus
    assert settle(project.id) == 0  # no consensus yet: nothing is judged
    aggregate(project.id)
    assert settle(project.id) == 29
    proposal = Proposal.objects.get()
    assert proposal.assignment_id == odd.id
    assert proposal.facts["against"][0]["consensus"] == "good"
    odd.refresh_from_db()
    assert odd.state == "submitted"
    clock.advance(timedelta(days=7))
    assert settle(project.id) == 1
    proposal.refresh_from_db()
    assert proposal.state == "lapsed"
    all_is_well()


def test_nobody_is_judged_by_a_consensus_of_answers_that_are_gone(requester: User, organisation: Organisation) -> None:
    terms: dict[str, Any] = {"pay_policy": "consensus", "pay_threshold": Decimal("0.5")}
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1, **terms)
    first, second = crowd(2)
    gone = answer(first, project, "good", "good")
    aggregate(project.id)
    now, tasks = clock.now(), [one.task_id for one in gone]
    decide(project, question="mood", keys=[(tasks[1], 0)], label="bad", now=now)
    Assignment.objects.filter(project=project).update(counts=False)
    slots.stop_many([(task, 1, 0) for task in tasks], ruled_at=now)
    clock.advance(timedelta(minutes=1))
    (again,) = answer(second, project, "bad")
    assert settle(project.id) == 1  # what was said before is paid and counts against nobody
    assert not Proposal.objects.exists()  # one answer again, but not the one that the consensus knows
    again.refresh_from_db()
    assert again.state == "submitted"
    aggregate(project.id)
    assert settle(project.id) == 1

    Assignment.objects.filter(pk=again.pk).update(counts=False)
    slots.stop_many([(again.task_id, 1, 0)], ruled_at=clock.now())
    aggregate(project.id)
    assert list(Consensus.objects.values_list("task_id", "value")) == [(tasks[1], "bad")]


def test_a_named_person_follows_a_proposal_or_dismisses_it(
    by_consensus: tuple[Project, Assignment], requester: User, stranger: User
) -> None:
    project, odd = by_consensus
    aggregate(project.id)
    settle(project.id)
    proposal = Proposal.objects.get()
    with pytest.raises(NotFound):
        proposals.reject(actor=stranger, project_id=project.id, proposal_ids=[proposal.id], reason="Because.")
    with pytest.raises(BadInput):
        proposals.reject(actor=requester, project_id=project.id, proposal_ids=[proposal.id], reason=" ")
    proposals.reject(actor=requester, project_id=project.id, proposal_ids=[proposal.id], reason="Four say good.")
    odd.refresh_from_db()
    assert odd.state == "rejected"
    with pytest.raises(WrongState):
        proposals.dismiss(actor=requester, project_id=project.id, proposal_ids=[proposal.id])
    all_is_well()


def test_a_dismissed_proposal_is_paid_at_once(by_consensus: tuple[Project, Assignment], requester: User) -> None:
    project, odd = by_consensus
    aggregate(project.id)
    settle(project.id)
    proposals.dismiss(
        actor=requester, project_id=project.id, proposal_ids=list(Proposal.objects.values_list("id", flat=True))
    )
    odd.refresh_from_db()
    assert odd.state == "accepted"
    all_is_well()


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


def test_a_lone_report_among_labels_is_proposed_for_rejection(project: Project) -> None:
    first, second, third = crowd(3)
    answer(first, project, "good")
    answer(second, project, "good")
    (report,) = answer(third, project, CANNOT)
    settle(project.id)
    proposal = Proposal.objects.get()
    assert (proposal.assignment_id, proposal.evidence) == (report.id, "labeled")
    assert proposal.facts == {"labeled": 2, "reported": 1}
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


def test_closing_waits_for_what_is_undecided_and_then_returns_the_rest(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1)
    answer(worker, project, "good")
    held = take.take_next(worker=worker, project_id=project.id)
    publish.start_closing(actor=requester, project_id=project.id)
    assert not close_project(project.id)
    submit(worker=worker, assignment_id=held.id, value={"mood": "bad"})
    assert not close_project(project.id)
    clock.advance(timedelta(days=7))
    assert close_project(project.id)
    assert not close_project(project.id)
    assert available(organisation) == PRICE
    assert Project.objects.get().state == "closed"
    all_is_well()


@pytest.mark.parametrize("overturned", [True, False])
def test_a_held_reward_outlives_the_closing_until_its_window_ends(
    requester: User, organisation: Organisation, worker: Worker, staff: User, overturned: bool
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    (given,) = answer(worker, project, "good")
    grounds = Grounds(evidence="written", reason="No.")
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[given.id], grounds=grounds)
    publish.start_closing(actor=requester, project_id=project.id)
    assert close_project(project.id)
    assert available(organisation) == 0
    all_is_well()
    if overturned:
        reject.overturn(actor=staff, assignment_id=given.id, reason="It was right.")
    clock.advance(timedelta(days=14))
    assert reject.release_due() == (0 if overturned else 1)
    assert available(organisation) == (0 if overturned else PRICE)
    all_is_well()


def test_in_a_team_that_works_for_nothing_no_money_moves(requester: User, organisation: Organisation) -> None:
    from crowd.ledger.models import Transfer
    from crowd.projects.models import TeamMember

    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(1),
        redundancy=2,
        reward_micros=0,
        workforce="team",
        pay_policy="at_once",
    )
    for worker in crowd(2):
        with pytest.raises(NotFound):
            answer(worker, project, "good")
        TeamMember.objects.create(project=project, worker=worker)
        answer(worker, project, "good")
    aggregate(project.id)
    assert settle(project.id) == 2
    assert not Transfer.objects.exists()
    assert Consensus.objects.get().value == "good"
    all_is_well()


def test_accepting_by_hand_needs_no_delay(project: Project, requester: User, worker: Worker) -> None:
    (given,) = answer(worker, project, "good")
    accept.accept(actor=requester, project_id=project.id, assignment_ids=[given.id])
    all_is_well()
