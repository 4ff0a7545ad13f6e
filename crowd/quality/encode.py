"""Names of tasks, workers and labels turned into small integers, once, with an error that says where a name is bad."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from crowd.quality.arrays import Codes, Name, Names


def encode_names(values: Sequence[Any] | np.ndarray[Any, Any], what: str) -> tuple[Names, Codes]:
    """Names in order of first appearance, and one int32 code a value.

    Raises ValueError naming `what` and the place of an empty, missing or non-integral name.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return _encode_integers(values)
    seen: dict[Name, int] = {}
    codes = np.empty(len(values), np.int32)
    for place, value in enumerate(values.tolist() if isinstance(values, np.ndarray) else values):
        code = seen.get(value) if type(value) in (str, int) else None
        if code is None:
            code = seen.setdefault(clean_name(value, what, place), len(seen))
        codes[place] = code
    return tuple(seen), codes


def _encode_integers(values: np.ndarray[Any, Any]) -> tuple[Names, Codes]:
    names, first, codes = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return tuple(names[order].tolist()), rank[codes.reshape(-1)]


def clean_name(value: Any, what: str, place: int | None = None) -> Name:
    """The value as str or int. `place` is the position in its sequence, from 0, if it has one."""
    if isinstance(value, np.generic):
        value = value.item()
    where = what if place is None else f"{what} at position {place}"
    if isinstance(value, str):
        if not value.strip():
            raise ValueError(f"{where} is empty")
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or (isinstance(value, float) and value != value):
        raise ValueError(f"{where} is missing ({value!r})")
    raise ValueError(f"{where} is {value!r}: names are text or whole numbers")


def label_key(label: Name) -> tuple[int, int, str]:
    """Sort key of labels: whole numbers (also written as text) by value, then text by letters."""
    try:
        return (0, int(label), str(label))
    except ValueError:
        return (1, 0, str(label))


def in_label_order(labels: Iterable[Name]) -> Names:
    """The labels in the order that breaks ties, the same for any order of the answers."""
    return tuple(sorted(labels, key=lambda label: (*label_key(label), isinstance(label, str))))


def encode_labels(values: Sequence[Any] | np.ndarray[Any, Any], known: Sequence[Any] | None) -> tuple[Names, Codes]:
    """Labels in label order and a code a value; `known` fixes the order and may hold labels nobody used.

    Raises ValueError for a bad name, a known label listed twice, or an answer that is not among the known labels.
    """
    found, codes = encode_names(values, "label")
    if known is None:
        names = in_label_order(found)
    else:
        names, once = encode_names(known, "known label")
        if len(names) != len(once):
            raise ValueError("a known label is listed twice")
    place = {name: code for code, name in enumerate(names)}
    for name in found:
        if name not in place:
            position = int(np.argmax(codes == found.index(name)))
            raise ValueError(f"label {name!r} at position {position} is not among the known labels {list(names)}")
    return names, np.array([place[name] for name in found], np.int32)[codes] if found else codes


def same_length(**columns: Sequence[Any] | np.ndarray[Any, Any]) -> int:
    """The common length, or a ValueError that shows every column's length."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError("unequal lengths: " + ", ".join(f"{length} {name}" for name, length in lengths.items()))
    return next(iter(lengths.values()))
