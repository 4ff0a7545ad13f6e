"""What a rule may say: which figures of a worker it looks at, when it holds, and what happens then. No database.

Terms are plain JSON, read by `parse` and written out again by `Terms.to_json`:

    {"collector": "gold", "settings": {"window": 20},
     "conditions": [{"figure": "wrong_share", "comparator": "above", "value": "40"},
                    {"figure": "answers", "comparator": "at_least", "value": "5"}],
     "action": "pause", "parameters": {"hours": 24}}

Shares are in per cent, times in seconds, money in units of the project's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from crowd.rules.vocabulary import (
    COMPARE,
    EVIDENCE_ONLY,
    FIGURES,
    NEVER_PAY,
    PARAMETERS,
    SETTINGS,
    STOPPING,
    TEXT_NEEDED,
    WITH_QUALIFICATION,
    WITH_TEXT,
    Action,
    Collector,
    Comparator,
    Figure,
    Number,
    Scope,
)

MOST_CONDITIONS = 5
MAX_TEXT = 2000


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
