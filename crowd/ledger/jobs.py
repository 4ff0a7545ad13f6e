"""What runs by itself. Both find their work in the database and may run twice, or late, without harm."""

import logging

from celery import shared_task

from crowd.ledger.errors import LedgerBroken
from crowd.ledger.services import self_check
from crowd.ledger.services.fold import fold

log = logging.getLogger(__name__)


@shared_task(name="crowd.ledger.jobs.fold_accounts")
def fold_accounts() -> int:
    """Every ten minutes."""
    return fold()


@shared_task(name="crowd.ledger.jobs.check_ledger")
def check_ledger() -> None:
    """Every hour. A ledger that does not add up is the operator's first business: critical in the log, a failed job."""
    try:
        self_check()
    except LedgerBroken as error:
        log.critical("The ledger does not add up: %s", error.data["broken"])
        raise
