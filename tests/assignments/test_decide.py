"""Accept and pay; reject with evidence, hold, reopen at most twice, overturn, release."""

from datetime import timedelta

import pytest

from crowd.assignments.models import Assignment, Rejection
from crowd.assignments.services import accept, reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger.models import Transfer
from crowd.ledger.queries import balance
from crowd.ledger.services import accounts
from crowd.projects.models import Project, Task, TeamMember
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
GROUNDS = Grounds(evidence="written", reason="The text is clearly about the weather.")


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1)


@pytest.fixture
def answered(project: Project, worker: Worker) -> Assignment:
    held = take.take_next(worker=worker, project_id=project.id)
    return submit(worker=worker, assignment_id=held.id, value={"mood": "good"}, take_next=False).assignment


def earned(worker: Worker) -> int:
    return balance(accounts.open(holder="worker", holder_id=worker.id, purpose="available", currency="USD"))


def test_accepting_pays_once(project: Project, answered: Assignment, requester: User, worker: Worker) -> None:
    for newly in (1, 0):
        assert accept.accept(actor=requester, project_id=project.id, assignment_ids=[answered.id]) == newly
    assert earned(worker) == 40_000
    assert Transfer.objects.get(kind="fee").amount_micros == 8_000
    all_is_well()


def test_a_stranger_decides_nothing(project: Project, answered: Assignment, stranger: User) -> None:
    with pytest.raises(NotFound):
        accept.accept(actor=stranger, project_id=project.id, assignment_ids=[answered.id])
    with pytest.raises(NotFound):
        reject.reject(actor=stranger, project_id=project.id, assignment_ids=[answered.id], grounds=GROUNDS)
    with pytest.raises(NotAllowed):
        reject.overturn(actor=stranger, assignment_id=answered.id, reason="no")


def test_an_unanswered_assignment_is_not_accepted(project: Project, worker: Worker, requester: User) -> None:
    held = take.take_next(worker=worker, project_id=project.id)
    with pytest.raises(Conflict):
        accept.accept(actor=requester, project_id=project.id, assignment_ids=[held.id])


def test_a_rejection_needs_evidence_and_a_reason(project: Project, answered: Assignment, requester: User) -> None:
    for grounds in (Grounds(evidence="mood", reason="x"), Grounds(evidence="written", reason="  ")):
        with pytest.raises(BadInput):
            reject.reject(actor=requester, project_id=project.id, assignment_ids=[answered.id], grounds=grounds)
    answered.refresh_from_db()
    assert answered.state == "submitted"


def test_a_rejected_reward_is_held_and_the_slot_reopened_with_new_money(
    project: Project, answered: Assignment, requester: User, organisation: Organisation, worker: Worker
) -> None:
    make.make_money(organisation, 48_000)
    (rejection,) = reject.reject(
        actor=requester, project_id=project.id, assignment_ids=[answered.id], grounds=GROUNDS
    ).rejections
    assert rejection.reopened
    assert Task.objects.get(id=answered.task_id).open
    assert earned(worker) == 0
    all_is_well()
    clock.advance(timedelta(days=14))
    assert reject.release_due() == 1
    assert reject.release_due() == 0
    assert Project.objects.get(id=project.id).surplus_micros == 48_000
    with pytest.raises(WrongState):
        make_staff_overturn(answered)
    all_is_well()


def test_without_money_the_slot_stays_closed(project: Project, answered: Assignment, requester: User) -> None:
    (rejection,) = reject.reject(
        actor=requester, project_id=project.id, assignment_ids=[answered.id], grounds=GROUNDS
    ).rejections
    assert not rejection.reopened
    task = Task.objects.get(id=answered.task_id)
    assert (task.needed, task.open) == (0, False)
    all_is_well()


def test_a_task_reopened_twice_goes_to_the_requester(
    project: Project, requester: User, organisation: Organisation
) -> None:
    make.make_money(organisation, 10 * 48_000)
    Task.objects.filter(project=project).exclude(id=Task.objects.first().id).update(priority=0)  # type: ignore[union-attr]
    for _ in range(3):
        worker = make.make_worker()
        held = take.take_next(worker=worker, project_id=project.id)
        submit(worker=worker, assignment_id=held.id, value={"mood": "bad"}, take_next=False)
        reject.reject(actor=requester, project_id=project.id, assignment_ids=[held.id], grounds=GROUNDS)
    task = Task.objects.get(id=held.task_id)
    assert (task.state, task.open, task.rejected_count) == ("review", False, 2)
    all_is_well()


def make_staff_overturn(answered: Assignment) -> Rejection:
    return reject.overturn(actor=make.make_staff(), assignment_id=answered.id, reason="It was right.")


@pytest.mark.parametrize("reopen", [True, False])
def test_staff_overturn_a_rejection_and_the_worker_is_paid(
    project: Project, answered: Assignment, requester: User, organisation: Organisation, worker: Worker, reopen: bool
) -> None:
    make.make_money(organisation, 48_000)
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[answered.id], grounds=GROUNDS, reopen=reopen)
    make_staff_overturn(answered)
    answered.refresh_from_db()
    assert (answered.state, answered.counts) == ("accepted", True)
    assert earned(worker) == 40_000
    all_is_well()


def test_an_overturned_answer_does_not_count_where_another_took_its_place(
    project: Project, answered: Assignment, requester: User, organisation: Organisation, other_worker: Worker
) -> None:
    make.make_money(organisation, 48_000)
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[answered.id], grounds=GROUNDS)
    for _ in range(2):
        held = take.take_next(worker=other_worker, project_id=project.id)
        submit(worker=other_worker, assignment_id=held.id, value={"mood": "bad"}, take_next=False)
    make_staff_overturn(answered)
    answered.refresh_from_db()
    assert (answered.state, answered.counts) == ("accepted", False)
    all_is_well()


def test_nobody_decides_about_his_own_answers(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1, workforce="team")
    own = make.make_worker(user=requester)
    TeamMember.objects.create(project=project, worker=own)
    held = take.take_next(worker=own, project_id=project.id)
    submit(worker=own, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    with pytest.raises(NotAllowed):
        accept.accept(actor=requester, project_id=project.id, assignment_ids=[held.id])
    with pytest.raises(NotAllowed):
        reject.reject(actor=requester, project_id=project.id, assignment_ids=[held.id], grounds=GROUNDS)
