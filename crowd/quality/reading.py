"""Answers and gold from CSV files, streamed row by row; every complaint names the file's line."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from crowd.quality.arrays import Codes, Names

STEP = 100_000
"""How often a caller's progress function hears of rows read."""


def rows_of(path: Path | str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(line number, the wanted columns) for each row of a UTF-8 CSV file with a header.

    Raises ValueError naming file and line for: no header, a missing column, a short or long row, an empty value, bytes
    that are not UTF-8.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        try:
            wanted = _wanted(next(reader, []), columns, path)
            width = max(wanted.values()) + 1
            for row in reader:
                if row:
                    yield reader.line_num, _pick(row, wanted, width, f"{path}, line {reader.line_num}")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}, after line {reader.line_num}: not UTF-8 text ({error.reason})") from None
        except csv.Error as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}") from None


def _wanted(header: list[str], columns: Sequence[str], path: Path | str) -> dict[str, int]:
    names = [name.strip() for name in header]
    missing = [column for column in columns if column not in names]
    if missing:
        raise ValueError(f"{path}, line 1: no column {', '.join(map(repr, missing))} in the header {names}")
    return {column: names.index(column) for column in columns}


def _pick(row: list[str], wanted: dict[str, int], width: int, where: str) -> list[str]:
    if len(row) < width:
        raise ValueError(f"{where}: {len(row)} columns, wanted at least {width}: {row}")
    values = [row[place] for place in wanted.values()]
    for name, value in zip(wanted, values, strict=True):
        if not value.strip():
            raise ValueError(f"{where}: {name} is empty")
    return values


def read_columns(
    path: Path | str, columns: Sequence[str], progress: Callable[[int], None] | None = None
) -> list[tuple[Names, Codes]]:
    """Each wanted column as (names in order of first appearance, int32 codes). Keeps codes, not text, in memory."""
    seen: list[dict[str, int]] = [{} for _ in columns]
    codes = [array("i") for _ in columns]
    count = 0
    for count, (_, row) in enumerate(rows_of(path, columns), start=1):
        for value, names, column in zip(row, seen, codes, strict=True):
            column.append(names.setdefault(value, len(names)))
        if progress is not None and count % STEP == 0:
            progress(count)
    if progress is not None:
        progress(count)
    return [(tuple(n), np.array(c, dtype=np.int32)) for n, c in zip(seen, codes, strict=True)]


def read_gold(path: Path | str) -> dict[str, str]:
    """{task: label} from a CSV file with the columns task and label. Two different labels for one task are an error."""
    gold: dict[str, str] = {}
    for line, (task, label) in rows_of(path, ("task", "label")):
        if gold.setdefault(task, label) != label:
            raise ValueError(f"{path}, line {line}: task {task!r} has gold {gold[task]!r} and {label!r}")
    return gold
