"""What a payout provider is. CONTRIBUTING says how to add one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Line:
    """One payout as the provider is told. `amount_micros` is whole coins of `currency`."""

    reference: str
    name: str
    address: str
    country: str
    method: str
    destination: str
    amount_micros: int
    currency: str


@dataclass(frozen=True)
class Result:
    """One row of the provider's answer. `row` is counted as a person does, for messages."""

    row: int
    reference: str
    paid: bool
    provider_reference: str = ""
    reason: str = ""  # why it was not paid; the worker reads it


class Provider(Protocol):
    """Stateless. The file it builds is the only thing that leaves; how it came out comes back as results."""

    code: str
    methods: frozenset[str]  # of workers.payout_fields.METHODS
    extension: str
    content_type: str

    def build(self, lines: Sequence[Line]) -> str:
        """The file, the same for the same lines."""

    def read_results(self, text: str) -> list[Result]:
        """Raises crowd.payouts.errors.BadResults with every bad row."""
