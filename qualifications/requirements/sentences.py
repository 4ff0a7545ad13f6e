"""A condition that does not hold, in words for the worker."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from qualifications.requirements.conditions import Condition, satisfied
from qualifications.states import Comparator, System


def sentence(condition: Condition, held: int | str | None) -> str:
    """For example: “Spanish” must be at least 80; yours is 60."""
    if condition.about_locale:
        return _locale_sentence(condition, held)
    name = condition.qualification.name
    if condition.qualification.system == System.ADULT:
        return _adult_sentence(condition)
    if condition.comparator == Comparator.DOES_NOT_EXIST:
        return _("This project is for workers who do not hold “%(name)s”; you hold it.") % {"name": name}
    if held is None and condition.comparator == Comparator.EXISTS:
        return _("You need “%(name)s”, which you do not hold.") % {"name": name}
    if held is None:
        return _("“%(name)s” must be %(wanted)s; you do not hold it.") % {"name": name, "wanted": wanted(condition)}
    facts = {"name": name, "wanted": wanted(condition), "held": held}
    return _("“%(name)s” must be %(wanted)s; yours is %(held)s.") % facts


def either(sentences: Sequence[str]) -> str:
    """The alternatives of a group, none of which holds."""
    return (
        sentences[0] if len(sentences) == 1 else _("One of these is needed: %(all)s") % {"all": " / ".join(sentences)}
    )


def demand(bundle: Sequence[Condition]) -> str:
    """What a project asks for, for anybody: "“Spanish” at least 80, or “Country or region” exactly ES"."""
    return _(", or ").join(_demand(condition) for condition in bundle)


def _demand(condition: Condition) -> str:
    name = condition.qualification.name
    if condition.comparator == Comparator.EXISTS:
        return _("“%(name)s”, of any value") % {"name": name}
    if condition.comparator == Comparator.DOES_NOT_EXIST:
        return _("not “%(name)s”") % {"name": name}
    return _("“%(name)s” %(wanted)s") % {"name": name, "wanted": wanted(condition)}


def wanted(condition: Condition) -> str:
    """What a comparison asks for: "at least 80"."""
    value = ", ".join(str(value) for value in (*condition.values, *condition.locales))
    return {
        Comparator.LESS_THAN: _("less than %(value)s"),
        Comparator.LESS_THAN_OR_EQUAL: _("at most %(value)s"),
        Comparator.GREATER_THAN: _("more than %(value)s"),
        Comparator.GREATER_THAN_OR_EQUAL: _("at least %(value)s"),
        Comparator.EQUAL: _("exactly %(value)s"),
        Comparator.NOT_EQUAL: _("other than %(value)s"),
        Comparator.IN: _("one of %(value)s"),
        Comparator.NOT_IN: _("none of %(value)s"),
    }[Comparator(condition.comparator)] % {"value": value}


def _adult_sentence(condition: Condition) -> str:
    if satisfied(condition, 1):
        return _("This project shows adult content; you have not agreed to see that.")
    return _("This project is for workers who do not see adult content; you agreed to see it.")


def _locale_sentence(condition: Condition, held: int | str | None) -> str:
    places = ", ".join(condition.locales)
    if held is None:
        return _("This project asks where you live; please fill in your country.")
    if condition.comparator in (Comparator.EQUAL, Comparator.IN):
        text = _("This project is for workers in %(places)s; you are in %(held)s.")
    else:
        text = _("This project is not for workers in %(places)s; you are in %(held)s.")
    return text % {"places": places, "held": held}
