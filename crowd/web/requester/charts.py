"""Charts as small drawings made on the server: geometry in, numbers for the template out. Each stands by its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crowd.consensus.queries import Bin, Speed

WIDTH, HEIGHT = 600.0, 120.0
WIDEST = 60.0  # a bar that stands alone is no wall
GAP = 0.18  # of a bar's width


@dataclass(frozen=True)
class Column:
    """One bar of a drawing WIDTH by HEIGHT: its place and size, what it is called and how much it is."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


@dataclass(frozen=True)
class Bars:
    columns: Sequence[Column]
    most: int

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH:g} {HEIGHT:g}"


def bars(pairs: Sequence[tuple[str, int]]) -> Bars:
    """A bar each, as high as its count is to the largest."""
    most = max((count for _label, count in pairs), default=0)
    each = min(WIDTH / max(len(pairs), 1), WIDEST)
    columns = []
    for number, (label, count) in enumerate(pairs):
        height = round(HEIGHT * count / most, 2) if most else 0.0
        x, width = round(number * each + each * GAP / 2, 2), round(each * (1 - GAP), 2)
        columns.append(Column(x, round(HEIGHT - height, 2), width, height, label, count))
    return Bars(columns, most)


def of_posteriors(bins: Sequence[Bin]) -> Bars:
    return bars([(f"{one.low:.0%} – {one.high:.0%}".replace("%", " %"), one.count) for one in bins])


def of_speed(speed: Speed, zone: Any) -> Bars:
    """Hours by their time, days by their date, in the reader's zone."""
    pattern = "%H:%M" if speed.each.total_seconds() < 86_400 else "%d.%m."
    return bars([(step.at.astimezone(zone).strftime(pattern), step.count) for step in speed.steps])


def rows(pairs: Sequence[tuple[str, int]], *, tone: str = "") -> list[dict[str, Any]]:
    """For the table that draws itself: label, text, share of the largest."""
    most = max((count for _label, count in pairs), default=0) or 1
    return [{"label": label, "text": f"{count:,}", "share": 100 * count / most, "tone": tone} for label, count in pairs]
