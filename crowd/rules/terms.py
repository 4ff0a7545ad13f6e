"""What a rule may say: which figures of a worker it looks at, when it holds, and what happens then. No database.

Terms are plain JSON, read by `parse` and written out again by `Terms.to_json`:

    {"collector": "gold", "settings": {"window": 20},
     "conditions": [{"figure": "wrong_share", "comparator": "above", "value": "40"},
                    {"figure": "answers", "comparator": "at_least", "value": "5"}],
     "action": "pause", "parameters": {"hours": 24}}

Shares are in per cent, times in seconds, money in units of the project's currency.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.errors import BadInput

MOST_CONDITIONS = 5
LOOK_BACK = 2000
"""So many of a worker's last assignments in a project are looked at, whatever the window."""
MAX_TEXT = 2000


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


@dataclass(frozen=True)
class Condition:
    figure: str
    comparator: str
    value: Decimal

    def holds(self, figures: Mapping[str, float | None]) -> bool:
        """A figure that is not there yet holds for nothing."""
        found = figures.get(self.figure)
        return found is not None and COMPARE[self.comparator](found, float(self.value))

    def to_json(self) -> dict[str, str]:
        return {"figure": self.figure, "comparator": self.comparator, "value": str(self.value)}


@dataclass(frozen=True)
class Terms:
    """A rule: when all conditions on the collector's figures hold, the action is due."""

    collector: str
    settings: Mapping[str, int]
    conditions: tuple[Condition, ...]
    action: str
    parameters: Mapping[str, Any]

    def hold(self, figures: Mapping[str, float | None]) -> bool:
        return all(condition.holds(figures) for condition in self.conditions)

    @property
    def figures(self) -> Mapping[str, Figure]:
        return FIGURES[self.collector]

    @property
    def of_speed(self) -> bool:
        """Whether it measures how fast somebody is: whoever asked for more time is exempt."""
        return any(self.figures[one.figure].speed for one in self.conditions)

    def to_json(self) -> dict[str, Any]:
        return {
            "collector": self.collector,
            "settings": dict(self.settings),
            "conditions": [one.to_json() for one in self.conditions],
            "action": self.action,
            "parameters": dict(self.parameters),
        }


def parse(data: Mapping[str, Any]) -> Terms:
    """Terms from their JSON, checked. Raises BadInput, which names each place ("conditions[0].value")."""
    faults: dict[str, str] = {}
    collector = _choice(data.get("collector"), Collector, "collector", faults)
    action = _choice(data.get("action"), Action, "action", faults)
    if faults:
        raise BadInput(errors=faults)
    terms = Terms(
        collector=collector,
        settings=_numbers(data.get("settings") or {}, SETTINGS.get(collector, {}), "settings", faults),
        conditions=_conditions(data.get("conditions"), collector, faults),
        action=action,
        parameters=_parameters(data.get("parameters") or {}, action, collector, faults),
    )
    if not faults:
        _refuse_for_everybody(terms, faults)
    if faults:
        raise BadInput(errors=faults)
    return terms


def _choice(value: Any, choices: type[TextChoices], place: str, faults: dict[str, str]) -> str:
    if value not in choices.values:
        faults[place] = _("One of %(these)s.") % {"these": ", ".join(choices.values)}
        return ""
    return str(value)


def _conditions(given: Any, collector: str, faults: dict[str, str]) -> tuple[Condition, ...]:
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MOST_CONDITIONS:
        faults["conditions"] = _("A rule has 1 to %(most)d conditions.") % {"most": MOST_CONDITIONS}
        return ()
    return tuple(_condition(one, collector, f"conditions[{place}]", faults) for place, one in enumerate(given))


def _condition(given: Any, collector: str, place: str, faults: dict[str, str]) -> Condition:
    given = given if isinstance(given, Mapping) else {}
    figure, comparator = given.get("figure"), given.get("comparator")
    if figure not in FIGURES[collector]:
        faults[f"{place}.figure"] = _("One of %(these)s.") % {"these": ", ".join(FIGURES[collector])}
    if comparator not in Comparator.values:
        faults[f"{place}.comparator"] = _("One of %(these)s.") % {"these": ", ".join(Comparator.values)}
    value = _decimal(given.get("value"))
    percent = figure in FIGURES[collector] and FIGURES[collector][figure].unit == "percent"
    if value is None or value < 0 or (percent and value > 100):
        faults[f"{place}.value"] = _("From 0 to 100 per cent.") if percent else _("A number of at least 0.")
    return Condition(str(figure), str(comparator), value or Decimal(0))


def _decimal(given: Any) -> Decimal | None:
    try:
        found = Decimal(str(given).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and found < 10**12 else None


def _numbers(given: Any, known: Mapping[str, Number], place: str, faults: dict[str, str]) -> dict[str, int]:
    """The whole numbers that are known here, with defaults; what is not known is refused."""
    if not isinstance(given, Mapping):
        faults[place] = _("Wanted: an object.")
        return {}
    for name in sorted(set(given) - set(known)):
        faults[f"{place}.{name}"] = _("This says nothing here.")
    found = {}
    for name, number in known.items():
        value = given.get(name)
        value = number.default if value is None or value == "" else value
        if value is None:
            continue
        whole = _decimal(value)
        if whole is None or isinstance(value, bool) or whole % 1 or not number.least <= whole <= number.most:
            faults[f"{place}.{name}"] = _("A whole number from %(least)d to %(most)d.") % {
                "least": number.least,
                "most": number.most,
            }
        else:
            found[name] = int(whole)
    return found


def _parameters(given: Any, action: str, collector: str, faults: dict[str, str]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        faults["parameters"] = _("Wanted: an object.")
        return {}
    rest = dict(given)
    found: dict[str, Any] = {}
    if action in WITH_QUALIFICATION:
        found["qualification"] = _qualification(rest.pop("qualification", None), faults)
    if action == Action.GRANT and rest.get("value_from"):
        found["value_from"] = _value_from(rest.pop("value_from"), collector, faults)
    if action == Action.BLOCK:
        found["scope"] = _choice(rest.pop("scope", Scope.PROJECT), Scope, "parameters.scope", faults)
    if action in WITH_TEXT:
        found["text"] = _text(rest.pop("text", ""), action, faults)
    rest = {name: value for name, value in rest.items() if value not in ("", None)}
    return found | _numbers(rest, PARAMETERS.get(action, {}), "parameters", faults)


def _qualification(given: Any, faults: dict[str, str]) -> int:
    number = _decimal(given)
    if number is None or isinstance(given, bool) or number % 1 or not 0 < number < 2**63:
        faults["parameters.qualification"] = _("Which qualification?")
        return 0
    return int(number)


def _value_from(given: Any, collector: str, faults: dict[str, str]) -> str:
    shares = [name for name, figure in FIGURES[collector].items() if figure.unit == "percent"]
    if given not in shares:
        faults["parameters.value_from"] = _("One of %(these)s.") % {"these": ", ".join(shares) or "–"}
    return str(given)


def _text(given: Any, action: str, faults: dict[str, str]) -> str:
    text = given.strip() if isinstance(given, str) else ""
    if action in TEXT_NEEDED and not text:
        faults["parameters.text"] = _("A reason is needed; the worker reads it.")
    if len(text) > MAX_TEXT or "\x00" in text:
        faults["parameters.text"] = _("At most %(most)d characters.") % {"most": MAX_TEXT}
    return text


def _refuse_for_everybody(terms: Terms, faults: dict[str, str]) -> None:
    """What holds before anybody has done anything, or for whoever does all of it right, stops the whole crowd."""
    if terms.action not in STOPPING:
        return
    if terms.collector in EVIDENCE_ONLY and terms.action != Action.BLOCK:
        faults["action"] = _(
            "Shared errors do not say who copied from whom. Propose a block, which a person decides, or tell him."
        )
    if terms.collector in NEVER_PAY and terms.action == Action.REJECT:
        faults["action"] = _("An opinion may change: that is no reason to reject answers. Pause him, or tell him.")
    if terms.hold({name: figure.start for name, figure in terms.figures.items()}):
        faults["conditions"] = _("This holds for everybody from the first task on: it would stop 100 % of all workers.")
    elif _hits_the_best(terms):
        faults["conditions"] = _(
            "This holds for a worker who does everything right: it would stop 100 % of those you want. "
            "Is a comparison the wrong way round?"
        )


def _hits_the_best(terms: Terms) -> bool:
    """With any number of answers: figures that say nothing of quality are taken to hold."""
    judged = [one for one in terms.conditions if terms.figures[one.figure].best is not None]
    return bool(judged) and all(one.holds({one.figure: terms.figures[one.figure].best}) for one in judged)
