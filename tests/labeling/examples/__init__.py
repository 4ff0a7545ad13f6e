"""One example of each kind of question that is judged: what is asked, a key, five answers, one that misses.

Of the five the first four are careful, each off by a little in his own way; the fifth is careless. What they come to
together is nearer to the key than most of them (`tests/consensus/test_kinds.py`), and what is wrong is refused with its
place (`tests/labeling/test_kinds.py`).
"""

from tests.labeling.examples.base import TEXT, Example, ids
from tests.labeling.examples.places import PLACES
from tests.labeling.examples.stretches import STRETCHES
from tests.labeling.examples.values import VALUES

EXAMPLES: tuple[Example, ...] = (*PLACES, *STRETCHES, *VALUES)

__all__ = ["EXAMPLES", "TEXT", "Example", "ids"]
