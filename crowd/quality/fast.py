"""The compiled engine: one fused pass over the answers per iteration. Needs numba (extra `fast`).

Kernels are plain functions cached on disk, so that a second process loads them in a fraction of a second. Each runs
without the interpreter's lock on a slice of the tasks; threads have count tables of their own, added up in order, so a
given number of threads always gives the same result.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality import kernels
from crowd.quality.arrays import Codes, Floats, aligned_zeros
from crowd.quality.layout import Pairs, Sweep
from crowd.quality.types import Votes


class FastLayout:
    """As `layout.Layout`, for votes that all vote and one class a label."""

    def __init__(self, votes: Votes, clamp: Codes, threads: int) -> None:
        self.votes, self.clamp, self.threads = votes, clamp, threads
        self.n_labels = len(votes.labels)
        self.start, self.pair, worker, label = kernels.lay(
            votes.task, votes.worker, votes.label, len(votes.tasks), len(votes.workers), self.n_labels
        )
        self.pairs = Pairs(worker, label)
        self.cuts = _cuts(self.start, threads)

    def first(self, posterior: Floats | None) -> Sweep:
        """Counts of a given posterior (T, K), or of the vote shares with gold clamped."""
        if posterior is None:
            return self._run(kernels.share_counts, None, self.pairs.label, self.clamp)
        return self._run(kernels.given_counts, None, posterior)

    def sweep(self, log_table: Floats, log_prior: Floats) -> Sweep:
        """One E step and the counts for the next M step."""
        return self._run(kernels.sweep, log_table, log_prior, self.clamp)

    def posterior(self, log_table: Floats, log_prior: Floats) -> Floats:
        """(T, K) in the order of `votes.tasks`."""
        out = np.empty((len(self.votes.tasks), self.n_labels))
        table = log_table[:, None, :]
        self._each(
            lambda slot, low, high: kernels.posteriors(
                self.start, self.pair, low, high, log_prior, self.clamp, table, out
            )
        )
        return out

    def _run(self, kernel: Any, log_table: Floats | None, *arguments: Any) -> Sweep:
        table = aligned_zeros((self.threads, len(self.pairs), 2, self.n_labels))
        classes = np.zeros((self.threads, self.n_labels))
        if log_table is not None:
            table[:, :, 0, :] = log_table
        found = self._each(
            lambda slot, low, high: kernel(self.start, self.pair, low, high, *arguments, table[slot], classes[slot])
        )
        likelihood, entropy = np.array(found).sum(axis=0)
        return Sweep(table[:, :, 1, :].sum(axis=0), classes.sum(axis=0), float(likelihood), float(entropy))

    def _each(self, work: Any) -> list[tuple[float, float]]:
        slots = range(self.threads)
        if self.threads == 1:
            return [work(0, self.cuts[0], self.cuts[1])]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, slots, self.cuts[:-1], self.cuts[1:]))


def _cuts(start: npt.NDArray[np.int32], threads: int) -> list[int]:
    """Where to cut the tasks so that each thread gets about as many answers."""
    wanted = np.linspace(0, int(start[-1]), threads + 1)
    cuts = np.searchsorted(start, wanted).tolist()
    return [0, *cuts[1:-1], len(start) - 1]
