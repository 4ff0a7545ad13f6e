"""The loop every EM method here shares: counts, parameters, E step, until the objective stops growing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crowd.quality.arrays import Codes, Floats
from crowd.quality.engine import Engine
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.types import Fit, Votes

TINY = 1e-300


class Parameters(Protocol):
    """What an M step found."""

    @property
    def log_table(self) -> Floats:
        """(R, C): log probability of each occurring (worker, label) pair under each class."""
        ...

    @property
    def log_prior(self) -> Floats:
        """(C,): log share of each class."""
        ...

    @property
    def log_density(self) -> float:
        """log prior density of the parameters, up to a constant."""
        ...


@dataclass(frozen=True, eq=False)
class Climb:
    """Where EM ended: parameters and sweep of the last E step, and the objective per answer after each iteration."""

    found: Parameters
    sweep: Sweep
    reached: tuple[float, ...]
    converged: bool


def climb(
    layout: Engine, sweep: Sweep, m_step: Callable[[Sweep], Parameters], max_iterations: int, tolerance: float
) -> Climb:
    """Iterate M step and E step from the counts in `sweep`.

    Ends when the objective (log likelihood plus log prior density, nats per answer) changes by less than `tolerance`
    between iterations, or after `max_iterations`.
    """
    reached: list[float] = []
    converged = False
    while not converged and len(reached) < max_iterations:
        found = m_step(sweep)
        sweep = layout.sweep(found.log_table, found.log_prior)
        reached.append((sweep.log_likelihood + found.log_density) / len(layout.votes))
        converged = len(reached) > 1 and abs(reached[-1] - reached[-2]) < tolerance
    return Climb(found, sweep, tuple(reached), converged)


def check_stop(max_iterations: int, tolerance: float) -> None:
    """ValueError for a stop that cannot be."""
    if max_iterations < 1:
        raise ValueError(f"max_iterations={max_iterations}: wanted at least 1")
    if not tolerance >= 0:
        raise ValueError(f"tolerance={tolerance}: wanted a number of at least 0")


def starting_posterior(votes: Votes, gold: Codes, start: Fit | None) -> Floats | None:
    """(T, K) vote shares, overwritten by an earlier fit's rows for tasks it knows, gold clamped; None for a cold start,
    which every engine knows by itself."""
    if start is None:
        return None
    posterior = vote_shares(votes)
    if set(start.labels) <= set(votes.labels):
        column = [votes.labels.index(label) for label in start.labels]
        place = {task: row for row, task in enumerate(start.tasks)}
        rows = [(row, place[task]) for row, task in enumerate(votes.tasks) if task in place]
        here, there = np.array(rows, dtype=np.intp).reshape(-1, 2).T
        posterior[here] = 0.0
        posterior[here[:, None], column] = start.posterior[there]
    return clamped(posterior, gold)


def worker_sums(values: Floats, pairs: Pairs, n_workers: int) -> Floats:
    """(W, ...): the rows of (R, ...) added up for each worker; zero for a worker without an answer."""
    summed = np.zeros((n_workers, *values.shape[1:]))
    first = np.flatnonzero(np.diff(pairs.worker, prepend=-1))
    if len(first):
        summed[pairs.worker[first]] = np.add.reduceat(values, first, axis=0)
    return summed


def hit_rate(sweep: Sweep, pairs: Pairs, parts: int = 1) -> float:
    """Expected share of answers that agree with the posterior."""
    label = np.arange(sweep.counts.shape[1]) // parts
    right = sweep.counts[pairs.label[:, None] == label]
    return float(right.sum() / max(sweep.counts.sum(), TINY))


def log_of(weights: Floats) -> Floats:
    """log, with zero as a very small number."""
    logs: Floats = np.log(np.maximum(weights, TINY))
    return logs


def log_shares(weights: Floats) -> Floats:
    """log of the weights divided by their sum."""
    return log_of(weights / max(float(weights.sum()), TINY))
