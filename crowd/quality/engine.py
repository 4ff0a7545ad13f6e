"""Which machinery runs the E steps: plain numpy, or the compiled kernels of the extra `fast` where they pay."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Protocol

from crowd.quality.arrays import Codes, Floats
from crowd.quality.layout import Layout, Pairs, Sweep
from crowd.quality.types import Votes

WORTH_LOADING = 200_000
"""Below this many answers numpy is done before the compiled kernels are loaded (about half a second)."""
MOST_THREADS = 8
ROOM = 8
"""The kernels number (worker, label) pairs in an array of W * K: too much beyond so many times the answers."""


class Steps(Protocol):
    """What takes E steps: an `Engine`, or a cluster of machines."""

    @property
    def pairs(self) -> Pairs:
        """The (worker, label) pairs that occur."""
        ...

    def sweep(self, log_table: Floats, log_prior: Floats) -> Sweep:
        """One E step and the counts for the next M step."""
        ...


class Engine(Steps, Protocol):
    """Votes prepared for repeated E steps (see `Layout`)."""

    @property
    def votes(self) -> Votes:
        """What was prepared."""
        ...

    def first(self, posterior: Floats | None) -> Sweep:
        """Counts of a posterior in task order, or of the vote shares."""
        ...

    def posterior(self, log_table: Floats, log_prior: Floats) -> Floats:
        """(T, C) in task order."""
        ...


def prepare(votes: Votes, clamp: Codes, threads: int | None = None) -> Engine:
    """The engine for these votes. `threads=0` asks for numpy, 1 or more for the compiled kernels (ImportError without
    the extra); None decides by size and by what is installed. Votes that do not all vote go through numpy."""
    wanted = _threads_for(votes) if threads is None else threads
    if wanted == 0 or votes.voting is not None or len(votes.workers) * len(votes.labels) > ROOM * len(votes) + 10**6:
        return Layout(votes, clamp)
    from crowd.quality.fast import FastLayout

    return FastLayout(votes, clamp, wanted)


def _threads_for(votes: Votes) -> int:
    if len(votes) < WORTH_LOADING or find_spec("numba") is None:
        return 0
    return max(1, min(MOST_THREADS, processors(), len(votes) // WORTH_LOADING))


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
