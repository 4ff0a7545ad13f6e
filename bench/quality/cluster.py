"""Dawid-Skene on a Dask cluster of two machines with 1 GB each: as on one machine? How long, with how much memory?

python -m bench.quality.cluster [--answers 1000000] [--per-part 500000] [--iterations 10] [--no-local]

It writes Parquet parts into a temporary folder, fits them on a LocalCluster of two processes with a memory limit of
1 GB each, and prints seconds and each process's peak; then, unless told otherwise, the largest difference from the fit
of one machine.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

from bench.quality.speed import REDUNDANCY
from crowd.quality import DawidSkene, Votes, cluster
from crowd.quality.types import Fit

LABELS = 4


def write_parts(folder: Path, answers: int, per_part: int) -> list[Path]:
    """As `speed.make_votes`, part by part: whole tasks of five answers each, by the same crowd."""
    crowd, paths = max(50, answers // 1000), []
    accuracy = np.random.default_rng(0).beta(6, 2.5, crowd)
    for number, first in enumerate(range(0, answers, per_part)):
        rng, size = np.random.default_rng([1, number]), min(per_part, answers - first)
        tasks = size // REDUNDANCY
        task = np.repeat(np.arange(tasks, dtype=np.int64), REDUNDANCY)
        worker = rng.integers(0, crowd, len(task), dtype=np.int32)
        truth = rng.integers(0, LABELS, tasks, dtype=np.int32)
        right = rng.random(len(task)) < accuracy[worker]
        label = np.where(right, truth[task], (truth[task] + rng.integers(1, LABELS, len(task))) % LABELS)
        columns = {"task": task + first // REDUNDANCY, "worker": worker, "label": label.astype(np.int32)}
        paths.append(folder / f"part-{number:04d}.parquet")
        pq.write_table(pa.table(columns), paths[-1])
    return paths


def peak() -> float:
    """Megabytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def local(paths: list[Path], iterations: int) -> Fit:
    table = pa.concat_tables([pq.read_table(path) for path in paths])
    votes = Votes.from_labels(*(table[name].to_numpy() for name in cluster.COLUMNS))
    return DawidSkene(max_iterations=iterations, tolerance=0.0).fit(votes)


def difference(found: cluster.ClusterFit, paths: list[Path], iterations: int) -> float:
    """The largest of all posteriors, confusions and class shares."""
    alone = local(paths, iterations)
    order = [alone.workers.index(name) for name in found.workers]
    place = {name: row for row, name in enumerate(alone.tasks)}
    apart = [float(np.abs(found.class_prior - alone.class_prior).max())]
    apart.append(float(np.abs(found.confusion - alone.confusion[order]).max()))
    for path in found.posteriors:
        table = pq.read_table(path)
        rows = [place[name] for name in table["task"].to_pylist()]
        posterior = table["posterior"].combine_chunks().flatten().to_numpy().reshape(-1, len(found.labels))
        apart.append(float(np.abs(posterior - alone.posterior[rows]).max()))
    return max(apart)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--per-part", type=int, default=500_000)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--no-local", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory() as place:
        folder = Path(place)
        paths = write_parts(folder, asked.answers, asked.per_part)
        with (
            LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="1GB", dashboard_address=":0") as machines,
            Client(machines) as client,
        ):
            begun = time.perf_counter()
            found = cluster.fit(paths, client, output=folder / "found", max_iterations=asked.iterations, tolerance=0.0)
            seconds = time.perf_counter() - begun
            peaks = sorted(client.run(peak).values())
        print(f"{found.answers:,} answers in {len(paths)} parts, K={LABELS}, {found.iterations} iterations:")
        machines_held = " and ".join(f"{one:.0f} MB" for one in peaks)
        print(f"{seconds:.1f} s, peak of the machines {machines_held}, of the client {peak():.0f} MB")
        if not asked.no_local:
            print(f"largest difference from one machine: {difference(found, paths, asked.iterations):.1e}")


if __name__ == "__main__":
    main()
