"""Waiting for a job worker in another thread: there is nothing to wait on but what it leaves in the database."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], bool], seconds: float = 60, every: float = 0.02) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(every)
    return true()
