"""Who gets gold when. Pure: the counts and the random source come in, a decision goes out."""

import math
from decimal import Decimal
from random import Random


def gold_is_due(*, submitted: int, next_gold_at: int, quiz_left: int, share: Decimal) -> bool:
    """The quiz comes first, all gold; then gold at the places that `next_gold` drew."""
    if quiz_left > 0:
        return True
    return share > 0 and submitted >= next_gold_at


def next_gold(*, submitted: int, share: Decimal, random: Random) -> int:
    """The count of submitted tasks at which the next gold comes.

    One place is drawn in each window of 1 / share tasks, so that the share is kept and no place can be
    predicted. `submitted` counts what he has submitted so far; the next window is the first that begins
    at or after it.
    """
    if share <= 0:
        return 0
    window = 1 / float(share)
    index = math.ceil(submitted / window)
    start, end = math.ceil(index * window), math.ceil((index + 1) * window)
    return random.randrange(start, max(end, start + 1))
