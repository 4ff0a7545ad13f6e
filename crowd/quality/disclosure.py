"""Which groups of people may be shown without anything being said about a few of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True)
class Shown(Generic[K]):
    """`apart` may be shown one by one, the largest first; `together` as one group, or not at all where `hidden`."""

    apart: tuple[K, ...]
    together: frozenset[K]
    hidden: bool


def merge_small(sizes: Mapping[K, int], least: int, *, rest: int = 0) -> Shown[K]:
    """A partition of people into groups, with the groups of fewer than `least` put together.

    What is left over beside the groups shown is their total less their sum; so it must be nobody, or `least` people as
    well: the smallest groups join it until it is. `rest` people of no group are there already. (Secondary suppression;
    L. Willenborg and T. de Waal, Elements of Statistical Disclosure Control, 2001.)

    Raises ValueError for a `least` below 1 or a negative size.
    """
    if least < 1 or min([rest, *sizes.values()]) < 0:
        raise ValueError(f"least={least}: wanted at least 1, and no group below nobody")
    order = sorted((key for key in sizes if sizes[key]), key=lambda key: -sizes[key])
    apart = [key for key in order if sizes[key] >= least]
    together = [key for key in order if sizes[key] < least]
    left = rest + sum(sizes[key] for key in together)
    while apart and 0 < left < least:
        together.append(apart.pop())
        left += sizes[together[-1]]
    return Shown(tuple(apart), frozenset(together), 0 < left < least)


def safe_groups(people: Collection[P], ways: Sequence[Mapping[P, K]], least: int) -> list[dict[P, K | None]]:
    """The same people grouped in several ways, so that no sums over fewer than `least` follow from all groups together.

    Each way says who is in which group (whoever it does not know is with the rest); what comes back is the group of
    every person that may be shown, None for the rest. A way whose groups cannot be shown has None for everybody.

    Whatever adding and subtracting groups of several ways can single out is made of whole cells of their
    cross-tabulation (by country and by language: the Austrians who speak German). So every cell must be nobody or
    `least` people: while one is not, the smallest group that meets in it joins the rest of its way.
    """
    found = [_safe_alone(people, way, least) for way in ways]
    while (group := _to_join(people, found, least)) is not None:
        place, name = group
        joined = {person: None if mine == name else mine for person, mine in found[place].items()}
        found[place] = _safe_alone(people, {one: mine for one, mine in joined.items() if mine is not None}, least)
    return found


def _safe_alone(people: Collection[P], way: Mapping[P, K], least: int) -> dict[P, K | None]:
    """One way by itself. A group of everybody says of each of them what he is: it is not shown either."""
    sizes = Counter(way[person] for person in people if person in way)
    shown = merge_small(sizes, least, rest=len(people) - sizes.total())
    if shown.hidden or any(sizes[group] == len(people) for group in shown.apart):
        return dict.fromkeys(people)
    kept = set(shown.apart)
    return {person: way[person] if person in way and way[person] in kept else None for person in people}


def _to_join(people: Collection[P], found: Sequence[Mapping[P, K | None]], least: int) -> tuple[int, K] | None:
    """The smallest group (its way, its name) that a too small cell lies in, else the smallest of all; None where there
    is no such cell."""
    cells = Counter(tuple(way[person] for way in found) for person in people)
    small = next((cell for cell, size in cells.items() if size < least), None)
    if small is None or all(group is None for way in found for group in way.values()):
        return None
    sizes = [Counter(group for group in way.values() if group is not None) for way in found]
    inside = [(place, name) for place, name in enumerate(small) if name is not None]
    every = [(place, name) for place, size in enumerate(sizes) for name in size]
    return min(inside or every, key=lambda one: sizes[one[0]][one[1]])
