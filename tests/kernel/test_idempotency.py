"""A request with a key happens once: sent again, sent twice at the same time, and after a crash in any place.

The deed of these tests is an organisation: services.create_organisation commits a transaction of its own.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from crowd.kernel import clock, idempotency
from crowd.kernel.errors import BadInput
from crowd.kernel.idempotency import InProgress, KeyReused, ResponseLost, Stored, begin, once
from crowd.kernel.models import IdempotencyRecord
from crowd.users.models import Organisation, User
from crowd.users.services.organisations import create_organisation
from tests import make
from tests.races import PATIENCE_S, together

real_commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user(db: None) -> User:
    return make.make_user()


def post(user: User, name: str = "Lab", key: str = "k1", **steps: Callable[[], Any]) -> Stored:
    """As the API will do it; `before` and `after` run around the service."""

    def call() -> Stored:
        steps.get("before", lambda: None)()
        organisation = create_organisation(actor=user, name=name)
        steps.get("after", lambda: None)()
        return Stored(201, {"id": organisation.pk, "name": organisation.name})

    digest = idempotency.digest(method="POST", path="/api/v1/organisations/", body=name.encode())
    return once(scope=f"user:{user.pk}", key=key, request_digest=digest, call=call)


class Crash(BaseException):
    """The process dies: nothing after it runs, no handler either."""


def crash() -> None:
    raise Crash


def test_sent_again_it_gets_the_first_response_and_nothing_happens(user: User) -> None:
    first = post(user)
    assert post(user) == first
    assert first.status == 201
    assert Organisation.objects.count() == 1


def test_another_key_is_another_request_and_keys_are_the_users_own(user: User) -> None:
    post(user)
    post(user, key="k2")
    post(make.make_user())
    assert Organisation.objects.count() == 3


def test_the_same_key_for_something_else_is_refused(user: User) -> None:
    post(user)
    with pytest.raises(KeyReused) as refused:
        post(user, name="Another")
    assert refused.value.status == 422
    assert Organisation.objects.count() == 1


def test_what_failed_may_be_tried_again_with_the_same_key(user: User) -> None:
    with pytest.raises(BadInput):
        post(user, name=" ")
    assert not IdempotencyRecord.objects.exists()
    assert once(scope="user:1", key="k", request_digest="d", call=lambda: Stored(400, {})).status == 400
    assert once(scope="user:1", key="k", request_digest="d", call=lambda: Stored(200, {})).status == 200


@pytest.mark.parametrize("key", ["", "x" * 121, "ключ", "a\nb"])
def test_a_key_that_is_none_is_refused(user: User, key: str) -> None:
    with pytest.raises(BadInput):
        post(user, key=key)
    assert not Organisation.objects.exists()


def test_a_crash_before_the_commit_lets_the_next_one_do_the_work(user: User) -> None:
    with pytest.raises(Crash):
        post(user, before=crash)
    with pytest.raises(InProgress):  # it might only be slow
        post(user)
    clock.advance(idempotency.LEASE)
    assert post(user).status == 201
    assert Organisation.objects.count() == 1


@real_commits
def test_a_crash_after_the_commit_never_does_the_work_again(user: User) -> None:
    with pytest.raises(Crash):
        post(user, after=crash)
    with pytest.raises(InProgress):  # it might be about to store its response
        post(user)
    clock.advance(idempotency.LEASE)
    for _again in range(2):
        with pytest.raises(ResponseLost):
            post(user)
    assert Organisation.objects.count() == 1


def test_an_error_after_the_commit_does_not_forget_that_the_work_is_done(user: User) -> None:
    with pytest.raises(ZeroDivisionError):
        post(user, after=lambda: 1 / 0)
    with pytest.raises(ResponseLost):
        post(user)
    assert Organisation.objects.count() == 1


def test_a_rolled_back_transaction_takes_its_mark_along(user: User) -> None:
    with pytest.raises(RuntimeError):
        once(scope="s", key="k", request_digest="d", call=_roll_back)
    assert not IdempotencyRecord.objects.exists()

    def fail_then_succeed() -> Stored:
        with pytest.raises(RuntimeError):
            _roll_back()
        return Stored(201, create_organisation(actor=user, name="Lab").pk)

    once(scope="s", key="k", request_digest="d", call=fail_then_succeed)
    assert IdempotencyRecord.objects.get().applied_at is not None


def _roll_back() -> Stored:
    with transaction.atomic(durable=True):
        Organisation.objects.create(name="Gone")
        raise RuntimeError


@real_commits
def test_a_deed_of_two_transactions_counts_from_its_first(user: User) -> None:
    def two() -> Stored:
        create_organisation(actor=user, name="One")
        return Stored(201, create_organisation(actor=user, name="Two").pk)

    once(scope="s", key="k", request_digest="d", call=two)
    assert Organisation.objects.count() == 2


@real_commits
def test_a_request_so_slow_that_it_was_taken_over_is_undone(user: User) -> None:
    def taken_over_meanwhile() -> None:
        connection.execute_wrappers.clear()  # as another process would
        clock.advance(idempotency.LEASE)
        digest = idempotency.digest(method="POST", path="/api/v1/organisations/", body=b"Lab")
        claim = begin(scope=f"user:{user.pk}", key="k1", request_digest=digest)
        assert isinstance(claim, idempotency.Claim)

    with pytest.raises(InProgress):
        post(user, before=_keeping_wrappers(taken_over_meanwhile))
    assert not Organisation.objects.exists()


def _keeping_wrappers(act: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        wrappers = list(connection.execute_wrappers)
        act()
        connection.execute_wrappers[:] = wrappers

    return run


@real_commits
def test_of_two_at_once_one_does_it(user: User) -> None:
    outcomes = together(lambda: post(user), lambda: post(user))
    assert Organisation.objects.count() == 1
    assert any(isinstance(outcome, Stored) for outcome in outcomes)
    assert all(isinstance(outcome, Stored | InProgress) for outcome in outcomes)


@real_commits
def test_control_without_the_key_both_do_it(user: User) -> None:
    together(*[lambda: create_organisation(actor=user, name="Lab")] * 2)
    assert Organisation.objects.count() == 2


@real_commits
def test_the_second_is_told_to_wait_while_the_first_is_under_way(user: User) -> None:
    started, go_on = Event(), Event()

    def wait() -> None:
        started.set()
        assert go_on.wait(PATIENCE_S)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_closing(lambda: post(user, before=wait)))
        assert started.wait(PATIENCE_S)
        with pytest.raises(InProgress):
            post(user)
        go_on.set()
        assert first.result() == post(user)


def test_a_response_is_not_readable_in_the_database(user: User) -> None:
    once(scope="s", key="k", request_digest="d", call=lambda: Stored(201, {"secret": "ck_abc_very-secret"}))
    assert "very-secret" not in str(IdempotencyRecord.objects.values())
    assert begin(scope="s", key="k", request_digest="d") == Stored(201, {"secret": "ck_abc_very-secret"})


def test_records_are_forgotten_after_two_days(user: User) -> None:
    post(user)
    clock.advance(idempotency.KEPT_FOR / 2)
    post(user, key="younger")
    clock.advance(idempotency.KEPT_FOR / 2 + idempotency.LEASE)
    assert idempotency.forget_old() == 1
    assert IdempotencyRecord.objects.get().key == "younger"


def _closing(act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return run
