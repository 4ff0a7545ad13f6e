"""Two at once. Each race has a control, which shows that without the lock it would be lost."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db.utils import IntegrityError

from crowd.assignments.errors import NoWork
from crowd.assignments.models import Assignment
from crowd.assignments.services import accept, claim, gate, give_back, submit, take
from crowd.assignments.services.submit import submit as submit_answer
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals, settle
from crowd.consensus.services.close import close_project
from crowd.kernel import clock, locks
from crowd.kernel.invariants import broken
from crowd.operations.verify import invariants
from crowd.projects.models import Project, Task
from crowd.projects.services import publish, reserves
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.races import PATIENCE_S, errors, meeting, together, wait_for
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)
UNLOCKED = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


def unlock_participations(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENTER", "ENTER_BY_ASSIGNMENT"):
        monkeypatch.setattr(gate, name, getattr(gate, name).replace("FOR NO KEY UPDATE OF p", ""))


@UNLOCKED
def test_two_workers_on_the_last_slot(
    requester: User,
    organisation: Organisation,
    worker: Worker,
    other_worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    locked: bool,
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    if not locked:
        monkeypatch.setattr(claim, "FROM_RING", claim.FROM_RING.replace("FOR NO KEY UPDATE OF t SKIP LOCKED", ""))
    monkeypatch.setattr(claim, "_take", meeting(claim._take))
    results = together(
        lambda: take.take_next(worker=worker, project_id=project.id),
        lambda: take.take_next(worker=other_worker, project_id=project.id),
    )
    (loser,) = errors(results)
    assert isinstance(loser, NoWork if locked else IntegrityError)
    assert Task.objects.get().filled == 1
    all_is_well()


@UNLOCKED
def test_one_worker_asks_twice(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(4), redundancy=1)
    give_back.return_task(worker=worker, assignment_id=take.take_next(worker=worker, project_id=project.id).id)
    if not locked:
        unlock_participations(monkeypatch)
    monkeypatch.setattr(take, "_held", meeting(take._held))
    results = together(*[lambda: take.take_next(worker=worker, project_id=project.id)] * 2)
    assert errors(results) == []
    assert Assignment.objects.filter(state="active").count() == (1 if locked else 2)
    assert len({one.id for one in results}) == (1 if locked else 2)


def test_a_new_workers_first_two_requests_make_one_participation_and_one_assignment(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(4), redundancy=1)
    monkeypatch.setattr(gate, "unmet", meeting(gate.unmet))  # both are past the question whether he is new
    first, second = together(*[lambda: take.take_next(worker=worker, project_id=project.id)] * 2)
    assert first.id == second.id
    all_is_well()


@UNLOCKED
def test_a_submit_against_the_end_of_its_time(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(1), redundancy=1, time_limit_s=60, grace_s=60
    )
    held = take.take_next(worker=worker, project_id=project.id)
    Assignment.objects.filter(id=held.id).update(deadline=clock.now())
    if not locked:
        unlock_participations(monkeypatch)
    both = meeting(lambda: None)
    monkeypatch.setattr(submit, "_read", _then(submit._read, both))
    monkeypatch.setattr(give_back, "expire_locked", _before(give_back.expire_locked, both))
    results = together(
        lambda: submit_answer(worker=worker, assignment_id=held.id, value={"mood": "good"}, take_next=False),
        give_back.expire_due,
    )
    if locked:
        assert errors(results) == []
        assert Assignment.objects.get().state == "submitted"
        all_is_well()
    else:
        assert errors(results) or broken(invariants())


@UNLOCKED
def test_two_accepts_pay_once(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    submit_answer(worker=worker, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    if not locked:
        monkeypatch.setattr(accept, "locked_for", lambda actor, project_id: Project.objects.get(id=project_id))
        monkeypatch.setattr(accept, "lock_all", lambda project, ids: list(Assignment.objects.filter(id__in=ids)))
    monkeypatch.setattr(accept, "lock_all", meeting(accept.lock_all))
    results = together(*[lambda: accept.accept(actor=requester, project_id=project.id, assignment_ids=[held.id])] * 2)
    assert sorted(results) == ([0, 1] if locked else [1, 1])
    all_is_well()  # the transfers' keys hold even without the lock


@UNLOCKED
def test_closing_against_taking(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1)
    if not locked:
        monkeypatch.setattr(locks, "exclusive", lambda gate, key: None)
    has_read, is_closed = Event(), Event()

    def read_slowly(project_id: int) -> Project:
        found = project_of(project_id)
        has_read.set()
        wait_for(is_closed)
        return found

    project_of = take.project_of
    monkeypatch.setattr(take, "project_of", read_slowly)

    def close() -> bool:
        has_read.wait(PATIENCE_S)
        publish.start_closing(actor=requester, project_id=project.id)
        closed = close_project(project.id)
        is_closed.set()
        return closed

    taken, closed = together(lambda: take.take_next(worker=worker, project_id=project.id), close)
    assert taken.state == "active"
    assert closed is not locked
    assert bool(broken(invariants())) is not locked


@UNLOCKED
def test_a_proposal_is_followed_at_the_end_of_its_answers_time(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """One of the two comes first; in the control each has what the other waits for, and one has to die."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    submit_answer(worker=worker, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    proposal = Proposal.objects.create(
        project=project, assignment=held, evidence="labeled", facts={}, created_at=clock.now()
    )
    Assignment.objects.filter(id=held.id).update(due_at=clock.now())
    if not locked:
        monkeypatch.setattr(reserves, "lock", lambda id: Project.objects.get(id=id))
    both = meeting(lambda: None)
    monkeypatch.setattr(accept, "accept_many", _then(accept.accept_many, both))
    monkeypatch.setattr(proposals, "_locked", _then(proposals._locked, both))
    follow: dict[str, Any] = {
        "actor": requester,
        "project_id": project.id,
        "proposal_ids": [proposal.id],
        "reason": "It is not.",
    }
    results = together(lambda: settle.settle(project.id), lambda: proposals.reject(**follow))
    assert any("deadlock" in str(error) for error in errors(results)) is not locked
    all_is_well()


def _then(function: Callable[..., Any], deed: Callable[[], Any]) -> Callable[..., Any]:
    def both(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        deed()
        return result

    return both


def _before(function: Callable[..., Any], deed: Callable[[], Any]) -> Callable[..., Any]:
    def both(*args: Any, **kwargs: Any) -> Any:
        deed()
        return function(*args, **kwargs)

    return both
