"""How accurate a worker is in one kind of work, as his known answers on all projects of that kind say. Pure.

Known answers (gold) count less the older they are: each weighs 0.5 ** (age / HALF_LIFE). With r right and w wrong so
weighted, the value is 100 (r + 1) / (r + w + 2), rounded: the mean of a Beta posterior that knew nothing before.
That is the Beta reputation system with forgetting (A. Jøsang, R. Ismail: The Beta Reputation System, 15th Bled
Electronic Commerce Conference, 2002: equations 5 and 9). Below FEW answers' weight he holds nothing: who has not worked
for long loses the skill, and is neither called good nor bad.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from crowd.labeling.config import DATA_KINDS
from crowd.labeling.kinds import KINDS

HALF_LIFE = timedelta(days=180)
FEW = 5.0


BROUGHT_WEIGHT = 0.5  # of a known answer on another site: its gold is not ours
BROUGHT_MOST = 20.0  # so much what was brought weighs at most, so that our own answers soon speak louder


class Tally(Protocol):
    right: float
    wrong: float
    brought_right: float
    brought_wrong: float
    as_of: datetime


def weight(age: timedelta) -> float:
    """Of one answer, in (0, 1]."""
    return float(0.5 ** (max(age, timedelta()) / HALF_LIFE))


def value(tally: Tally, now: datetime) -> int | None:
    """0 to 100, or None where too little is known (any more)."""
    left = weight(now - tally.as_of)
    right, wrong = (tally.right + tally.brought_right) * left, (tally.wrong + tally.brought_wrong) * left
    return None if right + wrong < FEW else round(100 * (right + 1) / (right + wrong + 2))


def brought(right: float, wrong: float, age: timedelta) -> tuple[float, float]:
    """What another site's answers, faded to a day `age` ago, weigh here now."""
    if right + wrong <= 0:
        return 0.0, 0.0
    left = BROUGHT_WEIGHT * weight(age)
    left = min(left, BROUGHT_MOST / (right + wrong))
    return right * left, wrong * left


def kinds(config: Mapping[str, Any]) -> list[str]:
    """The kinds of work in a label config: “image/choice”, one for each kind of scored question about its data."""
    found = [one["kind"] for one in config["questions"] if one.get("scored", True)]
    return sorted({f"{config['data']['kind']}/{kind}" for kind in found})


def known_kind(kind: Any) -> bool:
    """Whether this site has such work at all."""
    return isinstance(kind, str) and kind in {f"{data}/{question}" for data in DATA_KINDS for question in KINDS}
