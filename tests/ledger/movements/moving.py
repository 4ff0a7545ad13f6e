"""What the stories of movements have in common."""

from typing import Any

from crowd.ledger.models import Deposit
from crowd.ledger.services import deposits
from crowd.users.models import Organisation, User

UNIT = 1_000_000


def record(staff: User, organisation: Organisation, amount: int = 50 * UNIT, **more: Any) -> Deposit:
    told = {"currency": "USD", "reference": "TRF 2026/11 4711"} | more
    return deposits.record(actor=staff, organisation_id=organisation.pk, amount_micros=amount, **told)
