"""Every word that a rule may use: collectors and their figures, comparators, actions, and what can be set of them."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

LOOK_BACK = 2000
"""So many of a worker's last assignments in a project are looked at, whatever the window."""


class Collector(TextChoices):
    GOLD = "gold", gettext_lazy("answers to gold tasks")
    CONSENSUS = "consensus", gettext_lazy("agreement with the merged answers")
    REPEATS = "repeats", gettext_lazy("agreement with himself")
    TIME = "time", gettext_lazy("time an answer takes")
    RETURNS = "returns", gettext_lazy("tasks returned in a row")
    PACE = "pace", gettext_lazy("answers an hour and a day")
    INCOME = "income", gettext_lazy("income of the last 24 hours")
    ACCEPTANCE = "acceptance", gettext_lazy("accepted and rejected answers")
    SHARED = "shared_errors", gettext_lazy("errors shared with another worker")
    SAME = "straight_lining", gettext_lazy("the same answer in a row")
    COPIED = "copied_text", gettext_lazy("free text that was there before")


class Comparator(TextChoices):
    AT_LEAST = "at_least", gettext_lazy("is at least")
    ABOVE = "above", gettext_lazy("is above")
    AT_MOST = "at_most", gettext_lazy("is at most")
    BELOW = "below", gettext_lazy("is below")


class Action(TextChoices):
    WARN = "warn", gettext_lazy("tell the worker")
    TRAIN = "train", gettext_lazy("require training first")
    GRANT = "grant", gettext_lazy("grant a qualification")
    REVOKE = "revoke", gettext_lazy("revoke a qualification")
    PAUSE = "pause", gettext_lazy("pause on this project")
    BLOCK = "block", gettext_lazy("propose a block")
    ACCEPT = "accept", gettext_lazy("accept his undecided answers")
    REJECT = "reject", gettext_lazy("propose to reject his undecided answers")
    REDUNDANCY = "redundancy", gettext_lazy("ask more answers to his tasks")
    REOPEN = "reopen", gettext_lazy("ask his tasks anew")


class Scope(TextChoices):
    PROJECT = "project", gettext_lazy("this project")
    ORGANISATION = "organisation", gettext_lazy("all our projects")
    SITE = "site", gettext_lazy("the whole site (staff decide)")


STOPPING = frozenset({Action.TRAIN, Action.REVOKE, Action.PAUSE, Action.BLOCK, Action.REJECT})
"""What goes against a worker: refused where it would hit everybody."""
NEVER_PAY = frozenset({Collector.REPEATS})
"""Nobody must be of the same opinion for ever: it is no reason to reject an answer."""
EVIDENCE_ONLY = frozenset({Collector.SHARED})
"""Shared errors never say who copied from whom: they are shown to a person, and stop nobody by themselves."""
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    Comparator.AT_LEAST: operator.ge,
    Comparator.ABOVE: operator.gt,
    Comparator.AT_MOST: operator.le,
    Comparator.BELOW: operator.lt,
}


@dataclass(frozen=True)
class Figure:
    """One number that a collector tells of a worker. `unit`: count, percent, money or odds (1 in so many).

    `start` is what it is of somebody who has done nothing (None: there is no such figure yet), `best` of somebody who
    does everything right; a rule must not go against either. `speed`: no measure of those who need more time.
    """

    words: str | Promise
    unit: str = "count"
    start: float | None = 0
    best: float | None = None
    speed: bool = False


def _share(words: str | Promise, *, best: float, speed: bool = False) -> Figure:
    return Figure(words, "percent", start=None, best=best, speed=speed)


FIGURES: Mapping[str, Mapping[str, Figure]] = {
    Collector.GOLD: {
        "answers": Figure(gettext_lazy("number of answers to gold tasks")),
        "right_share": _share(gettext_lazy("share of gold tasks answered right"), best=100),
        "wrong_share": _share(gettext_lazy("share of gold tasks answered wrong"), best=0),
    },
    Collector.CONSENSUS: {
        "answers": Figure(gettext_lazy("number of answers that can be compared")),
        "agree_share": _share(gettext_lazy("share that agrees with the merged answer"), best=100),
        "differ_share": _share(gettext_lazy("share that differs from the merged answer"), best=0),
    },
    Collector.REPEATS: {
        "answers": Figure(gettext_lazy("number of opinions that he gave twice")),
        "same_share": _share(gettext_lazy("share of them that said the same again"), best=100),
        "other_share": _share(gettext_lazy("share of them that said something else"), best=0),
    },
    Collector.TIME: {
        "answers": Figure(gettext_lazy("number of answers")),
        "fast_answers": Figure(gettext_lazy("number of answers in less than that time"), best=0, speed=True),
        "fast_share": _share(gettext_lazy("share of answers in less than that time"), best=0, speed=True),
    },
    Collector.RETURNS: {"in_a_row": Figure(gettext_lazy("number of tasks returned in a row"), best=0)},
    Collector.PACE: {
        "in_hour": Figure(gettext_lazy("number of answers within an hour"), speed=True),
        "in_day": Figure(gettext_lazy("number of answers within 24 hours")),
    },
    Collector.INCOME: {"in_day": Figure(gettext_lazy("income within 24 hours"), "money")},
    Collector.ACCEPTANCE: {
        "decided": Figure(gettext_lazy("number of answers decided")),
        "accepted_share": _share(gettext_lazy("share of decided answers that was accepted"), best=100),
        "rejected_share": _share(gettext_lazy("share of decided answers that was rejected"), best=0),
    },
    Collector.SHARED: {
        "shared_errors": Figure(gettext_lazy("number of errors shared, more than chance explains"), best=0),
        "tasks": Figure(gettext_lazy("number of tasks that both answered"), best=0),
    },
    Collector.SAME: {
        "in_a_row": Figure(gettext_lazy("length of the row of equal answers")),
        "odds": Figure(gettext_lazy("odds against such a row by chance, 1 to"), "odds", start=1),
    },
    Collector.COPIED: {
        "own": Figure(gettext_lazy("number of texts that he had written for another task before"), best=0),
        "others": Figure(gettext_lazy("number of texts that somebody else had written before"), best=0),
    },
}


@dataclass(frozen=True)
class Number:
    """A whole number that a rule is set by."""

    words: str | Promise
    least: int
    most: int
    default: int | None = None


WINDOW = Number(gettext_lazy("over the last so many answers"), 1, LOOK_BACK)
SETTINGS: Mapping[str, Mapping[str, Number]] = {
    Collector.GOLD: {"window": WINDOW},
    Collector.CONSENSUS: {
        "window": WINDOW,
        "least_answers": Number(gettext_lazy("on tasks with at least so many answers"), 2, 100, 3),
    },
    Collector.REPEATS: {"window": WINDOW},
    Collector.TIME: {
        "window": WINDOW,
        "fast_s": Number(gettext_lazy("fast is less than so many seconds"), 1, 3600, 3),
    },
    Collector.ACCEPTANCE: {"window": WINDOW},
    Collector.COPIED: {"least_chars": Number(gettext_lazy("texts of at least so many characters"), 5, 1000, 20)},
}
PARAMETERS: Mapping[str, Mapping[str, Number]] = {
    Action.GRANT: {"value": Number(gettext_lazy("with the value"), 0, 100, 100)},
    Action.PAUSE: {"hours": Number(gettext_lazy("for so many hours"), 1, 24 * 365)},
    Action.BLOCK: {"days": Number(gettext_lazy("for so many days"), 1, 3650, 30)},
    Action.REDUNDANCY: {"more": Number(gettext_lazy("so many more answers"), 1, 10, 1)},
}
WITH_QUALIFICATION = frozenset({Action.TRAIN, Action.GRANT, Action.REVOKE})
WITH_TEXT = frozenset({Action.WARN, Action.BLOCK, Action.REJECT})
TEXT_NEEDED = frozenset({Action.BLOCK, Action.REJECT})
