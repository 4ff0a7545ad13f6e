"""Two at once: threads with connections of their own, and a meeting point that makes a race certain, not likely."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

from django.db import connections


def together(*deeds: Callable[[], Any], seconds: float = 30) -> list[Any]:
    """Run the deeds at the same time, each in a thread; what each returned or raised, in their order."""
    results: list[Any] = [None] * len(deeds)
    start = Barrier(len(deeds))

    def run(place: int) -> None:
        start.wait(10)
        try:
            results[place] = deeds[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[place]) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results


def meeting(function: Callable[..., Any], people: int = 2, patience: float = 0.5) -> Callable[..., Any]:
    """`function`, but whoever has called it waits until all others have called it too.

    Patched in between a check and the write that relies on it, it lets everybody check before anybody writes.
    Where a lock keeps the others away they never come; after `patience` seconds the first one goes on alone.
    """
    point = Barrier(people)

    def met(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        with suppress(BrokenBarrierError):
            point.wait(patience)
        return result

    return met


def errors(results: list[Any]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]
