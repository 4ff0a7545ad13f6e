"""The loop every EM method here shares: counts, parameters, E step, until the objective stops growing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crowd.quality.arrays import Codes, Floats, rows_to_one
from crowd.quality.engine import Steps, prepare
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.results import fit_of, identifiable
from crowd.quality.types import Fit, Gold, Votes

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


class Model(Protocol):
    """A method as EM sees it. W workers; pairs are the (worker, label) pairs that occur."""

    @property
    def name(self) -> str:
        """What `Fit.method` says."""
        ...

    def m_step(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Parameters:
        """The most probable parameters given expected counts."""
        ...

    def confusion(self, sweep: Sweep, pairs: Pairs, n_workers: int) -> Floats:
        """(W, K, K) [worker, true, given] from the last E step."""
        ...


@dataclass(frozen=True)
class Stop:
    """When EM ends, and on which engine it runs (see `engine.prepare`)."""

    max_iterations: int
    tolerance: float
    threads: int | None = None


@dataclass(frozen=True)
class Size:
    """How many workers there are, and how many answers."""

    workers: int
    answers: int


@dataclass(frozen=True, eq=False)
class Top:
    """Where a climb ended: the last parameters, the sweep with them, and the class prior (C,) that follows; the
    objective of each iteration, per answer."""

    found: Parameters
    sweep: Sweep
    class_prior: Floats
    reached: tuple[float, ...]
    converged: bool


def fit_model(model: Model, votes: Votes, gold: Gold | None, start: Fit | None, stop: Stop) -> Fit:
    """Climb from the vote shares (or an earlier fit) until the objective gains less than the tolerance an answer.

    The objective is the log likelihood plus the log prior density of the parameters. One iteration is an M step and an
    E step; confusion and class prior of the result come from the last E step.
    """
    votes = votes.with_labels_of(gold)
    codes = votes.gold_codes(gold)
    if not len(votes):
        return nothing_fitted(model.name, votes, codes)
    layout = prepare(votes, codes, stop.threads)
    start_sweep = layout.first(starting_posterior(votes, codes, start))
    top = climb(model, layout, start_sweep, Size(len(votes.workers), len(votes)), stop)
    return fit_of(
        model.name,
        votes,
        layout.posterior(top.found.log_table, top.found.log_prior),
        lambda: model.confusion(top.sweep, layout.pairs, len(votes.workers)),
        class_prior=top.class_prior,
        evidence=top.reached[-1] * len(votes),
        objective=top.reached,
        converged=top.converged,
        known=identifiable(votes, hit_rate(top.sweep, layout.pairs), bool((codes >= 0).any())),
    )


def climb(model: Model, steps: Steps, sweep: Sweep, size: Size, stop: Stop) -> Top:
    """M and E steps in turn, beginning with the counts of a first sweep. One answer at least."""
    reached: list[float] = []
    converged = False
    while not converged and len(reached) < stop.max_iterations:
        found = model.m_step(sweep, steps.pairs, size.workers)
        sweep = steps.sweep(found.log_table, found.log_prior)
        reached.append((sweep.log_likelihood + found.log_density) / size.answers)
        converged = len(reached) > 1 and abs(reached[-1] - reached[-2]) < stop.tolerance
    last = model.m_step(sweep, steps.pairs, size.workers)
    return Top(found, sweep, rows_to_one(np.exp(last.log_prior)), tuple(reached), converged)


def nothing_fitted(method: str, votes: Votes, gold: Codes) -> Fit:
    """The answer for no answers at all: uniform posteriors (gold clamped), uniform confusion, not identifiable."""
    shape = (len(votes.workers), len(votes.labels), len(votes.labels))
    posterior = clamped(vote_shares(votes), gold)
    return fit_of(method, votes, posterior, lambda: rows_to_one(np.zeros(shape)), known=False)


def check_stop(max_iterations: int, tolerance: float, threads: int | None = None) -> None:
    """ValueError for a stop that cannot be."""
    if threads is not None and threads < 0:
        raise ValueError(f"threads={threads}: wanted at least 0, or None")
    if max_iterations < 1:
        raise ValueError(f"max_iterations={max_iterations}: wanted at least 1")
    if not tolerance >= 0:
        raise ValueError(f"tolerance={tolerance}: wanted a number of at least 0")


def check_positive(**parameters: float) -> None:
    """ValueError for one that is not above 0."""
    for name, value in parameters.items():
        if not value > 0:
            raise ValueError(f"{name}={value}: wanted a number above 0")


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
