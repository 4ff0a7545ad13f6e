"""What runs by itself across all apps."""

import logging

from celery import shared_task

from crowd.operations.verify import verify

log = logging.getLogger(__name__)


class Broken(Exception):
    """Stored rows contradict what must always hold; the log has them."""


@shared_task(name="crowd.operations.jobs.verify")
def verify_daily() -> None:
    """Daily. What does not hold is the operator's first business: critical in the log, and a failed job."""
    broken = [finding for finding in verify() if not finding.holds]
    for finding in broken:
        log.critical("Broken in %s: %s %s", finding.app, finding.sentence, finding.rows[:20])
    if broken:
        raise Broken(", ".join(finding.name for finding in broken))
