"""All writes of the ledger; `self_check` is what a flow test ends with and what production runs every hour."""

from crowd.kernel.invariants import broken
from crowd.ledger.errors import LedgerBroken
from crowd.ledger.invariants import INVARIANTS


def self_check() -> None:
    """Raises LedgerBroken with the rows that break an invariant of the ledger; silent when everything adds up."""
    found = broken(INVARIANTS)
    if found:
        raise LedgerBroken(f"The ledger does not add up: {found}", broken=found)


__all__ = ["self_check"]
