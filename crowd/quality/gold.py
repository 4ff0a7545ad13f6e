"""One answer scored against the known one: a number in [0, 1], 1 for as good as it gets.

Every function takes the answer first, the key second, and knows nothing of kinds of questions: the caller picks.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Hashable, Iterable


def exact(answer: object, key: object) -> float:
    """1 when equal, else 0."""
    return float(answer == key)


def same_set(answer: Iterable[Hashable], key: Iterable[Hashable]) -> float:
    """1 when both hold the same elements, in any order, else 0."""
    return float(set(answer) == set(key))


def set_overlap(answer: Iterable[Hashable], key: Iterable[Hashable]) -> float:
    """Jaccard index: shared elements / elements in either; two empty sets agree."""
    given, known = set(answer), set(key)
    return len(given & known) / len(given | known) if given | known else 1.0


def within(answer: float, key: float, tolerance: float = 0.0) -> float:
    """1 when the answer is at most `tolerance` (>= 0) away, counting a rounding error of 1e-9 as none, else 0.

    An answer that is not a finite number scores 0.
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance={tolerance}: wanted a number of at least 0")
    if not math.isfinite(answer):
        return 0.0
    return float(abs(answer - key) <= tolerance + 1e-9 * max(1.0, abs(key)))


def same_text(answer: str, key: str) -> float:
    """1 when equal after trimming, Unicode NFC and case folding, else 0."""
    return float(plain_text(answer) == plain_text(key))


def plain_text(text: str) -> str:
    """Trimmed, NFC, case-folded, NFC again: folding may take a composed letter apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def is_right(score: float, pass_mark: float = 1.0) -> bool:
    """Whether a score reaches the mark; a rounding error of 1e-9 does not fail anybody."""
    return score >= pass_mark - 1e-9


def mean_score(scores: Collection[float]) -> float:
    """Mean over a task's scored units and questions. Raises ValueError for none."""
    if not scores:
        raise ValueError("no scores: a gold task has at least one scored question")
    return sum(scores) / len(scores)
