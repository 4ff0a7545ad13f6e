"""One answer scored against the known one: a number in [0, 1], 1 for as good as it gets.

Every function takes the answer first, the key second, and knows nothing of kinds of questions: the caller picks.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Hashable, Iterable, Sequence

from crowd.quality.text_distance import character_error_rate, word_error_rate


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


def span_f1(answer: Iterable[Hashable], key: Iterable[Hashable]) -> float:
    """F1 of two sets of spans, each equal in start, end and label or not: 2 shared / (given + known); none and none
    agree."""
    given, known = set(answer), set(key)
    return 2 * len(given & known) / (len(given) + len(known)) if given or known else 1.0


def words_right(answer: str, key: str) -> float:
    """1 - word error rate of the plain texts, at least 0."""
    return max(0.0, 1.0 - word_error_rate(plain_text(answer), plain_text(key)))


def characters_right(answer: str, key: str) -> float:
    """1 - character error rate of the plain texts, at least 0."""
    return max(0.0, 1.0 - character_error_rate(plain_text(answer), plain_text(key)))


def same_order(answer: Sequence[Hashable], key: Sequence[Hashable]) -> float:
    """Kendall's tau between two rankings of the same items, scaled to [0, 1]: the share of pairs in the same order.

    A ranking that leaves items out, adds some or repeats one scores 0; one item alone scores 1.
    """
    if len(answer) != len(key) or set(answer) != set(key) or len(set(key)) != len(key):
        return 0.0
    place = {item: rank for rank, item in enumerate(key)}
    ranks = [place[item] for item in answer]
    pairs = len(ranks) * (len(ranks) - 1) // 2
    kept = sum(one < other for i, one in enumerate(ranks) for other in ranks[i + 1 :])
    return kept / pairs if pairs else 1.0


def enough(score: float, tolerance: float = 0.0) -> float:
    """1 when at most `tolerance` (0 to 1) is missing from a full score, counting a rounding error of 1e-9 as none."""
    if not 0 <= tolerance <= 1:
        raise ValueError(f"tolerance={tolerance}: wanted a number from 0 to 1")
    return float(score >= 1 - tolerance - 1e-9)


def is_right(score: float, pass_mark: float = 1.0) -> bool:
    """Whether a score reaches the mark; a rounding error of 1e-9 does not fail anybody."""
    return score >= pass_mark - 1e-9


def mean_score(scores: Collection[float], weights: Collection[float] | None = None) -> float:
    """Mean over a task's scored units and questions, by their weights (all above 0) where they have any.

    Raises ValueError for none.
    """
    if not scores:
        raise ValueError("no scores: a gold task has at least one scored question")
    if weights is None:
        return sum(scores) / len(scores)
    return sum(score * weight for score, weight in zip(scores, weights, strict=True)) / sum(weights)
