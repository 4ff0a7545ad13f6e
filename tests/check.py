"""What every story ends with."""

from crowd.kernel.invariants import broken
from crowd.ledger.services import self_check
from crowd.operations.verify import invariants


def all_is_well() -> None:
    """The books balance and every invariant holds."""
    self_check()
    assert broken(invariants()) == {}
