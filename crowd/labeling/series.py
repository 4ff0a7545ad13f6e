"""Time series as items: ``{"time": [seconds, rising], "channels": {name: [numbers or null]}}``."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from crowd.labeling.errors import SplitError
from crowd.labeling.speech import say

MOST_SAMPLES = 1_000_000


def check_series(value: Any, field: str) -> None:
    """Raises SplitError, with the place, for anything that could not be drawn."""
    if not isinstance(value, Mapping) or value.keys() != {"time", "channels"}:
        raise SplitError(field, say("A time series is an object of time and channels."))
    time, channels = value["time"], value["channels"]
    if not isinstance(time, list) or not 2 <= len(time) <= MOST_SAMPLES or not all(map(_is_number, time)):
        raise SplitError(f"{field}.time", say("This must be a list of 2 to %(most)s seconds.", most=MOST_SAMPLES))
    if not all(one < other for one, other in pairwise(time)):
        raise SplitError(f"{field}.time", say("Each time must be after the one before."))
    if not isinstance(channels, Mapping) or not channels:
        raise SplitError(f"{field}.channels", say("This must be an object of channels, each a list of numbers."))
    for name, samples in channels.items():
        if not isinstance(samples, list) or len(samples) != len(time):
            sentence = say("A channel has as many numbers as there are times, %(count)s.", count=len(time))
            raise SplitError(f"{field}.channels.{name}", sentence)
        if not all(sample is None or _is_number(sample) for sample in samples):
            raise SplitError(
                f"{field}.channels.{name}", say("A channel is a list of numbers; null where there is none.")
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
