"""A streaming replica (DATABASE_REPLICA_URL) for those who read much: exports, the requester's figures, aggregation.

Nobody reads from it unasked. Who goes through a door of this module does, and never reads stale: he is sent there only
once the replica has replayed all that the primary had written when he came, and again after each write of his own. A
replica that lags for longer than he waits, or is dead, is left alone for a while, and the primary is read. So is it
inside a transaction on the primary, whose own writes nobody else sees. Without a replica the doors cost nothing.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.models import Model

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

REPLICA = "replica"
PATIENCE_S = 1.0  # how long a page waits for the replica to catch up
JOB_PATIENCE_S = 10.0  # the same of a job
REST_S = 15.0  # a replica that was dead, or lagged, is not asked again for so long, by this process
LOOK_S = 0.01  # between two looks at how far it is
# All that anybody sees on the primary. A commit is seen once it is on disk, except where nobody waits for that: where
# that is the rule of the site, the reader has it too. A session that alone does not wait (a long command's:
# crowd.operations.database) is seen before that; of its last moments the replica may not know yet.
WRITTEN = """SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()
    ELSE pg_current_wal_flush_lsn() END::text"""
# Of which database it is a copy.
MAY_ASK = "SELECT has_function_privilege('pg_control_system()', 'execute')"
WHOSE = "SELECT current_database() || ' ' || system_identifier FROM pg_control_system()"
REPLAYED = "SELECT coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
Lost = (OperationalError, InterfaceError)
_rests_until = 0.0
_is_a_copy: bool | None = None  # asked once by each process


class Reading:
    """Where one reader reads: decided at his first read, and anew after each write of his."""

    def __init__(self, patience_s: float | None) -> None:
        self.patience_s = patience_s
        self.alias = DEFAULT_DB_ALIAS
        self.stale = True

    def place(self) -> str:
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return DEFAULT_DB_ALIAS
        if self.stale:
            self.alias, self.stale = fresh(self.patience_s), False
        return self.alias

    def note(self, run: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Mapping[str, Any]) -> Any:
        """Hears every statement on the primary: after anything but a plain read the replica must catch up anew."""
        if self.alias == REPLICA and not _is_read(sql):
            self.stale = True
        return run(sql, parameters, many, context)


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


class Router:
    """Django's: reads go where the reader's door says, everything else to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return alias()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True  # the same rows, wherever they were read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def alias() -> str:
    """The database that the reader of the moment reads, for who writes SQL himself."""
    reading = _reading.get()
    return DEFAULT_DB_ALIAS if reading is None else reading.place()


def reads(view: Callable[P, R]) -> Callable[P, R]:
    """For a function that only reads, as a page: through the door; from the primary once more if the replica dies."""

    @wraps(view)
    def through_the_door(*args: P.args, **kwargs: P.kwargs) -> R:
        return read(lambda: view(*args, **kwargs))

    return through_the_door


def read(work: Callable[[], R], patience_s: float | None = None) -> R:
    """What the work gives, which may be called twice: again, on the primary, where the replica failed it."""
    if REPLICA not in connections or _reading.get() is not None:
        return work()
    door = Reading(patience_s)
    try:
        with _inside(door):
            return work()
    except Lost as error:
        if door.alias != REPLICA:
            raise
        _give_up("failed in the middle", error)
        return work()


def read_from(work: Callable[[str], R], patience_s: float | None) -> R:
    """As `read`, for who names the database himself, also inside a transaction on the primary: what that one has not
    committed yet is not seen."""
    chosen = fresh(patience_s)
    try:
        return work(chosen)
    except Lost as error:
        if chosen != REPLICA:
            raise
        _give_up("failed in the middle", error)
        return work(DEFAULT_DB_ALIAS)


def streamed(pieces: Iterator[T], patience_s: float | None = None) -> Iterator[T]:
    """The pieces, each made inside the door, while whoever takes them stays outside: what he does between two of them
    is his own. A replica that dies in the middle breaks it off, as the primary would."""
    if REPLICA not in connections:
        yield from pieces
        return
    door, end = Reading(patience_s), object()
    while True:
        with _inside(door):
            piece: Any = next(pieces, end)
        if piece is end:
            return
        yield piece


def fresh(patience_s: float | None) -> str:
    """The replica's alias once it has replayed all that the primary has written by now, or else the primary's."""
    if REPLICA not in connections or time.monotonic() < _rests_until:
        return DEFAULT_DB_ALIAS
    written = _ask(DEFAULT_DB_ALIAS, WRITTEN)
    try:
        if _foreign():
            return DEFAULT_DB_ALIAS
        if _catches_up(written, time.monotonic() + (PATIENCE_S if patience_s is None else patience_s)):
            return REPLICA
        _give_up("lags", None)
    except Lost as error:
        _give_up("does not answer", error)
    return DEFAULT_DB_ALIAS


def _foreign() -> bool:
    """Whether the address is that of another site's database, or of one that was copied by hand: never read."""
    global _is_a_copy
    places = (DEFAULT_DB_ALIAS, REPLICA)
    if _is_a_copy is None:
        may_ask = all(_ask(place, MAY_ASK) for place in places)
        _is_a_copy = not may_ask or len({_ask(place, WHOSE) for place in places}) == 1
        if not may_ask:
            log.warning("Whether DATABASE_REPLICA_URL is a replica of the primary cannot be seen: it is believed.")
        if not _is_a_copy:
            log.error("DATABASE_REPLICA_URL is not a replica of DATABASE_URL's database: it is never read.")
    return not _is_a_copy


def _catches_up(written: Any, end: float) -> bool:
    while not _ask(REPLICA, REPLAYED, [written]):
        if time.monotonic() >= end:
            return False
        time.sleep(LOOK_S)
    return True


def _ask(alias: str, question: str, parameters: list[Any] | None = None) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(question, parameters)
        return cursor.fetchone()[0]


def _give_up(why: str, error: Exception | None) -> None:
    global _rests_until
    log.warning("The replica %s: the primary is read. %s", why, error or "")
    connections[REPLICA].close()
    _rests_until = time.monotonic() + REST_S


def _is_read(sql: Any) -> bool:
    begin = str(sql).lstrip()[:7].upper()
    return begin.startswith("SELECT") and " FOR " not in str(sql).upper()


@contextmanager
def _inside(door: Reading) -> Iterator[None]:
    """Nested doors: the outer one holds."""
    if REPLICA not in connections or _reading.get() is not None:
        yield
        return
    mark = _reading.set(door)
    try:
        with connections[DEFAULT_DB_ALIAS].execute_wrapper(door.note):
            yield
    finally:
        _reading.reset(mark)
