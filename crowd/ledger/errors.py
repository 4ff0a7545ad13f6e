from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import money
from crowd.kernel.errors import BadInput, Conflict, CrowdError, NotAllowed


class NotEnoughMoney(Conflict):
    """Amounts in micros of `currency`; `available_micros` is what may be spent, `shortfall_micros` what is missing."""

    code = "not_enough_money"

    def __init__(self, *, available_micros: int, wanted_micros: int, currency: str, **data: Any) -> None:
        shortfall = wanted_micros - available_micros
        message = _("%(wanted)s are needed and %(available)s are there: %(shortfall)s are missing.") % {
            "wanted": money.text(wanted_micros, currency),
            "available": money.text(available_micros, currency),
            "shortfall": money.text(shortfall, currency),
        }
        super().__init__(
            message,
            available_micros=available_micros,
            wanted_micros=wanted_micros,
            shortfall_micros=shortfall,
            currency=currency,
            **data,
        )
        self.available_micros = available_micros
        self.wanted_micros = wanted_micros
        self.shortfall_micros = shortfall
        self.currency = currency


class KeyConflict(Conflict):
    """A transfer with this key is there and says something else: a fault of the caller, never a repetition."""

    code = "transfer_key_conflict"
    default = gettext_lazy("A transfer with this key exists already and differs from this one.")


class LedgerBroken(CrowdError):
    """`broken` in the data maps the name of an invariant to the rows that break it."""

    code = "ledger_broken"
    status = 500
    default = "The ledger does not add up."


class NoTestMoney(BadInput):
    """Decision 17: test money is never deposited, withdrawn, converted or paid out."""

    code = "no_test_money"
    default = gettext_lazy("Test money (XTS) is no real money: it cannot be deposited, withdrawn or paid out.")


class SecondPersonNeeded(NotAllowed):
    code = "second_person_needed"
    default = gettext_lazy("Somebody else has to decide about this: you recorded it yourself.")


class OwnAccount(NotAllowed):
    code = "own_account"
    default = gettext_lazy("Nobody decides about money of his own or of his own organisation.")


class ReferenceKnown(Conflict):
    """`deposit_id` in the data is the one that has it."""

    code = "bank_reference_known"
    default = gettext_lazy("A deposit with this bank reference has been recorded already.")


class TestMoneyCap(Conflict):
    """Amounts in micros; `room_micros` is what may still be added."""

    __test__ = False  # no test case, whatever its name begins with
    code = "test_money_cap"
    default = gettext_lazy("An organisation holds a limited amount of test money; spend some first.")
