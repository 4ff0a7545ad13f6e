"""From what one worker did in one project to the figures that a rule looks at. Plain Python, one event after the other.

A collector is fed the events in the order of time and can be asked for its figures after each: so the job that looks
at the present and the dry run that walks through the past count in the same way. Windows are those of Toloka's
`history_size`: the last so many events that count for the collector. Figures without a basis are None.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from crowd.kernel.money import MICROS
from crowd.rules.terms import Terms
from crowd.rules.vocabulary import LOOK_BACK, Collector

Figures = Mapping[str, float | None]
HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
MOST_ODDS = 1e12


@dataclass(frozen=True, slots=True)
class Event:
    """One assignment of his that has ended, as collectors see it. What is unknown, or says nothing, is None.

    `at`: when it was submitted (returned ones: taken). `share`: how much of all answers says what he `said`.
    """

    assignment_id: int
    at: datetime
    answered: bool = True
    seconds: float | None = None
    gold_passed: bool | None = None
    agrees: bool | None = None
    steady: bool | None = None  # a repeat: whether he said the same as before
    accepted: bool | None = None
    reward_micros: int = 0
    said: str = ""
    share: float = 1.0
    own_text: bool = False
    others_text: bool = False
    excused: bool = False  # returned for a reason that is the task's, not his


class Counting(Protocol):
    def add(self, event: Event) -> None: ...

    def figures(self, now: datetime) -> Figures: ...


def of(terms: Terms) -> Counting:
    """A fresh collector for these terms. KeyError for one that looks at several workers together."""
    window = terms.settings.get("window", LOOK_BACK)
    made: Mapping[str, Counting] = {
        Collector.GOLD: Shares("gold_passed", "answers", ("right_share", "wrong_share"), window),
        Collector.CONSENSUS: Shares("agrees", "answers", ("agree_share", "differ_share"), window),
        Collector.REPEATS: Shares("steady", "answers", ("same_share", "other_share"), window),
        Collector.ACCEPTANCE: Shares("accepted", "decided", ("accepted_share", "rejected_share"), window),
        Collector.TIME: Fast(terms.settings.get("fast_s", 0), window),
        Collector.RETURNS: Returns(),
        Collector.PACE: Pace(),
        Collector.INCOME: Income(),
        Collector.SAME: Same(),
        Collector.COPIED: Copied(),
    }
    return made[terms.collector]


class Shares:
    """The share of events where a fact is true, and of those where it is not, in per cent; None does not count."""

    def __init__(self, fact: str, count: str, names: tuple[str, str], window: int) -> None:
        self.fact, self.count, self.names = fact, count, names
        self.seen: deque[bool] = deque()
        self.window, self.true = window, 0

    def add(self, event: Event) -> None:
        fact = getattr(event, self.fact)
        if fact is None:
            return
        if len(self.seen) == self.window:
            self.true -= int(self.seen.popleft())
        self.seen.append(fact)
        self.true += int(fact)

    def figures(self, now: datetime) -> Figures:
        size = len(self.seen)
        share = 100 * self.true / size if size else None
        other = None if share is None else 100 * (size - self.true) / size
        return {self.count: size, self.names[0]: share, self.names[1]: other}


class Fast:
    def __init__(self, fast_s: int, window: int) -> None:
        self.fast_s = fast_s
        self.inner = Shares("quick", "answers", ("fast_share", "slow_share"), window)

    def add(self, event: Event) -> None:
        if event.seconds is not None:
            self.inner.add(_Quick(event.seconds < self.fast_s))  # type: ignore[arg-type]

    def figures(self, now: datetime) -> Figures:
        return {**self.inner.figures(now), "fast_answers": self.inner.true}


@dataclass(frozen=True, slots=True)
class _Quick:
    quick: bool


class Returns:
    """Tasks returned since his last answer. Returns for a reason that is the task's neither count nor end the row."""

    def __init__(self) -> None:
        self.row = 0

    def add(self, event: Event) -> None:
        if event.answered:
            self.row = 0
        elif not event.excused:
            self.row += 1

    def figures(self, now: datetime) -> Figures:
        return {"in_a_row": self.row}


class Recent:
    """A sum over the last span of time before the moment that is asked about."""

    def __init__(self, span: timedelta) -> None:
        self.span, self.total = span, 0
        self.seen: deque[tuple[datetime, int]] = deque()

    def add(self, at: datetime, amount: int) -> None:
        self.seen.append((at, amount))
        self.total += amount

    def until(self, now: datetime) -> int:
        while self.seen and self.seen[0][0] <= now - self.span:
            self.total -= self.seen.popleft()[1]
        return self.total


class Pace:
    def __init__(self) -> None:
        self.hour, self.day = Recent(HOUR), Recent(DAY)

    def add(self, event: Event) -> None:
        if event.answered:
            self.hour.add(event.at, 1)
            self.day.add(event.at, 1)

    def figures(self, now: datetime) -> Figures:
        return {"in_hour": self.hour.until(now), "in_day": self.day.until(now)}


class Income:
    """Rewards of answers submitted within 24 hours, decided or not; rejected ones bring nothing."""

    def __init__(self) -> None:
        self.day = Recent(DAY)

    def add(self, event: Event) -> None:
        if event.answered and event.accepted is not False:
            self.day.add(event.at, event.reward_micros)

    def figures(self, now: datetime) -> Figures:
        return {"in_day": self.day.until(now) / MICROS}


class Same:
    """The row of equal answers that he is in, and how seldom chance gives one: an answer that nearly all give is no
    sign of anything, however often it comes."""

    def __init__(self) -> None:
        self.last, self.row, self.odds = "", 0, 1.0

    def add(self, event: Event) -> None:
        if not event.said:
            return
        if event.said == self.last:
            self.row += 1
            self.odds = min(MOST_ODDS, self.odds / max(event.share, 1e-6))
        else:
            self.last, self.row, self.odds = event.said, 1, 1.0

    def figures(self, now: datetime) -> Figures:
        return {"in_a_row": self.row, "odds": self.odds}


class Copied:
    def __init__(self) -> None:
        self.own = self.others = 0

    def add(self, event: Event) -> None:
        self.own += int(event.own_text)
        self.others += int(event.others_text)

    def figures(self, now: datetime) -> Figures:
        return {"own": self.own, "others": self.others}


def figures_now(terms: Terms, events: Iterable[Event], now: datetime) -> Figures:
    """After all of these events."""
    collector = of(terms)
    for event in events:
        collector.add(event)
    return collector.figures(now)


@dataclass(frozen=True)
class First:
    """The first moment at which a rule held, and after how many answers of his that was."""

    at: datetime
    answers: int
    figures: Figures


def first_time(terms: Terms, events: Iterable[Event]) -> First | None:
    """Had the rule been asked after each event: when it would have held first."""
    collector, answers = of(terms), 0
    for event in events:
        collector.add(event)
        answers += int(event.answered)
        figures = collector.figures(event.at)
        if terms.hold(figures):
            return First(event.at, answers, figures)
    return None
