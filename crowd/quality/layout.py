"""The votes laid out for EM: one pass over them per iteration, in numpy.

Tasks are sorted by their number of answers, most first, so that "the j-th answer of every task that has one" is a
contiguous slice: adding layer after layer sums per task without a scatter. What a vote points at is not a worker and a
label but their pair, numbered over the pairs that occur (R of them): a table (R, K) holds log errors or counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Codes, Floats, sums
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.types import Votes

MAX_LAYERS = 64
"""Answers of a task beyond this many are added by scatter: a few crowded tasks must not cost a layer each."""

BLOCK_CELLS = 32_768
"""Cells of the posterior worked on at a time: a quarter of a megabyte."""
COUNT_AT_ONCE = 1 << 20
"""Answers counted in one go."""
CLIP = 1e-10
LOWEST = -1e6


@dataclass(frozen=True, eq=False)
class Pairs:
    """The (worker, label) pairs that occur, sorted by worker, then label. R pairs."""

    worker: Codes
    label: Codes

    def __len__(self) -> int:
        return len(self.worker)


def find_pairs(votes: Votes) -> tuple[Pairs, Codes]:
    """The (worker, label) pairs that occur among all votes, and the number of each vote's pair."""
    labels = max(len(votes.labels), 1)
    size = len(votes.workers) * labels
    wide: npt.NDArray[Any] = votes.worker if size < 2**31 else votes.worker.astype(np.int64)
    code = wide * labels + votes.label
    distinct: npt.NDArray[Any]
    if size > 8 * len(votes) + 1_000_000:
        distinct, inverse = np.unique(code, return_inverse=True)
        of_vote: Codes = inverse.astype(np.int32)
    else:
        seen = np.zeros(size, np.bool_)
        seen[code] = True
        distinct = np.flatnonzero(seen)
        of_vote = (np.cumsum(seen, dtype=np.int32) - np.int32(1)).astype(np.int32, copy=False)[code]
    worker, label = np.divmod(distinct, labels)
    return Pairs(worker.astype(np.int32), label.astype(np.int32)), of_vote


@dataclass(frozen=True, eq=False)
class Sweep:
    """What one E step found: expected counts (R, C), class counts (C,), log likelihood, posterior
    entropy (with probabilities clipped at CLIP), in nats."""

    counts: Floats
    class_counts: Floats
    log_likelihood: float
    entropy: float


def row_max(table: Floats) -> Floats:
    """The maximum of each row; over few columns one column at a time, which numpy does much faster."""
    if not 0 < table.shape[1] <= 32:
        return np.asarray(table.max(axis=1, initial=-np.inf), np.float64)
    top = table[:, 0].copy()
    for column in table.T[1:]:
        np.maximum(top, column, out=top)
    return top


def _batches(layers: list[Codes]) -> list[list[Codes]]:
    """Layers counted together: few calls for many thin layers, no long copies for thick ones."""
    batches: list[list[Codes]] = []
    room = 0
    for pairs in layers:
        if len(pairs) > room:
            batches.append([])
            room = max(COUNT_AT_ONCE, len(pairs))
        batches[-1].append(pairs)
        room -= len(pairs)
    return batches


class Layout:
    """Votes prepared for repeated E steps. `clamp` is (T,): a label code for a gold task, else -1.

    Every label may stand for `parts` hidden classes (columns), label by label; C = K * parts columns.
    """

    def __init__(self, votes: Votes, clamp: Codes | None = None, parts: int = 1) -> None:
        self.votes = votes
        self.pairs, of_vote = find_pairs(votes)
        self.parts = parts
        self.gold = np.full(len(votes.tasks), -1, np.int32) if clamp is None else clamp
        self.n_tasks, self.n_classes = len(votes.tasks), len(votes.labels) * parts
        cast = votes.votes_cast
        answers = votes.answers
        self.order = np.argsort(-answers, kind="stable")
        self.rank = np.empty(self.n_tasks, np.int32)
        self.rank[self.order] = np.arange(self.n_tasks, dtype=np.int32)
        self.in_order = bool((self.order[1:] > self.order[:-1]).all())
        task = votes.task[cast] if self.in_order else self.rank[votes.task[cast]]
        self._lay(task, of_vote[cast], answers[self.order])
        aside = np.zeros(0, np.intp) if votes.voting is None else np.flatnonzero(~votes.voting)
        self.aside_task, self.aside_pair = self.rank[votes.task[aside]], of_vote[aside]
        self.gold_rows = np.flatnonzero(self.gold[self.order] >= 0)
        self.gold_labels = self.gold[self.order][self.gold_rows]

    def _lay(self, task: Codes, pair: Codes, answers: npt.NDArray[np.int64]) -> None:
        sorted_already = bool((task[1:] >= task[:-1]).all())
        by_task = pair if sorted_already else pair[np.argsort(task, kind="stable")]
        start = np.cumsum(answers) - answers
        depth = min(int(answers.max(initial=0)), MAX_LAYERS)
        width = [int(np.searchsorted(-answers, -layer, side="left")) for layer in range(depth)]
        self.layers = [by_task[start[:w] + layer] for layer, w in enumerate(width)]
        crowded = np.flatnonzero(answers > depth)
        deep = [np.arange(start[row] + depth, start[row] + answers[row]) for row in crowded]
        self.deep_task = np.repeat(crowded, answers[crowded] - depth)
        self.deep_pair = by_task[np.concatenate(deep)] if deep else by_task[:0]
        self.batches = [(np.concatenate(batch), [len(pairs) for pairs in batch]) for batch in _batches(self.layers)]

    def log_joint(self, log_table: Floats, log_prior: Floats, low: int, high: int) -> Floats:
        """(high - low, C): log prior plus the log probability of the answers of these tasks, in layout order."""
        total = np.empty((high - low, self.n_classes))
        total[:] = log_prior
        for pairs in self.layers:
            if len(pairs) <= low:
                break
            part = pairs[low:high]
            total[: len(part)] += log_table.take(part, axis=0)
        first, last = np.searchsorted(self.deep_task, [low, high])
        if first < last:
            np.add.at(total, self.deep_task[first:last] - low, log_table[self.deep_pair[first:last]])
        return total

    def e_step(self, log_table: Floats, log_prior: Floats) -> tuple[Floats, float, float]:
        """(posterior (T, C) in layout order with gold clamped, log likelihood, entropy), the last two in nats.

        Block by block, so that the work stays in the cache.
        """
        posterior = np.empty((self.n_tasks, self.n_classes))
        block = max(64, BLOCK_CELLS // max(self.n_classes, 1))
        found = [
            self._block(log_table, log_prior, low, posterior[low : low + block])
            for low in range(0, self.n_tasks, block)
        ]
        return posterior, sum(f[0] for f in found), sum(f[1] for f in found)

    def _block(self, log_table: Floats, log_prior: Floats, low: int, out: Floats) -> tuple[float, float]:
        joint = self.log_joint(log_table, log_prior, low, low + len(out))
        first, last = np.searchsorted(self.gold_rows, [low, low + len(out)])
        if first < last:
            joint[self.gold_rows[first:last] - low] += self._outside_gold()[first:last]
        top = row_max(joint)
        joint -= top[:, None]
        np.exp(joint, out=out)
        total = out @ np.ones(self.n_classes)
        out /= total[:, None]
        logs = float(np.log(total).sum())
        np.maximum(joint, LOWEST, out=joint)
        clipped = np.count_nonzero(out < CLIP)
        entropy = logs - float(np.einsum("tk,tk->", out, joint)) - clipped * CLIP * np.log(CLIP)
        return float(top.sum()) + logs, entropy

    def _outside_gold(self) -> Floats:
        """(gold rows, C): 0 in the columns of the row's gold label, minus infinity elsewhere."""
        label = np.arange(self.n_classes) // self.parts
        return np.where(label == self.gold_labels[:, None], 0.0, -np.inf)

    def counts(self, posterior: Floats) -> Floats:
        """(R, C): how often each pair met each class, expected under a posterior in layout order."""
        found = np.empty((len(self.pairs), self.n_classes))
        for label in range(self.n_classes):
            column = np.ascontiguousarray(posterior[:, label])
            found[:, label] = self._count(column)
            if len(self.aside_task):
                found[:, label] += np.bincount(self.aside_pair, column[self.aside_task], minlength=len(self.pairs))
        return found

    def _count(self, column: Floats) -> Floats:
        """(R,): one class's column of the posterior added up over the pairs of all answers."""
        size = len(self.pairs)
        total = sums(self.deep_pair, column[self.deep_task], size)
        for pairs, widths in self.batches:
            weights = column[: widths[0]] if len(widths) == 1 else np.concatenate([column[:w] for w in widths])
            total += sums(pairs, weights, size)
        return total

    def sweep(self, log_table: Floats, log_prior: Floats) -> Sweep:
        """One E step and the counts for the next M step."""
        posterior, log_likelihood, entropy = self.e_step(log_table, log_prior)
        return Sweep(self.counts(posterior), posterior.sum(axis=0), log_likelihood, entropy)

    def posterior(self, log_table: Floats, log_prior: Floats) -> Floats:
        """(T, C) in the order of `votes.tasks`."""
        found = self.e_step(log_table, log_prior)[0]
        return found if self.in_order else found[self.rank]

    def first(self, posterior: Floats | None) -> Sweep:
        """Counts of a given posterior (T, C) in the order of `votes.tasks`, or of the vote shares with gold clamped."""
        if posterior is None:
            posterior = clamped(vote_shares(self.votes), self.gold)
        if not self.in_order:
            posterior = posterior[self.order]
        return Sweep(self.counts(posterior), posterior.sum(axis=0), float("-inf"), 0.0)
