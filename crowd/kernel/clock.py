"""Time: one SQL function, `crowd_now()`, for Python and for raw SQL alike.

It is the database's transaction time plus an offset kept in one row, so that every process of an
installation agrees, and a simulation can let a month pass. Services read it once and pass it down.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from crowd.kernel.errors import NotAllowed


def now() -> datetime:
    """The time of the current transaction (UTC, aware)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crowd_now()")
        (value,) = cursor.fetchone()
    assert isinstance(value, datetime)
    return value


def advance(by: timedelta) -> None:
    """Move the clock forward; only where the settings allow it (tests, demo, simulations)."""
    if not settings.CROWD_CLOCK_MAY_SHIFT:
        raise NotAllowed("The clock of this installation may not be moved (CROWD_CLOCK_MAY_SHIFT).")
    if by < timedelta(0):
        raise NotAllowed("The clock only moves forward.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_clock (id, shift) VALUES (1, make_interval(secs => %s)) "
            "ON CONFLICT (id) DO UPDATE SET shift = kernel_clock.shift + excluded.shift",
            [by.total_seconds()],
        )
