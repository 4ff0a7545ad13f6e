"""What the parts hold: names, the pairs that occur, and that no task stands in two of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crowd.quality.arrays import Names
from crowd.quality.encode import in_label_order
from crowd.quality.types import Gold

COLUMNS = ["task", "worker", "label"]
SKETCH = 10_000
"""Tasks of a part that are compared with those of the others: the ones with the smallest checksums, and so the same
ones in every part. Of a part with more tasks than that it is a sample: a few tasks that it shares with another may go
unnoticed."""


@dataclass(frozen=True)
class Look:
    """One part: its pairs, as names, and its size."""

    pairs: pa.Table
    tasks: int
    answers: int
    sketch: frozenset[Any]


@dataclass(frozen=True, eq=False)
class Survey:
    """All parts: the names, and the pairs that occur as sorted worker * K + label."""

    workers: Names
    labels: Names
    codes: npt.NDArray[np.int64]
    tasks: int
    answers: int

    @classmethod
    def of(cls, looks: Sequence[Look], paths: Sequence[str], gold: Gold) -> Survey:
        """Labels that only gold has come last, as in `Votes.with_labels_of`."""
        if not sum(look.answers for look in looks):
            raise ValueError("no answer in any part")
        _check_apart(looks, paths)
        pairs = pa.concat_tables([look.pairs for look in looks]).group_by(["worker", "label"]).aggregate([])
        workers = tuple(sorted(pc.unique(pairs["worker"]).to_pylist()))
        given = pc.unique(pairs["label"]).to_pylist()
        labels = in_label_order(given) + in_label_order({*gold.values()} - {*given})
        codes = pair_codes(pairs, workers, labels)
        codes.sort()
        return cls(workers, labels, codes, sum(one.tasks for one in looks), sum(one.answers for one in looks))


def look_at(path: str) -> Look:
    table = read_part(path)
    tasks = pc.unique(table["task"]).to_pylist()
    sketch = sorted(tasks, key=lambda name: (zlib.crc32(str(name).encode()), str(name)))[:SKETCH]
    pairs = table.group_by(["worker", "label"]).aggregate([])
    return Look(pairs, len(tasks), len(table), frozenset(sketch))


def _check_apart(looks: Sequence[Look], paths: Sequence[str]) -> None:
    """A task in two parts would have two posteriors. Of a large part only a sample, the same in all,
    is compared: two that share a few tasks may pass."""
    where: dict[Any, str] = {}
    for look, path in zip(looks, paths, strict=True):
        for name in look.sketch:
            if name in where:
                raise ValueError(f"task {name!r} has answers in {where[name]} and in {path}: wanted in one part")
            where[name] = path


def read_part(path: str, columns: Sequence[str] = COLUMNS) -> pa.Table:
    missing = set(columns) - set(pq.read_schema(path).names)
    if missing:
        raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
    table = pq.read_table(path, columns=list(columns))
    for name in columns:
        if table[name].null_count:
            raise ValueError(f"{path}: a {name} is missing")
    return table


def pair_codes(table: pa.Table, workers: Names, labels: Names) -> npt.NDArray[np.int64]:
    """(rows,): worker * K + label."""
    worker, label = (
        pc.index_in(table[name], pa.array(names, table[name].type)).to_numpy().astype(np.int64)
        for name, names in (("worker", workers), ("label", labels))
    )
    codes: npt.NDArray[np.int64] = worker * len(labels) + label
    return codes
