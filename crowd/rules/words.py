"""A rule as a sentence that a requester reads, and what it found as one that the worker reads."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowd.kernel import money
from crowd.rules.terms import Condition, Terms
from crowd.rules.vocabulary import Action, Collector, Comparator, Figure, Scope

COMPARED = {Comparator.AT_LEAST: "≥", Comparator.ABOVE: ">", Comparator.AT_MOST: "≤", Comparator.BELOW: "<"}


def sentence(terms: Terms, *, currency: str = "", qualification: str = "") -> str:
    """When ..., then ...; for the requester."""
    conditions = _(" and the ").join(_condition(one, terms.figures[one.figure], currency) for one in terms.conditions)
    return _("When, %(looked_at)s, the %(conditions)s, then %(action)s.") % {
        "looked_at": _looked_at(terms),
        "conditions": conditions,
        "action": _action(terms, qualification),
    }


def findings(terms: Terms, figures: Mapping[str, float | None], *, currency: str = "") -> list[str]:
    """Each figure that a condition looks at, as it was found and as the rule asks; for the worker."""
    return [_finding(one, terms.figures[one.figure], figures, currency) for one in terms.conditions]


def reason(terms: Terms, figures: Mapping[str, float | None], *, currency: str = "") -> str:
    """What happened and why, with his figures, in words to the worker."""
    said = str(terms.parameters.get("text") or "")
    told = {
        "action": _told(terms),
        "found": "; ".join(findings(terms, figures, currency=currency)),
        "said": f" {said}" if said else "",
    }
    return _("%(action)s By a rule of this project: %(found)s.%(said)s You can contest this from your record.") % told


def value(found: float | None, figure: Figure, currency: str = "") -> str:
    if found is None:
        return _("nothing yet")
    if figure.unit == "percent":
        return f"{found:.4g} %"
    if figure.unit == "money":
        return money.text(round(found * 100) * money.MICROS // 100, currency) if currency else f"{found:.2f}"
    return f"{found:,.0f}" if figure.unit == "odds" or found == int(found) else f"{found:.1f}"


def _finding(one: Condition, figure: Figure, figures: Mapping[str, float | None], currency: str) -> str:
    return _("%(figure)s: %(found)s (the rule: %(comparison)s %(bound)s)") % {
        "figure": figure.words,
        "found": value(figures.get(one.figure), figure, currency),
        "comparison": COMPARED[Comparator(one.comparator)],
        "bound": value(float(one.value), figure, currency),
    }


def _condition(one: Condition, figure: Figure, currency: str) -> str:
    return f"{figure.words} {Comparator(one.comparator).label} {value(float(one.value), figure, currency)}"


def _looked_at(terms: Terms) -> str:
    window = terms.settings.get("window")
    whole = (
        ngettext("over his last answer", "over his last %(n)d answers", window) % {"n": window}
        if window
        else _("over all his answers")
    )
    collector = terms.collector
    if collector == Collector.GOLD:
        return _("%(whole)s to gold tasks") % {"whole": whole}
    if collector == Collector.CONSENSUS:
        return _("%(whole)s to tasks with at least %(least)d answers") % {
            "whole": whole,
            "least": terms.settings["least_answers"],
        }
    if collector == Collector.REPEATS:
        return _("%(whole)s to items that he had answered before") % {"whole": whole}
    if collector == Collector.TIME:
        return _("%(whole)s, fast being less than %(fast)d s") % {"whole": whole, "fast": terms.settings["fast_s"]}
    if collector == Collector.COPIED:
        return _("over his texts of at least %(least)d characters") % {"least": terms.settings["least_chars"]}
    return whole


def _action(terms: Terms, qualification: str) -> str:
    parameters, action = terms.parameters, Action(terms.action)
    named = f"“{qualification}”" if qualification else f"#{parameters.get('qualification', '')}"
    if action == Action.PAUSE and "hours" in parameters:
        return _("pause him on this project for %(hours)d hours") % parameters
    if action == Action.BLOCK:
        return _("propose to keep him from %(scope)s for %(days)d days; a person decides") % {
            "scope": Scope(parameters["scope"]).label,
            "days": parameters["days"],
        }
    if action == Action.GRANT and "value_from" in parameters:
        return _("grant him %(name)s with that share as its value") % {"name": named}
    if action == Action.REDUNDANCY:
        more = parameters["more"]
        return ngettext("ask one more answer to his tasks", "ask %(n)d more answers to his tasks", more) % {"n": more}
    return str(_PLAIN[action]) % {"name": named, "value": parameters.get("value", "")}


def _told(terms: Terms) -> str:
    parameters = terms.parameters
    if terms.action == Action.PAUSE and "hours" in parameters:
        return _("You are paused on this project for %(hours)d hours. What you earned stays yours.") % parameters
    if terms.action == Action.BLOCK:
        return _("You are kept from %(scope)s for %(days)d days. What you earned stays yours.") % {
            "scope": Scope(parameters["scope"]).label,
            "days": parameters["days"],
        }
    return str(_TOLD[Action(terms.action)])


_PLAIN: Mapping[Action, Any] = {
    Action.WARN: gettext_lazy("tell him so"),
    Action.TRAIN: gettext_lazy("pause him until he has passed the training %(name)s"),
    Action.GRANT: gettext_lazy("grant him %(name)s with the value %(value)s"),
    Action.REVOKE: gettext_lazy("revoke %(name)s"),
    Action.PAUSE: gettext_lazy("pause him on this project"),
    Action.ACCEPT: gettext_lazy("accept his undecided answers"),
    Action.REJECT: gettext_lazy("propose to reject his undecided answers; a person decides each, silence pays"),
    Action.REOPEN: gettext_lazy("ask his tasks of somebody else; he is paid as usual"),
}
_TOLD: Mapping[Action, Any] = {
    Action.WARN: gettext_lazy("A word about your answers; nothing else follows from it."),
    Action.TRAIN: gettext_lazy("Before you go on here, a training is asked for. What you earned stays yours."),
    Action.GRANT: gettext_lazy("You were granted a qualification."),
    Action.REVOKE: gettext_lazy("A qualification of yours was revoked. What you earned stays yours."),
    Action.PAUSE: gettext_lazy("You are paused on this project. What you earned stays yours."),
    Action.ACCEPT: gettext_lazy("Your undecided answers were accepted."),
    Action.REJECT: gettext_lazy(
        "It was proposed to reject answers of yours. A person looks at each; those about which nobody says anything "
        "are paid."
    ),
    Action.REDUNDANCY: gettext_lazy("More answers are asked to tasks of yours. Your pay does not depend on them."),
    Action.REOPEN: gettext_lazy("Tasks of yours are asked of somebody else. You are paid for yours as usual."),
}
