"""Folding: what has settled is summed into its account, so that a balance reads few transfers however old it is."""

from contextlib import suppress

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from crowd.kernel import locks
from crowd.kernel.locks import Gate
from crowd.ledger.services import accounts

CHUNK = 500
WAIT_MS = 300
DUE = """
SELECT a.id FROM ledger_account a
WHERE a.id > %(after)s AND a.folded_through < %(horizon)s AND (
    EXISTS (SELECT FROM ledger_transfer t
            WHERE t.credit_id = a.id AND t.id > a.folded_through AND t.id <= %(horizon)s)
    OR EXISTS (SELECT FROM ledger_transfer t
               WHERE t.debit_id = a.id AND t.id > a.folded_through AND t.id <= %(horizon)s))
ORDER BY a.id LIMIT %(chunk)s
"""
# The sum comes with the place it starts from: an account that somebody else folded meanwhile is left alone.
FOLD = """
UPDATE ledger_account a
SET folded_micros = a.folded_micros + settled.micros, folded_through = %(horizon)s
FROM (
    SELECT x.id, x.folded_through,
        coalesce((SELECT sum(amount_micros) FROM ledger_transfer
                  WHERE credit_id = x.id AND id > x.folded_through AND id <= %(horizon)s), 0)
      - coalesce((SELECT sum(amount_micros) FROM ledger_transfer
                  WHERE debit_id = x.id AND id > x.folded_through AND id <= %(horizon)s), 0) AS micros
    FROM ledger_account x WHERE x.id = ANY(%(ids)s)
) settled
WHERE a.id = settled.id AND a.folded_through = settled.folded_through
"""


def fold(*, wait_ms: int = WAIT_MS) -> int:
    """Fold every account that has settled transfers; returns how many were folded. For a job; balances stay the same.

    1. Find the horizon: every transfer up to it is committed (`settled_through`).
    2. Account by account in chunks, each a transaction of its own; only one folder at a time, a second one leaves.
    Nothing is folded, and 0 returned, while writers hold the table longer than `wait_ms`: the next run will do.
    """
    horizon = settled_through(wait_ms=wait_ms)
    folded, after = 0, 0
    while horizon:
        ids = _fold_chunk(after=after, horizon=horizon)
        if not ids:
            break
        folded, after = folded + len(ids), ids[-1]
    return folded


def settled_through(*, wait_ms: int = WAIT_MS) -> int:
    """An id up to which every transfer is committed and none can still appear; 0 when the table was too busy.

    Ids are given at the insert and seen at the commit, so the largest visible id alone proves nothing: a smaller one
    may be on its way. Whoever inserts holds ROW EXCLUSIVE on the table from before he gets an id until his commit;
    SHARE waits for all of them. The short wait matters: behind a waiting SHARE lock new writers queue.
    """
    with suppress(_TableBusy), transaction.atomic(durable=True):
        return _max_id_behind_the_writers(wait_ms)
    return 0


class _TableBusy(Exception):
    """Rolls the little transaction back."""


def _max_id_behind_the_writers(wait_ms: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{wait_ms}ms"])
        try:
            cursor.execute("LOCK TABLE ledger_transfer IN SHARE MODE")
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise _TableBusy from error
            raise
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_transfer")
        (horizon,) = cursor.fetchone()
    return int(horizon)


def _fold_chunk(*, after: int, horizon: int) -> list[int]:
    """The ids of the accounts folded; none when there is nothing left or somebody else is folding."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        if not locks.try_exclusive(Gate.FOLD, 0):
            return []
        cursor.execute(DUE, {"after": after, "horizon": horizon, "chunk": CHUNK})
        ids = [pk for (pk,) in cursor.fetchall()]
        accounts.lock(ids)
        cursor.execute(FOLD, {"ids": ids, "horizon": horizon})
        return ids
