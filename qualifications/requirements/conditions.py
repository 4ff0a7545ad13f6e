"""One condition, and whether a held value satisfies it: the ten comparators. No database, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qualifications.models import Qualification
from qualifications.states import Comparator, Guard, System


@dataclass(frozen=True)
class Condition:
    """`values` for qualifications with a number, `locales` ("DE", "US-CA") for the system one about the country.

    Of the conditions of one `group` (not 0) one must hold; those of group 0 must all hold, as must one of each group.
    `guard` is what it keeps those from who do not meet it.
    """

    qualification: Qualification
    comparator: str
    values: tuple[int, ...] = ()
    locales: tuple[str, ...] = ()
    guard: str = Guard.ACCEPT
    group: int = 0

    @property
    def about_locale(self) -> bool:
        return self.qualification.system == System.LOCALE


def bundled(conditions: Sequence[Condition]) -> list[tuple[Condition, ...]]:
    """The requirements: single conditions, and the alternatives of each group, in the order of their first one."""
    bundles: dict[tuple[int, int], list[Condition]] = {}
    for number, condition in enumerate(conditions):
        key = (condition.group, 0) if condition.group else (0, number)
        bundles.setdefault(key, []).append(condition)
    return [tuple(bundle) for bundle in bundles.values()]


def satisfied(condition: Condition, held: int | str | None) -> bool:
    """Whether somebody with that value (None: without the qualification) meets the condition.

    Absence satisfies DoesNotExist and nothing else, NotEqualTo, NotIn and LessThan included: Mechanical Turk compares
    "a Qualification's value", and a requirement is one that "a Worker must have"; DoesNotExist was added for the
    rest. It is also the careful reading: a value that nobody has measured is not known to be below 50, and a country
    that nobody has told is not known to differ from DE.
    Source: MTurk API reference, QualificationRequirement; and its announcement of DoesNotExist of July 2014.
    """
    if held is None:
        return condition.comparator == Comparator.DOES_NOT_EXIST
    if condition.about_locale:
        return _compare_locale(condition, str(held))
    return _NUMBERS[Comparator(condition.comparator)](int(held), condition.values)


def in_locale(held: str, wanted: str) -> bool:
    """Whether "US-CA" lies in "US" or "US-CA". A worker who told only "US" is not known to be in "US-CA"."""
    return held == wanted or held.startswith(f"{wanted}-")


def _compare_locale(condition: Condition, held: str) -> bool:
    inside = any(in_locale(held, wanted) for wanted in condition.locales)
    return {
        Comparator.EQUAL: inside,
        Comparator.IN: inside,
        Comparator.NOT_EQUAL: not inside,
        Comparator.NOT_IN: not inside,
        Comparator.EXISTS: True,
    }.get(Comparator(condition.comparator), False)


_NUMBERS: dict[Comparator, Callable[[int, tuple[int, ...]], bool]] = {
    Comparator.LESS_THAN: lambda held, values: held < values[0],
    Comparator.LESS_THAN_OR_EQUAL: lambda held, values: held <= values[0],
    Comparator.GREATER_THAN: lambda held, values: held > values[0],
    Comparator.GREATER_THAN_OR_EQUAL: lambda held, values: held >= values[0],
    Comparator.EQUAL: lambda held, values: held == values[0],
    Comparator.NOT_EQUAL: lambda held, values: held != values[0],
    Comparator.IN: lambda held, values: held in values,
    Comparator.NOT_IN: lambda held, values: held not in values,
    Comparator.EXISTS: lambda held, values: True,
    Comparator.DOES_NOT_EXIST: lambda held, values: False,
}
