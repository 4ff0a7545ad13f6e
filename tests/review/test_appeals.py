"""Contesting: what was decided, by whom it is decided again, on which evidence, within which time."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from django.core.cache import cache

from crowd.assignments.models import Assignment, HeldBatch, Participation, Rejection
from crowd.assignments.services import batches, pause, reject, standing, submit, take
from crowd.assignments.services.grounds import Grounds
from crowd.consensus.services.close import close_project
from crowd.consensus.services.escalate import escalate
from crowd.consensus.services.settle import settle
from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.notices.models import Notice
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import publish
from crowd.review import queries
from crowd.review.errors import AppealedAlready, NotTheOne, NotWorkedHere, TooLate
from crowd.review.models import Appeal
from crowd.review.services import appeals, held, peers, ratings
from crowd.review.states import AppealState
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_open, texts
from tests.races import errors, meeting, together
from tests.review.reviewing.answering import earned
from workers.models import Block, Worker
from workers.services import blocks

pytestmark = pytest.mark.django_db(transaction=True)
GROUNDS = Grounds(evidence="written", reason="It is clearly bad.")
DAY = timedelta(days=1)


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)


def answer(worker: Worker, project: Project, mood: str = "good") -> Assignment:
    held_ = take.take_next(worker=worker, project_id=project.pk, random=Random(1))
    return submit.submit(worker=worker, assignment_id=held_.pk, value={"mood": mood}, take_next=False).assignment


@pytest.fixture
def rejection(requester: User, project: Project, worker: Worker) -> Rejection:
    given = answer(worker, project)
    done = reject.reject(
        actor=requester, project_id=project.pk, assignment_ids=[given.pk], grounds=GROUNDS, reopen=False
    )
    return done.rejections[0]


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_rejected_he_appeals_peers_are_asked_blind_and_he_is_paid(
    project: Project,
    rejection: Rejection,
    worker: Worker,
    requester: User,
    staff: User,
    organisation: Organisation,
    stranger: User,
) -> None:
    make.make_money(organisation, 100 * CENT)
    with pytest.raises(BadInput, match="wrong"):
        appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text=" ")
    appeal = appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It says: the best day.")
    assert appeal.peers == 3
    with pytest.raises(AppealedAlready):
        appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="Once more.")
    all_is_well()

    others = [make.make_worker() for _number in range(2)]
    for other, mood in zip(others, ("good", "bad"), strict=True):
        answer(other, project, mood)  # a task like any other
    assert peers.told(appeal) == {
        "asked": 3,
        "answered": 2,
        "same": 1,
        "values": [{"units": [{"mood": "good"}]}, {"units": [{"mood": "bad"}]}],
    }
    clock.advance(15 * DAY)  # the window has passed, the reward is held all the same
    assert reject.release_due() == 0

    for nobody in (requester, stranger):
        with pytest.raises((NotTheOne, NotFound)):
            appeals.uphold(actor=nobody, appeal_id=appeal.pk, reason="No.")
    with pytest.raises(Conflict, match="decide the appeal"):
        reject.overturn(actor=staff, assignment_id=rejection.assignment_id, reason="It was right.")
    appeals.grant(actor=staff, appeal_id=appeal.pk, reason="It was right.")

    assert earned(worker) == 4 * CENT
    appeal.refresh_from_db()
    assert (appeal.state, appeal.evidence["same"]) == (AppealState.GRANTED, 1)
    assert Assignment.objects.get(pk=rejection.assignment_id).state == "accepted"
    task = Task.objects.get()
    assert (task.open, task.needed - task.filled) == (False, 0)  # who was not found is not wanted any more
    assert told(worker.user) == ["answers_rejected", "appeal_granted"]
    assert told(requester)[-1] == "requester_appeal_granted"
    record = queries.record(organisation.pk)
    assert (record.appeals, record.appeals_lost) == (1, 1)
    with pytest.raises(WrongState):
        appeals.uphold(actor=staff, appeal_id=appeal.pk, reason="After all not.")
    all_is_well()


def test_what_specialists_are_asked_meanwhile_is_not_taken_back_with_the_peers(
    project: Project, rejection: Rejection, worker: Worker, staff: User, organisation: Organisation
) -> None:
    make.make_money(organisation, 100 * CENT)
    appeal = appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It says: the best day.")
    Tier.objects.create(project=project, number=1, name="Doctors", reward_micros=0, redundancy=1, expert_calls=1)
    caller = make.make_worker()
    held_ = take.take_next(worker=caller, project_id=project.pk)
    called = {"cannot_answer": {"reason": "needs_expert"}}
    submit.submit(worker=caller, assignment_id=held_.pk, value=called, take_next=False)
    assert escalate(project.pk) == 1
    appeals.uphold(actor=staff, appeal_id=appeal.pk, reason="It is clearly bad.")
    task = Task.objects.get()
    assert (task.tier, task.needed - task.filled, task.open) == (1, 1, True)
    all_is_well()


def test_not_granted_it_is_final_and_the_money_goes_back(
    project: Project, rejection: Rejection, worker: Worker, staff: User, requester: User, organisation: Organisation
) -> None:
    appeal = appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It was right.")
    assert appeal.peers == 0  # nobody has money for asking again
    publish.start_closing(actor=requester, project_id=project.pk)
    assert close_project(project.pk)
    all_is_well()

    appeals.uphold(actor=staff, appeal_id=appeal.pk, reason="It is clearly bad.")

    rejection.refresh_from_db()
    assert (rejection.state, rejection.resolution) == ("released", "It is clearly bad.")
    assert earned(worker) == 0
    all_is_well()


def test_silence_pays(project: Project, rejection: Rejection, worker: Worker, organisation: Organisation) -> None:
    clock.advance(13 * DAY)
    appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It was right.")
    clock.advance(6 * DAY)
    assert appeals.grant_overdue() == 0

    clock.advance(DAY)
    assert appeals.grant_overdue() == 1
    assert appeals.grant_overdue() == 0

    assert earned(worker) == 4 * CENT
    assert queries.record(organisation.pk).appeals_lost == 1
    all_is_well()


def test_after_the_deadline_it_says_so_and_changes_nothing(
    rejection: Rejection, worker: Worker, other_worker: Worker, requester: User, project: Project
) -> None:
    with pytest.raises(NotFound):
        appeals.against_rejection(worker=other_worker, rejection_id=rejection.pk, text="Not mine.")
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="Let us talk.")
    clock.advance(14 * DAY)

    with pytest.raises(TooLate) as late:
        appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It was right.")
    with pytest.raises(TooLate):
        appeals.against_pause(worker=worker, project_id=project.pk, text="Let us not.")

    assert late.value.data["until"] == rejection.held_until
    assert not Appeal.objects.exists()
    assert reject.release_due() == 1
    all_is_well()


def test_the_requester_may_give_in_but_not_judge(rejection: Rejection, worker: Worker, requester: User) -> None:
    appeal = appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It was right.")

    with pytest.raises(NotTheOne):
        appeals.uphold(actor=requester, appeal_id=appeal.pk, reason="No.")
    appeals.grant(actor=requester, appeal_id=appeal.pk, reason="He was right.")

    assert earned(worker) == 4 * CENT
    all_is_well()


def test_pauses_and_blocks_are_contested_too(
    project: Project, worker: Worker, requester: User, staff: User, other_staff: User, organisation: Organisation
) -> None:
    answer(worker, project)
    with pytest.raises(Conflict, match="not paused"):
        appeals.against_pause(worker=worker, project_id=project.pk, text="Why?")
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="Let us talk.")
    first = appeals.against_pause(worker=worker, project_id=project.pk, text="I did nothing.")
    with pytest.raises(AppealedAlready):
        appeals.against_pause(worker=worker, project_id=project.pk, text="I did nothing.")
    appeals.grant(actor=staff, appeal_id=first.pk, reason="Nothing was measured.")
    assert Participation.objects.get(worker=worker).state == "active"

    block = blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="By machine")
    second = appeals.against_block(worker=worker, block_id=block.pk, text="I am none.")
    with pytest.raises(NotTheOne):
        appeals.grant(actor=staff, appeal_id=second.pk, reason="Well.")
    clock.advance(30 * DAY)
    assert appeals.grant_overdue() == 0  # nobody is let back onto the site by silence
    appeals.grant(actor=other_staff, appeal_id=second.pk, reason="A person, after all.")
    assert Block.objects.get().lifted_by == other_staff
    assert told(worker.user)[-2:] == ["blocked_on_site", "appeal_granted"]
    all_is_well()


def test_of_two_who_decide_at_once_one_does(
    rejection: Rejection, worker: Worker, staff: User, other_staff: User
) -> None:
    appeal = appeals.against_rejection(worker=worker, rejection_id=rejection.pk, text="It was right.")

    done = together(
        lambda: appeals.grant(actor=staff, appeal_id=appeal.pk, reason="Right."),
        lambda: appeals.uphold(actor=other_staff, appeal_id=appeal.pk, reason="Wrong."),
    )

    assert [type(one) for one in errors(done)] == [WrongState]
    all_is_well()


@pytest.fixture
def masses(requester: User, organisation: Organisation, settings: Any) -> Callable[[int], list[int]]:
    """Ids of so many undecided answers in one project."""
    settings.CROWD_HOLD_REJECTIONS_FROM = 4
    project = make_open(actor=requester, organisation=organisation, rows=texts(8), redundancy=1)

    def made(count: int) -> list[int]:
        worker = make.make_worker()
        return [answer(worker, project).pk for _number in range(count)]

    return made


def test_many_rejections_at_once_wait_for_staff_before_any_rate_changes(
    masses: Callable[[int], list[int]], requester: User, staff: User
) -> None:
    ids = masses(6)
    project = Project.objects.get()
    few = reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids[:2], grounds=GROUNDS)
    assert len(few.rejections) == 2

    done = reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids[2:5], grounds=GROUNDS)
    assert done.held is not None
    assert (done.rejections, done.held.share) == ((), 1.0)
    assert Rejection.objects.count() == 2
    standing.fold()
    assert Worker.objects.get().rejected_count == 2
    with pytest.raises(Conflict, match="wait for staff"):
        reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids[5:], grounds=GROUNDS)
    with pytest.raises(NotAllowed):
        held.let_pass(actor=requester, batch_id=done.held.pk)
    all_is_well()

    assert held.let_pass(actor=staff, batch_id=done.held.pk, note="They are.") == 3
    assert Rejection.objects.filter(rejected_by=requester).count() == 5
    assert told(Worker.objects.get().user) == ["answers_rejected", "answers_rejected"]  # once a batch
    with pytest.raises(WrongState):
        held.refuse(actor=staff, batch_id=done.held.pk, note="After all not.")
    all_is_well()


def test_a_few_a_day_or_a_few_in_each_of_many_projects_are_held_too(
    masses: Callable[[int], list[int]], requester: User, organisation: Organisation, staff: User, worker: Worker
) -> None:
    ids = masses(4)
    project = Project.objects.get()
    for id in ids[:3]:
        assert reject.reject(actor=requester, project_id=project.pk, assignment_ids=[id], grounds=GROUNDS).rejections
        clock.advance(timedelta(days=1))
    fourth = reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids[3:], grounds=GROUNDS)
    assert fourth.held is not None
    held.refuse(actor=staff, batch_id=fourth.held.pk, note="No evidence.")

    other = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1)
    first = answer(worker, other).pk
    elsewhere = reject.reject(actor=requester, project_id=other.pk, assignment_ids=[first], grounds=GROUNDS)
    assert elsewhere.held is not None
    assert Rejection.objects.count() == 3
    all_is_well()


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_rejections_in_two_projects_at_once_are_counted_one_after_the_other(
    masses: Callable[[int], list[int]],
    requester: User,
    organisation: Organisation,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    locked: bool,
) -> None:
    here, other = masses(3), make_open(actor=requester, organisation=organisation, rows=texts(3), redundancy=1)
    there = [answer(worker, other).pk for _number in range(3)]
    if not locked:
        monkeypatch.setattr(locks, "exclusive", lambda *_key: None)
    monkeypatch.setattr(batches, "too_many", meeting(batches.too_many))
    deed = partial(reject.reject, actor=requester, grounds=GROUNDS)
    first = Project.objects.exclude(pk=other.pk).get()
    done = together(
        partial(deed, project_id=first.pk, assignment_ids=here),
        partial(deed, project_id=other.pk, assignment_ids=there),
    )
    assert Rejection.objects.count() == (3 if locked else 6)
    assert [one.held is not None for one in done].count(True) == int(locked)
    all_is_well()


def test_what_staff_refuse_or_nobody_decides_is_paid(
    masses: Callable[[int], list[int]], requester: User, staff: User
) -> None:
    ids = masses(5)
    project = Project.objects.get()
    first = reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids[:4], grounds=GROUNDS).held
    assert first is not None
    held.refuse(actor=staff, batch_id=first.pk, note="No evidence.")
    assert told(requester)[-1] == "rejections_refused"
    second = reject.reject(actor=requester, project_id=project.pk, assignment_ids=ids, grounds=GROUNDS).held
    assert second is not None

    clock.advance(timedelta(seconds=project.auto_accept_s))
    settle(project.pk)

    assert held.let_pass(actor=staff, batch_id=second.pk) == 0
    assert HeldBatch.objects.get(pk=second.pk).state == "passed"
    assert Assignment.objects.filter(state="accepted").count() == 5
    all_is_well()


def test_workers_rate_requesters_and_few_of_them_are_not_shown(
    requester: User, organisation: Organisation, other_worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=5)
    with pytest.raises(NotWorkedHere):
        ratings.rate(worker=other_worker, project_id=project.pk, pay=1, clarity=1, fairness=1)
    for number in range(5):
        cache.clear()
        assert queries.record(organisation.pk).ratings.pay is None
        worker = make.make_worker()
        answer(worker, project)
        with pytest.raises(BadInput):
            ratings.rate(worker=worker, project_id=project.pk, pay=6, clarity=1, fairness=1)
        for pay in (1, number + 1):  # the last word counts
            ratings.rate(worker=worker, project_id=project.pk, pay=pay, clarity=5, fairness=4)

    cache.clear()
    found = queries.record(organisation.pk).ratings
    assert (found.workers, found.pay, found.clarity, found.fairness) == (5, 3.0, 5.0, 4.0)
