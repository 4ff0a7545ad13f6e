"""Dawid-Skene over more answers than one machine holds: EM over Parquet parts on a Dask cluster (extra `cluster`).

Each part has the columns task, worker and label (text or whole numbers), one row an answer, all of which vote; a task's
answers stand in one part. An E step needs nothing but its own tasks, and what an M step needs are sums: so each machine
sweeps over its parts and sends its counts of the (worker, label) pairs, which are added up here, where the M step is
taken. What a machine keeps of an answer is four bytes, of a task eight; posteriors are made at the end, part by part.

The mathematics is that of `dawid_skene` and `em`, by the same code; a sum is added up in another order, no more.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from distributed import Client, Future

from crowd.quality import kernels
from crowd.quality.arrays import TIE, Codes, Floats, Names, aligned_zeros, frozen
from crowd.quality.dawid_skene import ConfusionModel
from crowd.quality.em import Size, Stop, check_stop, climb, hit_rate
from crowd.quality.encode import in_label_order
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.priors import Hierarchical, Prior
from crowd.quality.results import told_apart
from crowd.quality.types import Gold

COLUMNS = ["task", "worker", "label"]
SKETCH = 10_000
"""Tasks of a part that are compared with those of the others: the ones with the smallest checksums, and so the same
ones in every part. Of a part with more tasks than that it is a sample: a few tasks that it shares with another may go
unnoticed."""


@dataclass(frozen=True, eq=False)
class ClusterFit:
    """What was found, as in `types.Fit`, but for the posteriors: they are in the files `posteriors`, one a part and
    in the order of the parts, with the columns task, consensus (the first of the best labels, in label order) and
    posterior (K numbers, in the order of `labels`)."""

    workers: Names
    labels: Names
    tasks: int
    answers: int
    class_prior: Floats
    confusion: Floats
    evidence: float
    converged: bool
    identifiable: bool
    objective: tuple[float, ...]
    posteriors: tuple[Path, ...]

    @property
    def iterations(self) -> int:
        return len(self.objective)


def fit(
    parts: Sequence[Path | str],
    client: Client,
    *,
    gold: Gold | None = None,
    output: Path | str | None = None,
    prior: Prior | None = Hierarchical(),  # noqa: B008 (frozen)
    max_iterations: int = 100,
    tolerance: float = 1e-5,
) -> ClusterFit:
    """Dawid-Skene of the answers in all parts; see `dawid_skene.DawidSkene` for the parameters.

    Every machine must reach the parts under these paths, and `output`, a folder for the posteriors (00000.parquet
    for the first part, and so on), under that one.
    What does not fit into a machine's memory at once must not be one part: a million answers are a good size.
    Raises ValueError for a part without one of the columns or with an empty cell, for a task in two parts (as far as
    the sample of `SKETCH` tasks a part shows it: it is not looked for beyond), for no answer at all, and for an output
    folder that has a part in it.
    """
    check_stop(max_iterations, tolerance)
    paths = [str(part) for part in parts]
    if output is not None and Path(output).resolve() in {Path(path).resolve().parent for path in paths}:
        raise ValueError(f"{output} is the folder of the answers: wanted another one for the posteriors")
    found = _Survey.of(client.gather(client.map(_look, paths, pure=False)), paths, gold or {})
    cluster = _Cluster.of(
        client, paths, found, {task: found.labels.index(label) for task, label in (gold or {}).items()}
    )
    model = ConfusionModel("dawid-skene", prior)
    size = Size(len(found.workers), found.answers)
    top = climb(model, cluster, cluster.first(), size, Stop(max_iterations, tolerance))
    hits = hit_rate(top.sweep, cluster.pairs)
    return ClusterFit(
        workers=found.workers,
        labels=found.labels,
        tasks=found.tasks,
        answers=found.answers,
        class_prior=frozen(top.class_prior),
        confusion=frozen(model.confusion(top.sweep, cluster.pairs, size.workers)),
        evidence=top.reached[-1] * found.answers,
        converged=top.converged,
        identifiable=told_apart(len(found.labels), hits, overlap=found.answers > found.tasks or bool(gold)),
        objective=top.reached,
        posteriors=() if output is None else cluster.write(Path(output), top.found.log_table, top.found.log_prior),
    )


@dataclass(frozen=True)
class _Look:
    """One part: its pairs, as names, and its size."""

    pairs: pa.Table
    tasks: int
    answers: int
    sketch: frozenset[Any]


@dataclass(frozen=True, eq=False)
class _Survey:
    """All parts: the names, and the pairs that occur as sorted worker * K + label."""

    workers: Names
    labels: Names
    codes: npt.NDArray[np.int64]
    tasks: int
    answers: int

    @classmethod
    def of(cls, looks: Sequence[_Look], paths: Sequence[str], gold: Gold) -> _Survey:
        """Labels that only gold has come last, as in `Votes.with_labels_of`."""
        if not sum(look.answers for look in looks):
            raise ValueError("no answer in any part")
        _check_apart(looks, paths)
        pairs = pa.concat_tables([look.pairs for look in looks]).group_by(["worker", "label"]).aggregate([])
        workers = tuple(sorted(pc.unique(pairs["worker"]).to_pylist()))
        given = pc.unique(pairs["label"]).to_pylist()
        labels = in_label_order(given) + in_label_order({*gold.values()} - {*given})
        codes = _coded(pairs, workers, labels)
        codes.sort()
        return cls(workers, labels, codes, sum(one.tasks for one in looks), sum(one.answers for one in looks))


def _look(path: str) -> _Look:
    table = _read(path)
    tasks = pc.unique(table["task"]).to_pylist()
    sketch = sorted(tasks, key=lambda name: (zlib.crc32(str(name).encode()), str(name)))[:SKETCH]
    pairs = table.group_by(["worker", "label"]).aggregate([])
    return _Look(pairs, len(tasks), len(table), frozenset(sketch))


def _check_apart(looks: Sequence[_Look], paths: Sequence[str]) -> None:
    """A task in two parts would have two posteriors. Of a large part only a sample, the same in all,
    is compared: two that share a few tasks may pass."""
    where: dict[Any, str] = {}
    for look, path in zip(looks, paths, strict=True):
        for name in look.sketch:
            if name in where:
                raise ValueError(f"task {name!r} has answers in {where[name]} and in {path}: wanted in one part")
            where[name] = path


def _read(path: str, columns: Sequence[str] = COLUMNS) -> pa.Table:
    missing = set(columns) - set(pq.read_schema(path).names)
    if missing:
        raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
    table = pq.read_table(path, columns=list(columns))
    for name in columns:
        if table[name].null_count:
            raise ValueError(f"{path}: a {name} is missing")
    return table


def _coded(table: pa.Table, workers: Names, labels: Names) -> npt.NDArray[np.int64]:
    """(rows,): worker * K + label."""
    worker, label = (
        pc.index_in(table[name], pa.array(names, table[name].type)).to_numpy().astype(np.int64)
        for name, names in (("worker", workers), ("label", labels))
    )
    codes: npt.NDArray[np.int64] = worker * len(labels) + label
    return codes


@dataclass(frozen=True, eq=False)
class _Part:
    """Answers task by task, as `fast.FastLayout` has them: those of task t are pair[start[t]:start[t + 1]]."""

    number: int
    path: str
    start: Codes
    pair: Codes
    clamp: Codes


@dataclass(frozen=True, eq=False)
class _Group:
    """What one machine keeps: some parts, whose pairs are numbered as everywhere."""

    parts: list[_Part]
    label_of: Codes
    n_labels: int


def _load(paths: Sequence[tuple[int, str]], survey: _Survey, clamp: Mapping[Any, int]) -> _Group:
    parts = [_lay(number, path, survey, clamp) for number, path in paths]
    return _Group(parts, (survey.codes % len(survey.labels)).astype(np.int32), len(survey.labels))


def _lay(number: int, path: str, survey: _Survey, clamp: Mapping[Any, int]) -> _Part:
    table = _read(path)
    names, task = _tasks(table)
    pair = np.searchsorted(survey.codes, _coded(table, survey.workers, survey.labels)).astype(np.int32)
    if (task[1:] < task[:-1]).any():
        pair = pair[np.argsort(task, kind="stable")]
    start = np.zeros(len(names) + 1, np.int32)
    np.cumsum(np.bincount(task, minlength=len(names)), out=start[1:])
    known = np.full(len(names), -1, np.int32)
    if clamp:
        known[:] = [clamp.get(name, -1) for name in names.to_pylist()]
    return _Part(number, path, start, pair, known)


def _tasks(table: pa.Table) -> tuple[pa.Array, Codes]:
    """The names in the order in which they first come, and the code of each row."""
    column = pc.dictionary_encode(table["task"]).combine_chunks()
    return column.dictionary, column.indices.to_numpy().astype(np.int32)


def _first(group: _Group) -> Sweep:
    """Counts of the vote shares."""
    return _counted(
        group,
        None,
        lambda part, table, classes: kernels.share_counts(
            part.start, part.pair, 0, len(part.clamp), group.label_of, part.clamp, table, classes
        ),
    )


def _sweep(group: _Group, log_table: Floats, log_prior: Floats) -> Sweep:
    # What came over the network is read-only, for which the kernels would be compiled anew.
    log_table, log_prior = log_table.copy(), log_prior.copy()
    return _counted(
        group,
        log_table,
        lambda part, table, classes: kernels.sweep(
            part.start, part.pair, 0, len(part.clamp), log_prior, part.clamp, table, classes
        ),
    )


def _counted(group: _Group, log_table: Floats | None, work: Any) -> Sweep:
    """One table for all parts: each adds its counts to it."""
    table = aligned_zeros((len(group.label_of), 2, group.n_labels))
    if log_table is not None:
        kernels.begin(log_table, table.reshape(-1))
    classes = np.zeros(group.n_labels)
    found = np.array([work(part, table.reshape(-1), classes) for part in group.parts]).sum(axis=0)
    return Sweep(table[:, 1, :].copy(), classes, float(found[0]), float(found[1]))


def _write(group: _Group, log_table: Floats, log_prior: Floats, labels: Names, output: str) -> list[str]:
    table = aligned_zeros((len(group.label_of), 2, group.n_labels)).reshape(-1)
    log_table, log_prior = log_table.copy(), log_prior.copy()  # as in `_sweep`
    kernels.begin(log_table, table)
    written = []
    for part in group.parts:
        posterior = np.empty((len(part.clamp), group.n_labels))
        kernels.posteriors(part.start, part.pair, 0, len(part.clamp), log_prior, part.clamp, table, posterior)
        best = (posterior >= posterior.max(axis=1, keepdims=True) - TIE).argmax(axis=1)
        columns = {
            "task": _tasks(_read(part.path, ["task"]))[0],
            "consensus": pa.array(labels).take(pa.array(best)),
            "posterior": pa.FixedSizeListArray.from_arrays(pa.array(posterior.reshape(-1)), group.n_labels),
        }
        path = str(Path(output) / f"{part.number:05d}.parquet")
        pq.write_table(pa.table(columns), path)
        written.append(path)
    return written


@dataclass(frozen=True, eq=False)
class _Cluster:
    """The machines as `em.climb` sees them: one sweep of all."""

    client: Client
    pairs: Pairs
    labels: Names
    groups: list[Future] = field(default_factory=list)

    @classmethod
    def of(cls, client: Client, paths: Sequence[str], survey: _Survey, clamp: Mapping[Any, int]) -> _Cluster:
        """Parts are dealt out to the machines one by one. Where a machine goes, Dask loads its parts on another."""
        machines = sorted(client.scheduler_info(n_workers=-1)["workers"])
        worker, label = np.divmod(survey.codes, len(survey.labels))
        pairs = Pairs(worker.astype(np.int32), label.astype(np.int32))
        known = client.scatter((survey, clamp), broadcast=True, hash=False)
        numbered = list(enumerate(paths))
        groups = [
            client.submit(
                _load_known, numbered[n :: len(machines)], known, workers=[one], allow_other_workers=True, pure=False
            )
            for n, one in enumerate(machines)
            if numbered[n :: len(machines)]
        ]
        return cls(client, pairs, survey.labels, groups)

    def first(self) -> Sweep:
        return self._added([self.client.submit(_first, group, pure=False) for group in self.groups])

    def sweep(self, log_table: Floats, log_prior: Floats) -> Sweep:
        """One E step and the counts for the next M step."""
        table = self.client.scatter(log_table, broadcast=True, hash=False)
        return self._added([self.client.submit(_sweep, one, table, log_prior, pure=False) for one in self.groups])

    def write(self, output: Path, log_table: Floats, log_prior: Floats) -> tuple[Path, ...]:
        output.mkdir(parents=True, exist_ok=True)
        table = self.client.scatter(log_table, broadcast=True, hash=False)
        jobs = [
            self.client.submit(_write, group, table, log_prior, self.labels, str(output), pure=False)
            for group in self.groups
        ]
        return tuple(sorted(Path(path) for some in self.client.gather(jobs) for path in some))

    def _added(self, jobs: list[Future]) -> Sweep:
        """In the order of the groups, so that the same machines give the same sum."""
        found: list[Sweep] = self.client.gather(jobs)
        return Sweep(
            counts=np.sum([one.counts for one in found], axis=0),
            class_counts=np.sum([one.class_counts for one in found], axis=0),
            log_likelihood=sum(one.log_likelihood for one in found),
            entropy=sum(one.entropy for one in found),
        )


def _load_known(paths: Sequence[tuple[int, str]], known: tuple[_Survey, Mapping[Any, int]]) -> _Group:
    return _load(paths, *known)
