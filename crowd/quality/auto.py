"""Auto: the method that best foretells answers it has not seen.

Without gold nobody knows which method is right, but every method here also says how likely an answer is. A part of the
answers is held out; each method is fitted to the rest and foretells them. The default keeps its place unless another
one foretells clearly better: by more than `errors` standard errors of the difference, counted by task because answers
to one task go together. Differences of fit below that are noise, and the default breaks down least.
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
    """Picks among `methods` (the first is the default) by the likelihood of held-out answers, over `folds` parts.

    At most `sample` answers are used to choose (whole tasks, picked by a hash of their names); dense confusion arrays
    of more than `room` numbers are not made: such a method is left out.
    """

    methods: tuple[Method, ...] = (DawidSkene(), MACE(), OneCoin(), EBCC())
    folds: int = 4
    errors: float = 2.0
    sample: int = 100_000
    room: int = 20_000_000

    def __post_init__(self) -> None:
        if not self.methods or self.folds < 2:
            raise ValueError(f"{self}: wanted at least one method and two folds")

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
        others = [o for o in others if cells * getattr(o, "kinds", 1) <= self.room]
        if not others or cells > self.room or (used.answers > 1).sum() < self.folds:
            return default
        fold = folds_of(used, self.folds)
        base = held_out(default, used, gold, fold, self.folds)
        gains = [clear_gain(held_out(o, used, gold, fold, self.folds) - base, used, self.errors) for o in others]
        best = int(np.argmax(gains))
        return others[best] if gains[best] > 0 else default


def held_out(method: Method, votes: Votes, gold: Gold | None, fold: Codes, folds: int) -> Floats:
    """(n,): log probability of each answer under the fit to the answers of the other folds, in nats."""
    logs = np.zeros(len(votes))
    for part in range(folds):
        out = fold == part
        if out.any():
            fit = method.fit(votes.select(~out), gold)
            logs[out] = np.log(np.maximum(fit.likelihood(votes.select(out)), 1e-12))
    return logs


def clear_gain(gain: Floats, votes: Votes, errors: float) -> float:
    """Mean gain an answer if it exceeds so many standard errors (clustered by task), else 0."""
    by_task = sums(votes.task, gain, len(votes.tasks))[np.unique(votes.task)]
    spread = float(by_task.std()) * np.sqrt(len(by_task))
    total = float(by_task.sum())
    return total / len(gain) if total > errors * spread else 0.0


def folds_of(votes: Votes, folds: int) -> Codes:
    """(n,): a fold for each answer, from a hash of the names of its task and worker: the same for any order."""
    mixed = (
        name_hashes(votes.tasks)[votes.task] * np.uint64(0x9E3779B97F4A7C15) + name_hashes(votes.workers)[votes.worker]
    )
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
