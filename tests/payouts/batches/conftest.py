"""Two payouts, the batch of them, and what was sent of it."""

import pytest

from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import batches, sending
from crowd.users.models import User
from tests.payouts.batches.batching import asked
from workers.models import Worker


@pytest.fixture
def payouts(worker: Worker, other_worker: Worker) -> list[Payout]:
    """10 USD each."""
    return [
        asked(worker),
        asked(other_worker, method="paypal", email="other@pay.example", legal_name="Otto Other"),
    ]


@pytest.fixture
def built(staff: User, payouts: list[Payout]) -> Batch:
    ids = [payout.pk for payout in payouts]
    return batches.build(actor=staff, provider="csv", currency="USD", payout_ids=ids)


@pytest.fixture
def sent(built: Batch, other_staff: User) -> Batch:
    batches.approve(actor=other_staff, batch_id=built.pk)
    return sending.send(actor=other_staff, batch_id=built.pk)
