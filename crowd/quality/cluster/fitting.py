"""The fit: all machines as one sweep, and the M step taken here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client, Future

from crowd.quality.arrays import Floats, Names, frozen
from crowd.quality.cluster import machine
from crowd.quality.cluster.survey import Survey, look_at
from crowd.quality.dawid_skene import ConfusionModel
from crowd.quality.em import Size, Stop, check_stop, climb, hit_rate
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.priors import Hierarchical, Prior
from crowd.quality.results import told_apart
from crowd.quality.types import Gold


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
    found = Survey.of(client.gather(client.map(look_at, paths, pure=False)), paths, gold or {})
    cluster = Cluster.of(
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


@dataclass(frozen=True, eq=False)
class Cluster:
    """The machines as `em.climb` sees them: one sweep of all."""

    client: Client
    pairs: Pairs
    labels: Names
    groups: list[Future] = field(default_factory=list)

    @classmethod
    def of(cls, client: Client, paths: Sequence[str], survey: Survey, clamp: Mapping[Any, int]) -> Cluster:
        """Parts are dealt out to the machines one by one. Where a machine goes, Dask loads its parts on another."""
        machines = sorted(client.scheduler_info(n_workers=-1)["workers"])
        worker, label = np.divmod(survey.codes, len(survey.labels))
        pairs = Pairs(worker.astype(np.int32), label.astype(np.int32))
        known = client.scatter((survey, clamp), broadcast=True, hash=False)
        numbered = list(enumerate(paths))
        groups = [
            client.submit(
                machine.load, numbered[n :: len(machines)], known, workers=[one], allow_other_workers=True, pure=False
            )
            for n, one in enumerate(machines)
            if numbered[n :: len(machines)]
        ]
        return cls(client, pairs, survey.labels, groups)

    def first(self) -> Sweep:
        return self._added([self.client.submit(machine.first, group, pure=False) for group in self.groups])

    def sweep(self, log_table: Floats, log_prior: Floats) -> Sweep:
        """One E step and the counts for the next M step."""
        table = self.client.scatter(log_table, broadcast=True, hash=False)
        return self._added(
            [self.client.submit(machine.sweep, one, table, log_prior, pure=False) for one in self.groups]
        )

    def write(self, output: Path, log_table: Floats, log_prior: Floats) -> tuple[Path, ...]:
        output.mkdir(parents=True, exist_ok=True)
        table = self.client.scatter(log_table, broadcast=True, hash=False)
        jobs = [
            self.client.submit(machine.write, group, table, log_prior, self.labels, str(output), pure=False)
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
