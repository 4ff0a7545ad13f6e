"""What charts show, as the rows of the tables that they are drawn from (crowd/frontend/src/charts.ts)."""

from collections.abc import Sequence
from typing import Any

from crowd.consensus.queries import Bin, Speed

Pairs = Sequence[tuple[str, int]]


def of_posteriors(bins: Sequence[Bin]) -> Pairs:
    """By the bounds of each bin in per cent."""
    return [(f"{100 * one.low:.0f}–{100 * one.high:.0f}", one.count) for one in bins]


def of_speed(speed: Speed, zone: Any) -> Pairs:
    """Hours by their time, days by their date, in the reader's zone."""
    pattern = "%H:%M" if speed.each.total_seconds() < 86_400 else "%d.%m."
    return [(step.at.astimezone(zone).strftime(pattern), step.count) for step in speed.steps]
