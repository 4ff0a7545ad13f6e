"""Seconds and memory of Dawid-Skene here and in crowd-kit: same votes, same iterations, alternating runs.

python -m bench.quality.speed [--size 1000000] [--labels 4] [--iterations 10] [--runs 5] [--no-crowdkit]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from crowd.quality import ParityDawidSkene, Votes

REDUNDANCY = 5


@dataclass(frozen=True)
class Speed:
    """Median seconds by engine, and how many times faster than crowd-kit (median of the paired ratios)."""

    answers: int
    labels: int
    iterations: int
    seconds: dict[str, float]
    ratio: dict[str, float]


def make_votes(size: int, labels: int, seed: int = 0) -> Votes:
    """Random tasks in task order with five answers of one-coin workers each, as int32 codes."""
    rng = np.random.default_rng(seed)
    tasks, workers = size // REDUNDANCY, max(50, size // 1000)
    task = np.repeat(np.arange(tasks, dtype=np.int32), REDUNDANCY)
    worker = rng.integers(0, workers, size, dtype=np.int32)
    truth = rng.integers(0, labels, tasks, dtype=np.int32)
    right = rng.random(size) < rng.beta(6, 2.5, workers)[worker]
    label = np.where(right, truth[task], (truth[task] + rng.integers(1, labels, size)) % labels).astype(np.int32)
    return Votes(tuple(range(tasks)), tuple(range(workers)), tuple(range(labels)), task, worker, label)


def engines(votes: Votes, iterations: int, with_crowdkit: bool) -> dict[str, Callable[[], object]]:
    """What is timed, by name. Both sides get integer codes made before the clock starts."""
    runs: dict[str, Callable[[], object]] = {
        name: partial(ParityDawidSkene(iterations, 0.0, threads).fit, votes)
        for name, threads in (("numpy", 0), ("fast, 1 thread", 1), ("fast, 2 threads", 2))
    }
    if with_crowdkit:
        import pandas as pd  # type: ignore[import-untyped, unused-ignore]
        from crowdkit.aggregation import DawidSkene

        frame = pd.DataFrame({"task": votes.task, "worker": votes.worker, "label": votes.label})
        runs["crowd-kit"] = lambda: DawidSkene(n_iter=iterations, tol=-1).fit(frame)
    return runs


def measure(size: int, labels: int, iterations: int, runs: int, with_crowdkit: bool) -> Speed:
    """Alternate the engines `runs` times."""
    votes = make_votes(size, labels)
    todo = engines(votes, iterations, with_crowdkit)
    for threads in (1, 2):
        ParityDawidSkene(1, 0.0, threads).fit(make_votes(1000, labels))
    taken: dict[str, list[float]] = {name: [] for name in todo}
    for _ in range(runs):
        for name, run in todo.items():
            begin = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - begin)
    base = taken.get("crowd-kit")
    ratio = (
        {}
        if base is None
        else {
            name: statistics.median(b / s for b, s in zip(base, seconds, strict=True))
            for name, seconds in taken.items()
        }
    )
    return Speed(size, labels, iterations, {n: statistics.median(s) for n, s in taken.items()}, ratio)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--labels", type=int, default=4)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-crowdkit", action="store_true")
    asked = parser.parse_args()
    found = measure(asked.size, asked.labels, asked.iterations, asked.runs, not asked.no_crowdkit)
    for name, seconds in found.seconds.items():
        times = f"{found.ratio[name]:6.1f}x" if found.ratio else ""
        what = f"{found.answers:>10,} answers, K={found.labels}, {found.iterations} iterations"
        print(f"{what}, {name:16s} {seconds:8.3f} s {times}")


if __name__ == "__main__":
    main()
