"""Levenshtein distance over any sequences, and what is built on it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def edit_distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and substitutions that turn one sequence into the other.

    One column of the table at a time as the bits of a whole number (G. Myers, JACM 46, 1999, in H. Hyyro's form, 2003):
    `up` and `down` hold where neighbours in the column differ by +1 and -1.
    """
    if not one or not other:
        return len(one) + len(other)
    size = len(one)
    full, top = (1 << size) - 1, 1 << (size - 1)
    places: dict[Hashable, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | (1 << place)
    up, down, distance = full, 0, size
    for token in other:
        match = places.get(token, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        right_up = down | ~(diagonal | up)
        right_down = up & diagonal
        distance += bool(right_up & top) - bool(right_down & top)
        right_up = (right_up << 1) | 1
        up = ((right_down << 1) | ~(diagonal | right_up)) & full
        down = right_up & diagonal & full
    return distance


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
