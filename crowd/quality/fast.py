"""The compiled engine: one fused pass over the answers per iteration. Needs numba (extra `fast`).

Kernels are plain functions cached on disk, so that a second process loads them in a fraction of a second. Each runs
without the interpreter's lock on a slice of the tasks; threads have count tables of their own, added up in order, so a
given number of threads always gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from crowd.quality import kernels, sorting
from crowd.quality.arrays import Codes, Floats, aligned_zeros
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.types import Votes

R = TypeVar("R")


class FastLayout:
    """As `layout.Layout`, for votes that all vote and one class a label."""

    def __init__(self, votes: Votes, clamp: Codes, threads: int) -> None:
        self.votes, self.clamp, self.threads = votes, clamp, threads
        self.n_labels = len(votes.labels)
        # The threads end when the layout is gone; the calling thread does the first slice itself.
        self.pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None
        self._lay()
        self.cuts = _cuts(self.start, threads)
        self.table = aligned_zeros((threads, len(self.pairs), 2, self.n_labels))

    def first(self, posterior: Floats | None) -> Sweep:
        """Counts of a given posterior (T, K), or of the vote shares with gold clamped."""
        self.table.fill(0.0)

        def work(slot: int, low: int, high: int, classes: Floats) -> Any:
            table = self.table[slot].reshape(-1)
            if posterior is None:
                return kernels.share_counts(
                    self.start, self.pair, low, high, self.pairs.label, self.clamp, table, classes
                )
            given = np.ascontiguousarray(posterior).reshape(-1)
            return kernels.given_counts(self.start, self.pair, low, high, given, table, classes)

        return self._counted(work)

    def sweep(self, log_table: Floats, log_prior: Floats) -> Sweep:
        """One E step and the counts for the next M step."""

        def work(slot: int, low: int, high: int, classes: Floats) -> Any:
            table = self._begin(slot, log_table)
            return kernels.sweep(self.start, self.pair, low, high, log_prior, self.clamp, table, classes)

        return self._counted(work)

    def posterior(self, log_table: Floats, log_prior: Floats) -> Floats:
        """(T, K) in the order of `votes.tasks`."""
        out = np.empty((len(self.votes.tasks), self.n_labels))

        def work(slot: int, low: int, high: int) -> None:
            table = self._begin(slot, log_table)
            kernels.posteriors(self.start, self.pair, low, high, log_prior, self.clamp, table, out)

        self._each(work, self.cuts)
        return out

    def _begin(self, slot: int, log_table: Floats) -> Floats:
        table: Floats = self.table[slot].reshape(-1)
        kernels.begin(log_table, table)
        return table

    def _counted(self, work: Callable[[int, int, int, Floats], Any]) -> Sweep:
        classes = [np.zeros(self.n_labels) for _ in range(self.threads)]
        found = self._each(lambda slot, low, high: work(slot, low, high, classes[slot]), self.cuts)
        likelihood, entropy = np.array(found).sum(axis=0)
        counts: Floats = self.table[:, :, 1, :].sum(axis=0)
        return Sweep(counts, np.sum(classes, axis=0), float(likelihood), float(entropy))

    def _each(self, work: Callable[[int, int, int], R], cuts: list[int]) -> list[R]:
        others = [self.pool.submit(work, slot, *cuts[slot : slot + 2]) for slot in range(1, self.threads) if self.pool]
        return [work(0, *cuts[:2]), *(other.result() for other in others)]

    def _lay(self) -> None:
        """start, pair and pairs: answers sorted by task and pointing at their (worker, label) pair. Every thread counts
        its slice of the answers, then writes it to where the slices before it end."""
        votes = self.votes
        codes = votes.task, votes.worker, votes.label
        slices = np.linspace(0, len(votes), self.threads + 1).astype(int).tolist()
        seen = [np.zeros(len(votes.workers) * self.n_labels, np.uint8) for _ in range(self.threads)]
        answers = np.zeros((self.threads, len(votes.tasks)), np.int32)
        self._each(
            lambda slot, low, high: sorting.tally(*codes, low, high, self.n_labels, seen[slot], answers[slot]), slices
        )
        occurs = np.logical_or.reduce(seen)
        worker, label = np.divmod(np.flatnonzero(occurs).astype(np.int32), np.int32(self.n_labels))
        self.pairs = Pairs(worker, label)
        number = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
        self.start = np.empty(len(votes.tasks) + 1, np.int32)
        sorting.lay_starts(answers, self.start)
        self.pair = np.empty(len(votes), np.int32)
        self._each(
            lambda slot, low, high: sorting.lay(*codes, low, high, self.n_labels, number, answers[slot], self.pair),
            slices,
        )


def _cuts(start: npt.NDArray[np.int32], threads: int) -> list[int]:
    """Where to cut the tasks so that each thread gets about as many answers."""
    wanted = np.linspace(0, int(start[-1]), threads + 1)
    cuts = np.searchsorted(start, wanted).tolist()
    return [0, *cuts[1:-1], len(start) - 1]
