"""Blocks: by staff from the site, by an organisation from its projects; with a reason, an end, and a way back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.kernel.transitions import WrongState
from crowd.users import queries as user_queries
from crowd.users.models import AuditEntry, Organisation, User
from tests import make
from tests.races import meeting, together
from workers import queries
from workers.errors import AlreadyBlocked
from workers.models import Block, Worker
from workers.services import accounts, blocks
from workers.services.pseudonyms import pseudonym_for
from workers.states import WorkerState

DAY = timedelta(days=1)


@pytest.fixture
def code(organisation: Organisation, worker: Worker) -> str:
    return pseudonym_for(organisation, worker)


def blocked(worker: Worker, organisation: Organisation) -> bool:
    worker.refresh_from_db()
    return queries.is_blocked_for(worker, organisation, clock.now())


def test_staff_block_a_worker_from_the_site_and_let_him_back(
    staff: User, worker: Worker, organisation: Organisation
) -> None:
    block = blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="Answers by machine")
    assert blocked(worker, organisation)
    assert (worker.state, worker.eligibility_version) == (WorkerState.BLOCKED, 1)
    assert [one.reason for one in queries.blocks_now(worker, now=clock.now())] == ["Answers by machine"]
    with pytest.raises(AlreadyBlocked):
        blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="again")
    for _again in range(2):
        lifted = blocks.lift(actor=staff, block_id=block.pk, reason="a mistake")
    assert not blocked(worker, organisation)
    assert (worker.state, worker.eligibility_version) == (WorkerState.ACTIVE, 2)
    assert lifted.lifted_by == staff
    entries = AuditEntry.objects.filter(subject_type="workers.block").order_by("pk")
    assert list(entries.values_list("action", "reason")) == [
        ("block", "Answers by machine"),
        ("lift_block", "a mistake"),
    ]


def test_an_organisation_blocks_for_itself_only(
    requester: User, organisation: Organisation, worker: Worker, code: str
) -> None:
    elsewhere = make.make_organisation()
    block = blocks.block_for_organisation(
        actor=requester, organisation_id=organisation.pk, pseudonym=code, reason="Careless"
    )
    assert blocked(worker, organisation)
    assert not blocked(worker, elsewhere)
    assert worker.state == WorkerState.ACTIVE
    assert list(queries.blocks_of_organisation(organisation, now=clock.now())) == [block]
    found = queries.block_for(worker=worker, organisation_id=organisation.pk, now=clock.now())
    assert found == block
    entry = user_queries.audit_of_organisation(organisation).entries[0]
    assert str(worker.pk) not in str(entry.after)  # the log of an organisation knows no workers' numbers


def test_the_blocks_of_site_and_organisation_stand_apart(
    staff: User, requester: User, organisation: Organisation, worker: Worker, code: str
) -> None:
    own = blocks.block_for_organisation(
        actor=requester, organisation_id=organisation.pk, pseudonym=code, reason="Careless"
    )
    sites = blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="Machine")
    assert queries.block_for(worker=worker, organisation_id=organisation.pk, now=clock.now()) == sites
    blocks.lift(actor=staff, block_id=sites.pk)
    assert queries.block_for(worker=worker, organisation_id=organisation.pk, now=clock.now()) == own
    assert blocked(worker, organisation)
    assert worker.state == WorkerState.ACTIVE


def test_strangers_block_and_lift_nothing(
    stranger: User, requester: User, staff: User, organisation: Organisation, worker: Worker, code: str
) -> None:
    own = blocks.block_for_organisation(
        actor=requester, organisation_id=organisation.pk, pseudonym=code, reason="Careless"
    )
    sites = blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="Machine")
    theirs = stranger.organisations.get()
    doors: list[tuple[type[Exception], Callable[[], Any]]] = [
        (NotAllowed, lambda: blocks.block_on_site(actor=stranger, worker_id=worker.pk, reason="x")),
        (NotFound, lambda: _block(stranger, organisation, code)),
        (NotFound, lambda: _block(stranger, theirs, code)),  # in his own house nobody has that name
        (NotFound, lambda: blocks.lift(actor=stranger, block_id=own.pk)),
        (NotFound, lambda: blocks.lift(actor=requester, block_id=sites.pk)),
        (NotFound, lambda: blocks.lift(actor=worker.user, block_id=sites.pk)),
        (NotFound, lambda: blocks.lift(actor=staff, block_id=0)),
        (NotFound, lambda: blocks.block_on_site(actor=staff, worker_id=0, reason="x")),
    ]
    for error, door in doors:
        with pytest.raises(error):
            door()
    assert Block.objects.filter(lifted_at=None).count() == 2


def test_nobody_decides_about_himself(staff: User, other_staff: User) -> None:
    himself = make.make_worker(user=staff)
    with pytest.raises(NotAllowed):
        blocks.block_on_site(actor=staff, worker_id=himself.pk, reason="x")
    block = blocks.block_on_site(actor=other_staff, worker_id=himself.pk, reason="x")
    with pytest.raises(NotAllowed):
        blocks.lift(actor=staff, block_id=block.pk)


@pytest.mark.parametrize(
    ("reason", "days", "place"), [(" ", 1, "reason"), ("x" * 2001, 1, "reason"), ("x", 0, "ends_at")]
)
def test_a_block_needs_a_reason_and_an_end_to_come(
    staff: User, worker: Worker, reason: str, days: int, place: str
) -> None:
    ends = clock.now() + days * DAY
    with pytest.raises(BadInput) as refused:
        blocks.block_on_site(actor=staff, worker_id=worker.pk, reason=reason, ends_at=ends)
    assert list(refused.value.data["errors"]) == [place]
    worker.refresh_from_db()
    assert worker.state == WorkerState.ACTIVE


def test_a_block_ends_by_itself(
    staff: User, requester: User, organisation: Organisation, worker: Worker, code: str
) -> None:
    ends = clock.now() + DAY
    blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="x", ends_at=ends)
    _block(requester, organisation, code, ends_at=ends + DAY)
    clock.advance(DAY)
    assert blocks.lift_overdue() == 1
    assert blocks.lift_overdue() == 0
    worker.refresh_from_db()
    assert worker.state == WorkerState.ACTIVE
    assert blocked(worker, organisation)
    clock.advance(DAY)
    assert not blocked(worker, organisation)  # also before the job has run
    assert blocks.lift_overdue() == 1
    assert AuditEntry.objects.filter(action="lift_block", actor=None).count() == 2


def test_an_ended_block_is_no_obstacle_to_a_new_one(staff: User, worker: Worker) -> None:
    blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="x", ends_at=clock.now() + DAY)
    clock.advance(DAY)  # and the job has not run
    blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="y")
    worker.refresh_from_db()
    assert worker.state == WorkerState.BLOCKED
    assert Block.objects.filter(lifted_at=None).count() == 1


def test_a_closed_worker_is_neither_blocked_nor_opened(staff: User, worker: Worker, other_worker: Worker) -> None:
    accounts.close_account(user=worker.user)
    with pytest.raises(WrongState):
        blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="x")
    block = blocks.block_on_site(actor=staff, worker_id=other_worker.pk, reason="x")
    accounts.close_account(user=other_worker.user)
    blocks.lift(actor=staff, block_id=block.pk)
    other_worker.refresh_from_db()
    assert other_worker.state == WorkerState.CLOSED


@pytest.mark.django_db(transaction=True)
def test_two_members_block_once() -> None:
    owner, organisation, code = _scene()
    outcomes = together(*[lambda: _block(owner, organisation, code)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyBlocked", "Block"]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, organisation, code = _scene()
    monkeypatch.setattr(blocks, "_lock", lambda worker_id: Worker.objects.get(pk=worker_id))
    monkeypatch.setattr(blocks, "_read_reason", meeting(blocks._read_reason))
    outcomes = together(*[lambda: _block(owner, organisation, code)] * 2)
    assert [isinstance(outcome, IntegrityError) for outcome in outcomes].count(True) == 1


def _scene() -> tuple[User, Organisation, str]:
    owner = make.make_user()
    organisation = make.make_organisation(owner=owner)
    return owner, organisation, pseudonym_for(organisation, make.make_worker())


def _block(actor: User, organisation: Organisation, code: str, **fields: Any) -> Block:
    return blocks.block_for_organisation(
        actor=actor, organisation_id=organisation.pk, pseudonym=code, reason="Careless", **fields
    )
