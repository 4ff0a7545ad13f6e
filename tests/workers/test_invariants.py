"""The invariants of people, workers and qualifications: silent when all is well, and each sees what breaks it."""

from collections.abc import Callable

import pytest

from crowd.kernel import clock
from crowd.kernel.invariants import broken
from crowd.users import invariants as of_users
from crowd.users.models import Membership, Organisation, PersonKey, User
from crowd.users.services import person_keys
from qualifications import invariants as of_qualifications
from qualifications.models import Attempt, Grant
from qualifications.models import Test as Exam
from qualifications.states import AttemptState, System
from tests import make
from workers import invariants as of_workers
from workers.models import Worker
from workers.services import accounts, blocks
from workers.states import WorkerState

ALL = [*of_users.INVARIANTS, *of_workers.INVARIANTS, *of_qualifications.INVARIANTS]


def test_all_hold_after_an_ordinary_life(
    staff: User, worker: Worker, other_worker: Worker, organisation: Organisation
) -> None:
    person_keys.wrapped_key(worker.user)
    blocks.block_on_site(actor=staff, worker_id=other_worker.pk, reason="x")
    accounts.close_account(user=other_worker.user)
    now = clock.now()
    accounts.erase(
        actor=staff, user=worker.user, nothing_left=lambda user: None, keep_payouts_until=now.replace(year=2999)
    )
    assert broken(ALL) == {}


def an_organisation_loses_its_owner(worker: Worker, user: User) -> None:
    Membership.objects.create(organisation=make.make_organisation(), user=user)
    Membership.objects.filter(role="owner").delete()


def an_erased_person_can_sign_in(worker: Worker, user: User) -> None:
    User.objects.filter(pk=user.pk).update(erased_at=clock.now(), closed_at=clock.now())


def an_erased_persons_key_is_still_there(worker: Worker, user: User) -> None:
    person_keys.wrapped_key(user)
    User.objects.filter(pk=user.pk).update(erased_at=clock.now(), closed_at=clock.now(), is_active=False)


def a_key_is_lost(worker: Worker, user: User) -> None:
    person_keys.wrapped_key(user)
    PersonKey.objects.update(wrapped_key=None)


def a_block_is_forgotten(worker: Worker, user: User) -> None:
    Worker.objects.filter(pk=worker.pk).update(state=WorkerState.BLOCKED)


def a_blocked_one_works(worker: Worker, user: User) -> None:
    blocks.block_on_site(actor=make.make_staff(), worker_id=worker.pk, reason="x")
    Worker.objects.filter(pk=worker.pk).update(state=WorkerState.ACTIVE)


def a_closed_one_works(worker: Worker, user: User) -> None:
    User.objects.filter(pk=worker.user_id).update(closed_at=clock.now())


def a_system_qualification_is_granted(worker: Worker, user: User) -> None:
    locale = make.system_qualification(System.LOCALE)
    Grant.objects.create(qualification=locale, worker=worker, granted_at=clock.now())


def a_failed_attempt_is_called_passed(worker: Worker, user: User) -> None:
    _attempt(worker, user, score=10, passed=True, submitted_at=clock.now(), answers=[])


def a_submitted_attempt_has_no_score(worker: Worker, user: User) -> None:
    _attempt(worker, user, submitted_at=clock.now(), answers=[])


def _attempt(worker: Worker, user: User, **fields: object) -> None:
    grammar, now = make.make_qualification(), clock.now()
    exam = Exam.objects.create(
        qualification=grammar, version=1, config={}, items=[], pass_mark=50, time_limit_s=60, created_by=user
    )
    Attempt.objects.create(
        test=exam,
        qualification=grammar,
        worker=worker,
        started_at=now,
        deadline=now,
        state=AttemptState.SUBMITTED,
        **fields,
    )


@pytest.mark.parametrize(
    ("accident", "name"),
    [
        (an_organisation_loses_its_owner, "users.owned"),
        (an_erased_person_can_sign_in, "users.erased"),
        (an_erased_persons_key_is_still_there, "users.erased"),
        (a_key_is_lost, "users.keys"),
        (a_block_is_forgotten, "workers.blocked"),
        (a_blocked_one_works, "workers.blocked"),
        (a_closed_one_works, "workers.closed"),
        (a_system_qualification_is_granted, "qualifications.system"),
        (a_failed_attempt_is_called_passed, "qualifications.graded"),
        (a_submitted_attempt_has_no_score, "qualifications.graded"),
    ],
)
def test_each_sees_what_breaks_it(
    accident: Callable[[Worker, User], None], name: str, worker: Worker, requester: User
) -> None:
    accident(worker, requester)
    assert list(broken(ALL)) == [name]
