"""Who gets gold when, and repeats. Pure: the counts and the random source come in, a decision goes out."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

PROVEN = 5  # so many gold answers at least before anybody is shown less gold


def gold_is_due(*, submitted: int, next_gold_at: int, quiz_left: int, share: Decimal) -> bool:
    """The quiz comes first, all gold; then gold at the places that `next_place` drew."""
    if quiz_left > 0:
        return True
    return share > 0 and submitted >= next_gold_at


def repeat_is_due(*, submitted: int, next_repeat_at: int, share: Decimal) -> bool:
    """At the places that `next_place` drew; after the quiz, where gold does not come first."""
    return share > 0 and submitted >= next_repeat_at


def first_repeat(*, quiz_length: int, after: int, share: Decimal, random: Random) -> int:
    """Where the first one may come: nothing was answered long enough ago before."""
    return next_place(submitted=max(quiz_length, after + 1), share=share, random=random)


def share_for(
    *,
    share: Decimal,
    intervals: Sequence[Mapping[str, Any]],
    submitted: int,
    right: int,
    wrong: int,
    minimum: Decimal | None,
) -> Decimal:
    """The share of gold for somebody with these tallies: the last interval that he has reached, by submitted tasks.

    Less gold is for who has proven himself: without enough gold answers, or with fewer right than `minimum` asks, the
    project's own share goes on.
    """
    seen = right + wrong
    if not intervals or seen < PROVEN or (minimum is not None and right < minimum * seen):
        return share
    reached = [Decimal(one["share"]) for one in intervals if one["from"] <= submitted]
    return reached[-1] if reached else share


def next_place(*, submitted: int, share: Decimal, random: Random) -> int:
    """The count of submitted tasks at which the next gold, or the next repeat, comes: `submitted` or later.

    The distance is geometric, the one distribution without memory: whatever a worker has seen so far, his next task is
    one with probability `share`, so that nothing that he counts or is shown lets him predict a place.
    """
    if share <= 0:
        return 0
    if share >= 1:
        return submitted
    return submitted + int(math.log(1 - random.random()) / math.log(1 - float(share)))
