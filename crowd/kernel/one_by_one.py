"""What a job does to many rows, each in a transaction of its own: one in trouble holds up no other."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from crowd.kernel.outage import is_outage

log = logging.getLogger(__name__)


def one_by_one(do: Callable[..., int], rows: Iterable[tuple[Any, ...]]) -> int:
    """Call `do` with each row as arguments; the sum of what it returned.

    A row that fails is logged, and the others are done all the same: also one that met a deadlock or waited too long
    for a lock. Then the first failure is raised, so that the job counts as failed and staff see it. Only where the
    job's time is up, or the database is gone, it ends at once: no row is at fault, and the next run goes on from there.
    """
    done, first = 0, None
    for row in rows:
        try:
            done += do(*row)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("%s failed for %s; the others go on", getattr(do, "__name__", do), row)
            first = first or error
    if first is not None:
        raise first
    return done


def parts(*some: Callable[[], int]) -> int:
    """The same for the parts of one job, which have nothing to do with each other."""
    return one_by_one(_done, [(part,) for part in some])


def _done(part: Callable[[], int]) -> int:
    return part()
