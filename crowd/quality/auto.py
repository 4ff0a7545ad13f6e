"""Auto: the method that best foretells answers it has not seen.

Without gold nobody knows which method is right, but every method here also says how likely an answer is. A part of the
answers is held out; each method is fitted to the rest and foretells them. The default keeps its place unless another
one foretells clearly better: at the one-sided 5 % level, 1.645 standard errors of the difference, counted by task. Less
is noise, and the default breaks down least.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from crowd.quality.arrays import Codes, Floats, Names, sums
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.ebcc import EBCC
from crowd.quality.mace import MACE
from crowd.quality.one_coin import OneCoin
from crowd.quality.types import Fit, Gold, Votes


class Method(Protocol):
    """Anything that turns votes into a fit."""

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """See the methods."""
        ...


@dataclass(frozen=True)
class Auto:
    """Picks among `methods` (the first is the default) by the likelihood of held-out answers.

    A round holds out each of `folds` parts once. After a round the methods that foretell worse than the default by
    `hopeless` standard errors leave; the others go on, up to `rounds`, each round cut anew. At most `sample` answers
    are used to choose (whole tasks, picked by a hash of their names); methods that would need a confusion array of more
    than `room` numbers are left out.
    """

    methods: tuple[Method, ...] = (DawidSkene(), MACE(), OneCoin(), EBCC())
    folds: int = 10
    rounds: int = 2
    errors: float = 1.645
    hopeless: float = 2.0
    sample: int = 30_000
    room: int = 5_000_000

    def __post_init__(self) -> None:
        if not self.methods or self.folds < 2 or self.rounds < 1:
            raise ValueError(f"{self}: wanted at least one method, one round and two folds")

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """The fit of the chosen method; its name says which: "auto: ebcc"."""
        votes = votes.with_labels_of(gold)
        chosen = self.choose(votes, gold)
        found = chosen.fit(votes, gold, start)
        return replace(found, method=f"auto: {found.method}")

    def choose(self, votes: Votes, gold: Gold | None = None) -> Method:
        """The method to use for these votes."""
        default, *others = self.methods
        used = sampled(votes, self.sample)
        cells = len(votes.workers) * len(votes.labels) ** 2
        alive = [other for other in others if cells * getattr(other, "kinds", 1) <= self.room]
        if cells > self.room or (used.answers > 1).sum() < self.folds:
            return default
        gains = {other: np.zeros(len(used)) for other in alive}
        for salt in range(self.rounds):
            fold = folds_of(used, self.folds, salt)
            base = held_out(default, used, gold, fold, self.folds) if alive else np.zeros(len(used))
            for other in alive:
                gains[other] += held_out(other, used, gold, fold, self.folds) - base
            alive = [other for other in alive if certainty(gains[other], used) > -self.hopeless]
        clear = [other for other in alive if certainty(gains[other], used) > self.errors]
        return max(clear, key=lambda other: float(gains[other].sum())) if clear else default


def held_out(method: Method, votes: Votes, gold: Gold | None, fold: Codes, folds: int) -> Floats:
    """(n,): log probability of each answer under the fit to the answers of the other folds, in nats."""
    logs = np.zeros(len(votes))
    for part in range(folds):
        out = fold == part
        if out.any():
            fit = method.fit(votes.select(~out), gold)
            logs[out] = np.log(np.maximum(fit.likelihood(votes.select(out)), 1e-12))
    return logs


def certainty(gain: Floats, votes: Votes) -> float:
    """The summed gain in standard errors, counted by task because answers to one task go together."""
    by_task = sums(votes.task, gain, len(votes.tasks))[np.unique(votes.task)]
    spread = float(by_task.std()) * np.sqrt(len(by_task))
    return float(by_task.sum()) / spread if spread > 0 else 0.0


def folds_of(votes: Votes, folds: int, salt: int = 0) -> Codes:
    """(n,): a fold for each answer, from a hash of the names of its task and worker: the same for any order."""
    task, worker = name_hashes(votes.tasks), name_hashes(votes.workers)
    mixed = (task * np.uint64(0x9E3779B97F4A7C15))[votes.task] + worker[votes.worker] + np.uint64(salt * 0x51ED2701)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return (mixed % np.uint64(folds)).astype(np.int32)


def name_hashes(names: Names) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """A fixed 32-bit hash of each name, as unsigned 64-bit numbers."""
    return np.array([zlib.crc32(repr(name).encode()) for name in names], dtype=np.uint64)


def sampled(votes: Votes, most: int) -> Votes:
    """All votes, or those of a fixed share of the tasks, so that about `most` answers remain."""
    if len(votes) <= most:
        return votes
    kept = name_hashes(votes.tasks) < np.uint64(2**32 * most / len(votes))
    return votes.select(kept[votes.task])
