"""How the points of a test become a value of 0 to 100. Pure.

Mechanical Turk's QualificationValueMapping (API reference, AnswerKey) and one of ours, as JSON:

- ``{}``: the share of the points that could be reached, in per cent, rounded down; never below 0
- ``{"kind": "sum"}``: the points themselves, as where an AnswerKey has no mapping
- ``{"kind": "percentage", "maximum": 15}``: 100 * points / maximum, rounded to the nearest
- ``{"kind": "scale", "multiplier": "0.5"}``: points * multiplier, rounded to the nearest
- ``{"kind": "range", "ranges": [{"from": 0, "to": 5, "value": 10}], "otherwise": 0}``: both bounds belong to a range
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput

MOST_VALUE = 100
MOST_RANGES = 100
LARGEST = 1_000_000
FIELDS = {
    "sum": set(),
    "percentage": {"maximum"},
    "scale": {"multiplier"},
    "range": {"ranges", "otherwise"},
}


def mapped(mapping: Mapping[str, Any], points: int, *, most: int) -> int:
    """The value for so many points, of at most `most`."""
    kind = mapping.get("kind")
    if kind == "sum":
        return points
    if kind == "percentage":
        return _nearest(Decimal(100 * points) / mapping["maximum"])
    if kind == "scale":
        return _nearest(points * Decimal(mapping["multiplier"]))
    if kind == "range":
        inside = [one["value"] for one in mapping["ranges"] if one["from"] <= points <= one["to"]]
        return int(inside[0] if inside else mapping["otherwise"])
    return int(max(100 * points // most, 0)) if most else 0


def read_mapping(given: Any, *, least: int, most: int) -> dict[str, Any]:
    """In canonical form. `least` and `most`: the points that answers can reach, which must give values of 0 to 100.

    Raises BadInput, whose `errors` name the place ("mapping.ranges[1].to").
    """
    if given in (None, {}):
        return {}
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if not isinstance(kind, str) or kind not in FIELDS or given.keys() - FIELDS[kind] - {"kind"}:
        raise _bad("mapping", _("The mappings are sum, percentage, scale and range, each with its own fields."))
    mapping = {"kind": kind} | READ[kind](given)
    reached = {mapped(mapping, points, most=most) for points in (least, most)}
    if kind != "range" and (min(reached) < 0 or max(reached) > MOST_VALUE):
        facts = {"least": min(reached), "most": max(reached)}
        raise _bad("mapping", _("With these keys it gives values from %(least)s to %(most)s, not 0 to 100.") % facts)
    return mapping


def highest(mapping: Mapping[str, Any], most: int) -> int:
    """The best value that can be reached with so many points at most."""
    if mapping.get("kind") == "range":
        return max(int(value) for value in [mapping["otherwise"], *(one["value"] for one in mapping["ranges"])])
    return mapped(mapping, most, most=most)


def _percentage(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"maximum": _whole(given.get("maximum"), "mapping.maximum", least=1)}


def _scale(given: Mapping[str, Any]) -> dict[str, Any]:
    told = given.get("multiplier")
    try:
        multiplier = Decimal("NaN" if isinstance(told, bool) else str(told))
    except InvalidOperation:
        multiplier = Decimal("NaN")
    if not multiplier.is_finite() or abs(multiplier) > LARGEST or len(str(multiplier)) > 20:
        raise _bad("mapping.multiplier", _("This must be a number."))
    return {"multiplier": str(multiplier)}


def _range(given: Mapping[str, Any]) -> dict[str, Any]:
    listed = given.get("ranges")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_RANGES:
        raise _bad("mapping.ranges", _("From 1 to %(most)s ranges are needed.") % {"most": MOST_RANGES})
    ranges = sorted(
        (_one_range(one, f"mapping.ranges[{n}]") for n, one in enumerate(listed)), key=lambda one: one["from"]
    )
    if any(before["to"] >= after["from"] for before, after in pairwise(ranges)):
        raise _bad("mapping.ranges", _("Two ranges overlap."))
    otherwise = _whole(given.get("otherwise", 0), "mapping.otherwise", least=0, most=MOST_VALUE)
    return {"ranges": ranges, "otherwise": otherwise}


def _one_range(given: Any, place: str) -> dict[str, int]:
    if not isinstance(given, Mapping) or given.keys() != {"from", "to", "value"}:
        raise _bad(place, _("A range has `from`, `to` and `value`."))
    low, high = (_whole(given[name], f"{place}.{name}", least=-LARGEST) for name in ("from", "to"))
    if high < low:
        raise _bad(f"{place}.to", _("This is below where the range begins."))
    return {"from": low, "to": high, "value": _whole(given["value"], f"{place}.value", least=0, most=MOST_VALUE)}


READ = {"sum": lambda given: {}, "percentage": _percentage, "scale": _scale, "range": _range}


def _whole(value: Any, place: str, *, least: int, most: int = LARGEST) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        facts = {"least": least, "most": most}
        raise _bad(place, _("This must be a whole number from %(least)s to %(most)s.") % facts)
    return value


def _nearest(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _bad(place: str, sentence: str) -> BadInput:
    return BadInput(errors={place: sentence})
