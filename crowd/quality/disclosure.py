"""Which groups of people may be shown without anything being said about a few of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


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
