"""Two at once: threads with connections of their own, and a meeting point that makes a race certain, not likely."""

from collections.abc import Callable
from contextlib import closing
from threading import Barrier, Event, Lock, Thread, current_thread
from time import monotonic, sleep
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

PATIENCE_S = 60  # only a test that fails waits so long
LOOKS = 3  # so often in a row it must be seen that nobody comes any more
BEFORE_A_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_at_work: set[Thread] = set()
_waiting: set[Thread] = set()


def together(*deeds: Callable[[], Any], seconds: float = PATIENCE_S) -> list[Any]:
    """Run the deeds at the same time, each in a thread; what each returned or raised, in their order."""
    results: list[Any] = [None] * len(deeds)
    start = Barrier(len(deeds))

    def run(place: int) -> None:
        start.wait(PATIENCE_S)
        try:
            results[place] = deeds[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()
            _at_work.discard(current_thread())

    threads = [Thread(target=run, args=[place]) for place in range(len(deeds))]
    _at_work.update(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    _at_work.difference_update(threads)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results


def begin(deed: Callable[[], Any]) -> Thread:
    """Start the deed in a thread that leaves no connection behind; whoever begins it joins it."""

    def run() -> None:
        try:
            deed()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


def wait_for(happened: Event) -> None:
    """Until it has happened, or cannot: all others of `together` are done, wait here too, or stand before a lock."""
    if happened.wait(0.02):
        return
    looks, end = 0, monotonic() + PATIENCE_S
    _waiting.add(current_thread())
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own, own.cursor() as cursor:
        while not happened.wait(0.02) and looks < LOOKS and monotonic() < end:
            cursor.execute(BEFORE_A_LOCK)
            looks = looks + 1 if len(_at_work - _waiting) <= cursor.fetchone()[0] else 0
    _waiting.discard(current_thread())


def wait_before_a_lock(people: int) -> None:
    """Until so many others stand before a lock; asked on a connection of its own, for a transaction sees no news."""
    end = monotonic() + PATIENCE_S
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own, own.cursor() as cursor:
        cursor.execute(BEFORE_A_LOCK)
        while cursor.fetchone()[0] < people:
            assert monotonic() < end, "nobody came to wait"
            sleep(0.01)
            cursor.execute(BEFORE_A_LOCK)


def meeting(function: Callable[..., Any], people: int = 2) -> Callable[..., Any]:
    """`function`, but whoever has called it waits until all others have called it too.

    Patched in between a check and the write that relies on it, it lets everybody check before anybody writes.
    Where a lock keeps the others away they never come, and the first one goes on alone.
    """
    everybody, counting = Event(), Lock()
    came = 0

    def met(*args: Any, **kwargs: Any) -> Any:
        nonlocal came
        result = function(*args, **kwargs)
        with counting:
            came += 1
        if came >= people:
            everybody.set()
        wait_for(everybody)
        everybody.set()  # who comes later does not wait
        return result

    return met


def errors(results: list[Any]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]
