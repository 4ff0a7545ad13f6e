"""The payout providers of this site, by their code."""

from crowd.payouts.errors import UnknownProvider
from crowd.payouts.providers.base import Line, Provider, Result
from crowd.payouts.providers.csv_batch import CsvBatch

PROVIDERS: dict[str, Provider] = {provider.code: provider for provider in [CsvBatch()]}


def get(code: str) -> Provider:
    """Raises UnknownProvider."""
    if code not in PROVIDERS:
        raise UnknownProvider(known=sorted(PROVIDERS))
    return PROVIDERS[code]


__all__ = ["PROVIDERS", "Line", "Provider", "Result", "get"]
