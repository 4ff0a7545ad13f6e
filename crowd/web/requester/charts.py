"""What charts show, as the rows of the tables that they are drawn from (crowd/frontend/src/charts.ts)."""

from collections.abc import Sequence
from typing import Any

from crowd.consensus.queries import Bin, Speed

Pairs = Sequence[tuple[str, int]]


def of_posteriors(bins: Sequence[Bin]) -> Pairs:
    return [(f"{one.low:.0%} – {one.high:.0%}".replace("%", " %"), one.count) for one in bins]


def of_speed(speed: Speed, zone: Any) -> Pairs:
    """Hours by their time, days by their date, in the reader's zone."""
    pattern = "%H:%M" if speed.each.total_seconds() < 86_400 else "%d.%m."
    return [(step.at.astimezone(zone).strftime(pattern), step.count) for step in speed.steps]


def rows(pairs: Pairs, *, tone: str = "") -> list[dict[str, Any]]:
    """For the table that draws itself: label, text, share of the largest."""
    most = max((count for _label, count in pairs), default=0) or 1
    return [{"label": label, "text": f"{count:,}", "share": 100 * count / most, "tone": tone} for label, count in pairs]
