"""Statements that are sent together: one after another under each other's locks, and none after one that fails."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.pq import TransactionStatus

from crowd.kernel import sql

pytestmark = pytest.mark.django_db(transaction=True)
ONE = ("SELECT %(one)s::int + 1", {"one": 1})
HALF = ("SELECT 1 / %(by)s::int", {"by": 1})
LAST = ("SELECT txid_current_if_assigned() IS NULL, crowd_now()", dict[str, Any]())


def prepared() -> None:
    """Each of them, as a connection knows them after their first use."""
    for _time in range(2):
        with transaction.atomic():
            assert sql.together(ONE, HALF, LAST)[:2] == [[(2,)], [(1,)]]


def status() -> TransactionStatus:
    return TransactionStatus(connection.connection.pgconn.transaction_status)


def test_they_begin_their_transaction_and_see_each_others_time() -> None:
    prepared()
    with transaction.atomic():
        _one, _half, ((_none, first),) = sql.together(ONE, HALF, LAST)
        assert status() == TransactionStatus.INTRANS
        assert sql.rows(*LAST) == [(True, first)]
    assert status() == TransactionStatus.IDLE
    assert sql.rows(*ONE) == [(2,)]


def test_what_is_used_is_not_forgotten_for_what_was_prepared_after_it() -> None:
    prepared()
    for text, parameters in (ONE, HALF, LAST, ONE):
        sql.rows(text, parameters)
        newest, _types = next(reversed(connection.connection._prepared._names))
        assert newest.startswith(text.split("%")[0].encode())


def test_what_fails_says_why_and_the_connection_goes_on() -> None:
    prepared()
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        sql.together(ONE, (HALF[0], {"by": 0}), LAST)
    assert status() == TransactionStatus.IDLE
    prepared()
    with pytest.raises(DatabaseError, match="division by zero"):
        sql.rows(HALF[0], {"by": 0})


@pytest.mark.parametrize("ask", [lambda: sql.rows(*ONE), lambda: sql.together(ONE, HALF)])
def test_a_connection_that_ends_between_is_an_outage_and_is_opened_anew(ask: Callable[[], Any]) -> None:
    prepared()
    (pid,) = sql.rows("SELECT pg_backend_pid() + %(zero)s::int", {"zero": 0})[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    other.close()
    with pytest.raises(OperationalError), transaction.atomic():
        ask()
    connection.close_if_unusable_or_obsolete()
    prepared()


def test_what_breaks_off_in_the_middle_leaves_nobody_a_broken_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared()
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt), transaction.atomic():
        broken.setattr("crowd.kernel.prepared.generators.pipeline_communicate", _interrupted)
        sql.together(ONE, HALF)
    connection.close_if_unusable_or_obsolete()
    prepared()


def _interrupted(*_arguments: Any) -> Any:
    raise KeyboardInterrupt
