"""What the stories of batches have in common."""

from crowd.kernel.invariants import broken
from crowd.ledger.services import self_check
from crowd.payouts import queries
from crowd.payouts.invariants import INVARIANTS
from crowd.payouts.models import Payout
from crowd.payouts.services.request import request
from tests.make import make_money, make_payout_profile
from workers.models import Worker

UNIT = 1_000_000


def asked(worker: Worker, amount: int = 10 * UNIT, currency: str = "USD", **profile: str) -> Payout:
    make_money(worker, amount, currency)
    make_payout_profile(worker, **profile)
    return request(actor=worker.user, currency=currency, amount_micros=amount)


def all_is_well() -> None:
    self_check()
    assert broken(INVARIANTS) == {}


def available(worker: Worker) -> int:
    return {purse.currency: purse.available_micros for purse in queries.purses(worker)}["USD"]


def results_of(*rows: str) -> str:
    return "\n".join(["reference,result,provider_reference,reason", *rows])
