"""The organisation's available money."""

import pytest

from crowd.ledger.models import Account
from crowd.ledger.services import movements
from crowd.users.models import Organisation


@pytest.fixture
def purse(organisation: Organisation) -> Account:
    return movements.available(organisation.pk, "USD")
