"""What one machine keeps of its parts, and does with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crowd.quality import kernels
from crowd.quality.arrays import TIE, Codes, Floats, Names, aligned_zeros
from crowd.quality.cluster.survey import Survey, pair_codes, read_part
from crowd.quality.layout import Sweep


@dataclass(frozen=True, eq=False)
class Part:
    """Answers task by task, as `fast.FastLayout` has them: those of task t are pair[start[t]:start[t + 1]]."""

    number: int
    path: str
    start: Codes
    pair: Codes
    clamp: Codes


@dataclass(frozen=True, eq=False)
class Group:
    """What one machine keeps: some parts, whose pairs are numbered as everywhere."""

    parts: list[Part]
    label_of: Codes
    n_labels: int


def load(paths: Sequence[tuple[int, str]], known: tuple[Survey, Mapping[Any, int]]) -> Group:
    survey, clamp = known
    parts = [_lay(number, path, survey, clamp) for number, path in paths]
    return Group(parts, (survey.codes % len(survey.labels)).astype(np.int32), len(survey.labels))


def _lay(number: int, path: str, survey: Survey, clamp: Mapping[Any, int]) -> Part:
    table = read_part(path)
    names, task = _task_codes(table)
    pair = np.searchsorted(survey.codes, pair_codes(table, survey.workers, survey.labels)).astype(np.int32)
    if (task[1:] < task[:-1]).any():
        pair = pair[np.argsort(task, kind="stable")]
    start = np.zeros(len(names) + 1, np.int32)
    np.cumsum(np.bincount(task, minlength=len(names)), out=start[1:])
    known = np.full(len(names), -1, np.int32)
    if clamp:
        known[:] = [clamp.get(name, -1) for name in names.to_pylist()]
    return Part(number, path, start, pair, known)


def _task_codes(table: pa.Table) -> tuple[pa.Array, Codes]:
    """The names in the order in which they first come, and the code of each row."""
    column = pc.dictionary_encode(table["task"]).combine_chunks()
    return column.dictionary, column.indices.to_numpy().astype(np.int32)


def first(group: Group) -> Sweep:
    """Counts of the vote shares."""
    return _counted(
        group,
        None,
        lambda part, table, classes: kernels.share_counts(
            part.start, part.pair, 0, len(part.clamp), group.label_of, part.clamp, table, classes
        ),
    )


def sweep(group: Group, log_table: Floats, log_prior: Floats) -> Sweep:
    # What came over the network is read-only, for which the kernels would be compiled anew.
    log_table, log_prior = log_table.copy(), log_prior.copy()
    return _counted(
        group,
        log_table,
        lambda part, table, classes: kernels.sweep(
            part.start, part.pair, 0, len(part.clamp), log_prior, part.clamp, table, classes
        ),
    )


def _counted(group: Group, log_table: Floats | None, work: Any) -> Sweep:
    """One table for all parts: each adds its counts to it."""
    table = aligned_zeros((len(group.label_of), 2, group.n_labels))
    if log_table is not None:
        kernels.begin(log_table, table.reshape(-1))
    classes = np.zeros(group.n_labels)
    found = np.array([work(part, table.reshape(-1), classes) for part in group.parts]).sum(axis=0)
    return Sweep(table[:, 1, :].copy(), classes, float(found[0]), float(found[1]))


def write(group: Group, log_table: Floats, log_prior: Floats, labels: Names, output: str) -> list[str]:
    table = aligned_zeros((len(group.label_of), 2, group.n_labels)).reshape(-1)
    log_table, log_prior = log_table.copy(), log_prior.copy()  # as in `sweep`
    kernels.begin(log_table, table)
    written = []
    for part in group.parts:
        posterior = np.empty((len(part.clamp), group.n_labels))
        kernels.posteriors(part.start, part.pair, 0, len(part.clamp), log_prior, part.clamp, table, posterior)
        best = (posterior >= posterior.max(axis=1, keepdims=True) - TIE).argmax(axis=1)
        columns = {
            "task": _task_codes(read_part(part.path, ["task"]))[0],
            "consensus": pa.array(labels).take(pa.array(best)),
            "posterior": pa.FixedSizeListArray.from_arrays(pa.array(posterior.reshape(-1)), group.n_labels),
        }
        path = str(Path(output) / f"{part.number:05d}.parquet")
        pq.write_table(pa.table(columns), path)
        written.append(path)
    return written
