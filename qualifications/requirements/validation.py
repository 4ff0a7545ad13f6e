"""Refusing conditions that are ill-formed, or that together nobody could ever meet."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from qualifications.requirements.conditions import Condition, bundled, satisfied
from qualifications.states import Comparator, Guard, System
from workers.countries import COUNTRIES

MAX_CONDITIONS = 10  # a group of alternatives counts as one
MAX_ALTERNATIVES = 20  # conditions in all: so trying every choice among groups stays cheap
MAX_GROUP = 100
MAX_NUMBERS = 15  # of In and NotIn
MAX_LOCALES = 30
MAX_NUMBER = 2**31 - 1  # what the column holds
WITHOUT_VALUES = (Comparator.EXISTS, Comparator.DOES_NOT_EXIST)
WITH_SEVERAL = (Comparator.IN, Comparator.NOT_IN)
FOR_LOCALES = (Comparator.EQUAL, Comparator.NOT_EQUAL, Comparator.IN, Comparator.NOT_IN)
ALWAYS_HELD = (System.ACCEPTED_COUNT, System.ACCEPTANCE_RATE, System.ACCOUNT_AGE_DAYS, System.ADULT)
UNBOUNDED = (System.ACCEPTED_COUNT, System.ACCOUNT_AGE_DAYS)

Fault = tuple[str, str]


class BadRequirements(BadInput):
    code = "bad_requirements"


def validate(conditions: Sequence[Condition]) -> None:
    """Raises BadRequirements, whose `errors` name each place ("conditions[2].values") and what is wrong there."""
    faults = dict(_faults(conditions))
    if faults:
        raise BadRequirements(errors=faults)


def _faults(conditions: Sequence[Condition]) -> Iterator[Fault]:
    if len(bundled(conditions)) > MAX_CONDITIONS:
        yield "conditions", _("There may be at most %(count)s conditions.") % {"count": MAX_CONDITIONS}
        return
    if len(conditions) > MAX_ALTERNATIVES:
        yield "conditions", _("There may be at most %(count)s alternatives in all.") % {"count": MAX_ALTERNATIVES}
        return
    sound = True
    for number, condition in enumerate(conditions):
        for place, message in _faults_of_one(condition):
            sound = False
            yield f"conditions[{number}].{place}", message
    if sound:
        yield from _repeated(conditions)
        yield from _mixed_guards(conditions)
        yield from _excluding(conditions)


def _faults_of_one(condition: Condition) -> Iterator[Fault]:
    if condition.guard not in Guard.values:
        yield "guard", _("The guards are %(choices)s.") % {"choices": ", ".join(Guard.values)}
    if isinstance(condition.group, bool) or not 0 <= condition.group <= MAX_GROUP:
        yield "group", _("A group is a whole number from 1 to %(most)s, or 0.") % {"most": MAX_GROUP}
    if condition.comparator not in Comparator.values:
        choices = ", ".join(Comparator.values)
        yield "comparator", _("The comparators are %(choices)s.") % {"choices": choices}
    elif condition.about_locale:
        yield from _faults_of_locale(condition)
    else:
        yield from _faults_of_number(condition)


def _faults_of_locale(condition: Condition) -> Iterator[Fault]:
    if condition.comparator not in FOR_LOCALES:
        choices = ", ".join(FOR_LOCALES)
        yield "comparator", _("Countries can only be compared by %(choices)s.") % {"choices": choices}
        return
    if condition.values:
        yield "values", _("Countries are named in `locales`; there are no numbers here.")
    yield from _faults_of_count("locales", condition.comparator, condition.locales, MAX_LOCALES)
    for locale in condition.locales:
        if not is_locale(locale):
            yield "locales", _("“%(code)s” is no country (DE) or region (US-CA) of ISO 3166.") % {"code": locale}


def _faults_of_number(condition: Condition) -> Iterator[Fault]:
    if condition.locales:
        yield "locales", _("Only the qualification about the country is compared with countries.")
    if condition.comparator in WITHOUT_VALUES:
        if condition.values:
            yield "values", _("%(comparator)s takes no values.") % {"comparator": condition.comparator}
        return
    yield from _faults_of_count("values", condition.comparator, condition.values, MAX_NUMBERS)
    most = MAX_NUMBER if condition.qualification.system in UNBOUNDED else 100
    if any(isinstance(value, bool) or not 0 <= value <= most for value in condition.values):
        yield "values", _("Values here are whole numbers from 0 to %(most)s.") % {"most": most}


def _faults_of_count(place: str, comparator: str, given: Sequence[object], most: int) -> Iterator[Fault]:
    if comparator not in WITH_SEVERAL:
        if len(given) != 1:
            yield place, _("%(comparator)s takes exactly one value.") % {"comparator": comparator}
    elif not 1 <= len(given) <= most:
        facts = {"comparator": comparator, "most": most}
        yield place, _("%(comparator)s takes from 1 to %(most)s values.") % facts
    elif len(set(given)) < len(given):
        yield place, _("A value is named twice.")


def is_locale(code: str) -> bool:
    """ "DE" or "US-CA": the country must exist, the region need only look like one (ISO 3166-2 has some 5,000)."""
    country, dash, region = code.partition("-")
    return country in COUNTRIES and (not dash or re.fullmatch("[A-Z0-9]{1,3}", region) is not None)


def _repeated(conditions: Sequence[Condition]) -> Iterator[Fault]:
    seen: dict[tuple[int, str, int], int] = {}
    for number, condition in enumerate(conditions):
        key = (condition.qualification.pk, condition.comparator, condition.group)
        if key in seen:
            facts = {"comparator": condition.comparator, "other": seen[key]}
            yield (
                f"conditions[{number}].comparator",
                _("conditions[%(other)s] compares the same qualification by %(comparator)s already.") % facts,
            )
        seen.setdefault(key, number)


def _mixed_guards(conditions: Sequence[Condition]) -> Iterator[Fault]:
    first: dict[int, str] = {}
    for number, condition in enumerate(conditions):
        if condition.group and first.setdefault(condition.group, condition.guard) != condition.guard:
            yield f"conditions[{number}].guard", _("All alternatives of a group guard the same.")


def _excluding(conditions: Sequence[Condition]) -> Iterator[Fault]:
    """Alone, then with every choice among the alternatives: a worker must be able to meet one of them."""
    alone = [condition for condition in conditions if not condition.group]
    blamed = _unmeetable(alone)
    if blamed is None:
        groups = [bundle for bundle in bundled(conditions) if bundle[0].group]
        blames = [_unmeetable([*alone, *choice]) for choice in product(*groups)]
        blamed = blames[0] if all(blames) else None
    if blamed is not None:
        name = blamed.qualification.name
        yield "conditions", _("Nobody can meet the conditions on “%(name)s”: they exclude each other.") % {"name": name}


def _unmeetable(conditions: Sequence[Condition]) -> Condition | None:
    """One of those that no value satisfies together, all of which must hold."""
    groups: dict[int, list[Condition]] = defaultdict(list)
    for condition in conditions:
        groups[condition.qualification.pk].append(condition)
    for group in groups.values():
        if not any(all(satisfied(one, held) for one in group) for held in _candidates(group)):
            return group[0]
    return None


def _candidates(group: Sequence[Condition]) -> Iterator[int | str | None]:
    """Values to try: comparisons can only turn at a named value or beside it."""
    system = group[0].qualification.system
    if system == System.LOCALE:
        named = {locale for condition in group for locale in condition.locales}
        countries = {locale[:2] for locale in named}
        # ZZ and -ZZZ are nobody's: they stand for any place that is not named.
        yield from [*named, *countries, *(f"{country}-ZZZ" for country in countries), "ZZ"]
        return
    if system not in ALWAYS_HELD:
        yield None
    most = MAX_NUMBER if system in UNBOUNDED else 100
    values = {value + step for condition in group for value in condition.values for step in (-1, 0, 1)}
    yield from (value for value in {0, *values} if 0 <= value <= most)
