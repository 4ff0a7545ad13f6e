"""Levenshtein distance over any sequences, and what is built on it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def edit_distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and substitutions that turn one sequence into the other.

    Row by row in numpy: a cell's insertion chain is a running minimum of (cost - column), so no inner Python loop.
    """
    if len(one) < len(other):
        one, other = other, one
    if not len(other):
        return len(one)
    codes: dict[Hashable, int] = {}
    first = [codes.setdefault(token, len(codes)) for token in one]
    second = np.array([codes.setdefault(token, len(codes)) for token in other])
    columns = np.arange(len(second) + 1)
    row = columns.copy()
    for line, token in enumerate(first, start=1):
        below = np.empty_like(row)
        below[0] = line
        np.minimum(row[1:] + 1, row[:-1] + (second != token), out=below[1:])
        row = np.minimum.accumulate(below - columns) + columns
    return int(row[-1])


def error_rate(answer: Sequence[Hashable], key: Sequence[Hashable]) -> float:
    """Edits needed / length of the key: WER over words, CER over characters. Without a key: 0 if both empty, else 1."""
    if not len(key):
        return float(len(answer) > 0)
    return edit_distance(answer, key) / len(key)


def word_error_rate(answer: str, key: str) -> float:
    """WER: word edits / words of the key; may exceed 1."""
    return error_rate(answer.split(), key.split())


def character_error_rate(answer: str, key: str) -> float:
    """CER: character edits / characters of the key; may exceed 1."""
    return error_rate(answer, key)
