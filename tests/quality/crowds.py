"""Simulated crowds for the tests: numpy alone, the same for the same seed."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality import Numbers, Votes

Ints = npt.NDArray[np.int64]

SMALL: dict[str, dict[str, Any]] = {
    "three labels": {"tasks": 40, "workers": 8, "labels": 3, "redundancy": 4, "seed": 1},
    "two labels, sparse": {"tasks": 60, "workers": 30, "labels": 2, "redundancy": 3, "seed": 2},
    "six labels": {"tasks": 50, "workers": 10, "labels": 6, "redundancy": 5, "seed": 3},
}


def simulate(tasks: int, workers: int, labels: int, redundancy: int, seed: int) -> tuple[Ints, Ints, Ints, Ints]:
    """(task, worker, label) of each answer and the truth of each task; workers' accuracy is Beta(6, 2.5)."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    task = np.repeat(np.arange(tasks), redundancy)
    worker = np.concatenate([rng.choice(workers, redundancy, replace=False) for _ in range(tasks)])
    accuracy = rng.beta(6, 2.5, workers)
    right = rng.random(len(task)) < accuracy[worker]
    label = np.where(right, truth[task], (truth[task] + rng.integers(1, labels, len(task))) % labels)
    return task, worker, label, truth


def votes_of(name: str) -> Votes:
    """The votes of a small crowd."""
    task, worker, label, _ = simulate(**SMALL[name])
    return Votes.from_labels(task, worker, label)


def simulate_numbers(tasks: int, seed: int) -> tuple[Numbers, npt.NDArray[np.float64]]:
    """Three answers a task by fifteen workers, each with a bias N(0, 0.2) and a spread of 0.5 to 1.5; the truth."""
    rng = np.random.default_rng(seed)
    bias, spread = rng.normal(0, 0.2, 15), rng.uniform(0.5, 1.5, 15)
    truth = rng.normal(50, 20, tasks)
    rows = [
        (t, w, x + bias[w] + rng.normal(0, spread[w]))
        for t, x in enumerate(truth)
        for w in rng.choice(15, 3, replace=False)
    ]
    return Numbers.from_values(*zip(*rows, strict=True)), truth
