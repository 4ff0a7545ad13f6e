"""Masks of a crowd merged: the pixel vote, weighted by worker, and STAPLE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Codes, Flags, Floats, Names, frozen, sums
from crowd.quality.em import check_positive, check_stop
from crowd.quality.encode import encode_names, same_length
from crowd.quality.masks import Mask


@dataclass(frozen=True, eq=False)
class MaskVotes:
    """n answers, each one mask of its task; masks of a task have one size."""

    tasks: Names
    workers: Names
    task: Codes
    worker: Codes
    masks: tuple[Mask, ...]

    @classmethod
    def from_masks(cls, tasks: Sequence[Any], workers: Sequence[Any], masks: Sequence[Mask]) -> MaskVotes:
        """From three sequences. ValueError for lengths that differ, or masks of a task that differ in size."""
        same_length(tasks=tasks, workers=workers, masks=masks)
        names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        size: dict[int, tuple[int, int]] = {}
        for place, (code, mask) in enumerate(zip(task.tolist(), masks, strict=True)):
            wanted = size.setdefault(code, (mask.height, mask.width))
            if wanted != (mask.height, mask.width):
                raise ValueError(
                    f"mask at position {place} is {mask.height} x {mask.width}, others of {tasks[place]!r} are "
                    f"{wanted[0]} x {wanted[1]}"
                )
        return cls(names, worker_names, frozen(task), frozen(worker), tuple(masks))

    def by_task(self) -> list[dict[int, Mask]]:
        """For each task, worker code to mask; of a repeated pair the last."""
        found: list[dict[int, Mask]] = [{} for _ in self.tasks]
        for task, worker, mask in zip(self.task.tolist(), self.worker.tolist(), self.masks, strict=True):
            found[task][worker] = mask
        return found


@dataclass(frozen=True, eq=False)
class MaskFit:
    """consensus: the merged mask of each task; confidence (T,): mean posterior of its pixels that anybody marked;
    sensitivity, specificity (W,): the share of a worker's pixels inside, and outside near it, that he got right."""

    tasks: Names
    workers: Names
    consensus: tuple[Mask, ...]
    confidence: Floats
    sensitivity: Floats
    specificity: Floats
    iterations: int


@dataclass(frozen=True)
class PixelVote:
    """Every pixel that more than half of the workers marked."""

    def fit(self, votes: MaskVotes) -> MaskFit:
        merged, sure = [], []
        for masks in votes.by_task():
            share = np.mean([mask.pixels for mask in masks.values()], axis=0)
            merged.append(Mask.from_pixels(share > 0.5))
            seen = share > 0
            sure.append(float(np.maximum(share, 1 - share)[seen].mean()) if seen.any() else 1.0)
        rates = _rates(votes, merged)
        return MaskFit(votes.tasks, votes.workers, tuple(merged), frozen(np.array(sure)), *rates, iterations=0)


@dataclass(frozen=True)
class WeightedPixelVote:
    """Every pixel that workers of more than half of the weight marked; a worker weighs his mean Dice coefficient with
    what the others say together, to the power `power`.

    Starts from the mean with each other worker alone, so that a minority of careful workers is found among several who
    paint nothing or anything. T. Langerak et al., Label Fusion in Atlas-Based Segmentation Using a Selective and
    Iterative Method for Performance Level Estimation (SIMPLE), IEEE TMI 29, 2010, with weights from all tasks together.
    """

    power: float = 4.0
    rounds: int = 10

    def __post_init__(self) -> None:
        if not self.power > 0 or self.rounds < 1:
            raise ValueError(f"power={self.power}, rounds={self.rounds}: wanted more than 0, and 1 or more")

    def fit(self, votes: MaskVotes) -> MaskFit:
        patterns = [_patterns(masks) for masks in votes.by_task()]
        size = len(votes.workers)
        weights = self._weights([_among_each_other(pattern) for pattern in patterns], patterns, size)
        for _ in range(self.rounds):
            before = weights
            weights = self._weights([_with_the_rest(pattern, weights) for pattern in patterns], patterns, size)
            if np.abs(weights - before).max(initial=0.0) < 1e-9:
                break
        share = [pattern.said @ weights[pattern.workers] / weights[pattern.workers].sum() for pattern in patterns]
        merged = [pattern.mask(for_it > 0.5) for pattern, for_it in zip(patterns, share, strict=True)]
        sure = np.array([pattern.confidence(for_it) for pattern, for_it in zip(patterns, share, strict=True)])
        return MaskFit(
            votes.tasks, votes.workers, tuple(merged), frozen(sure), *_rates(votes, merged), iterations=self.rounds
        )

    def _weights(self, alike: Sequence[Floats], patterns: Sequence[_Pattern], size: int) -> Floats:
        """From each task's Dice coefficients, nan where both masks are empty; nobody counts for nothing."""
        total, count = np.zeros(size), np.zeros(size)
        for pattern, each in zip(patterns, alike, strict=True):
            known = ~np.isnan(each)
            total[pattern.workers[known]] += each[known]
            count[pattern.workers[known]] += 1
        mean = np.divide(total, count, out=np.ones(size), where=count > 0)
        weights: Floats = np.maximum(mean, 0.05) ** self.power
        return weights


@dataclass(frozen=True)
class Staple:
    """EM over pixels: a worker has a sensitivity and a specificity, and what is inside is inferred with them.

    S. Warfield, K. Zou and W. Wells, Simultaneous Truth and Performance Level Estimation (STAPLE), IEEE TMI 23, 2004.
    One change: a worker's rates are his over all tasks, drawn towards `prior` : 1 by a thousandth of his pixels. Pixels
    on which the workers voted alike are one row with a count, which changes nothing and makes an image as quick as its
    patterns. Known to follow the crowd's common habit of painting too much, and to let a large empty background make
    everybody's specificity 1: `WeightedPixelVote` was nearer to the truth in most simulated crowds (docs/quality.md).
    """

    max_iterations: int = 100
    tolerance: float = 1e-6
    prior: float = 9.0

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)
        check_positive(prior=self.prior)

    def fit(self, votes: MaskVotes) -> MaskFit:
        """Merged masks; the rates of who marked nothing anywhere are the prior's."""
        patterns = [_patterns(masks) for masks in votes.by_task()]
        size = len(votes.workers)
        sensitivity = specificity = np.full(size, self.prior / (self.prior + 1))
        inside = [pattern.said.mean(axis=1) for pattern in patterns]
        last, rounds = -np.inf, 0
        while rounds < self.max_iterations:
            sensitivity, specificity = self._maximise(patterns, inside, size)
            inside, reached = _expect(patterns, inside, sensitivity, specificity)
            rounds += 1
            if reached - last < self.tolerance:
                break
            last = reached
        merged = [pattern.mask(p > 0.5) for pattern, p in zip(patterns, inside, strict=True)]
        sure = np.array([pattern.confidence(p) for pattern, p in zip(patterns, inside, strict=True)])
        return MaskFit(
            votes.tasks, votes.workers, tuple(merged), frozen(sure), frozen(sensitivity), frozen(specificity), rounds
        )

    def _maximise(self, patterns: Sequence[_Pattern], inside: Sequence[Floats], size: int) -> tuple[Floats, Floats]:
        right, count = np.zeros((2, size)), np.zeros((2, size))
        for pattern, p in zip(patterns, inside, strict=True):
            for kind, weight, agrees in ((0, p, pattern.said), (1, 1 - p, ~pattern.said)):
                pixels = pattern.count * weight
                right[kind, pattern.workers] += pixels @ agrees
                count[kind, pattern.workers] += pixels.sum()
        unit = np.maximum(count.max(axis=1, keepdims=True), 1.0) / 1000
        sensitivity, specificity = (right + self.prior * unit) / (count + (self.prior + 1) * unit)
        return sensitivity, specificity


@dataclass(frozen=True, eq=False)
class _Pattern:
    """One task's pixels: said (P, W) who marked the pixels of each pattern, count (P,) how many there are,
    place (h, w) the pattern of each pixel."""

    workers: Codes
    said: Flags
    count: Floats
    place: npt.NDArray[np.int64]

    def mask(self, inside: Flags) -> Mask:
        return Mask.from_pixels(inside[self.place])

    def confidence(self, inside: Floats) -> float:
        marked = self.said.any(axis=1)
        if not marked.any():
            return 1.0
        return float(np.average(np.maximum(inside, 1 - inside)[marked], weights=self.count[marked]))


def _patterns(masks: Mapping[int, Mask]) -> _Pattern:
    pixels = np.array([mask.pixels for mask in masks.values()])
    said, place, count = np.unique(pixels.reshape(len(pixels), -1).T, axis=0, return_inverse=True, return_counts=True)
    workers = np.fromiter(masks, np.int32, len(masks))
    return _Pattern(workers, said, count.astype(float), place.reshape(pixels.shape[1:]))


def _among_each_other(pattern: _Pattern) -> Floats:
    """(W,): mean Dice coefficient of each worker's mask with every other's; nan where that is never defined."""
    said = pattern.said.astype(float)
    shared = (said * pattern.count[:, None]).T @ said
    size = np.diag(shared)
    both = size[:, None] + size[None]
    alike = np.divide(2 * shared, both, out=np.full_like(shared, np.nan), where=both > 0)
    np.fill_diagonal(alike, np.nan)
    known = ~np.isnan(alike)
    mean: Floats = np.divide(
        np.where(known, alike, 0).sum(axis=1),
        known.sum(axis=1),
        out=np.full(len(size), np.nan),
        where=known.any(axis=1),
    )
    return mean


def _with_the_rest(pattern: _Pattern, weights: Floats) -> Floats:
    """(W,): Dice coefficient of each worker's mask with the weighted vote of the others; nan for two empty ones."""
    mine = weights[pattern.workers]
    rest = (pattern.said @ mine)[:, None] - pattern.said * mine > (mine.sum() - mine) / 2
    shared = pattern.count @ (rest & pattern.said)
    both = pattern.count @ rest.astype(float) + pattern.count @ pattern.said
    alike: Floats = np.divide(2 * shared, both, out=np.full(len(mine), np.nan), where=both > 0)
    return alike


def _expect(
    patterns: Sequence[_Pattern], before: Sequence[Floats], sensitivity: Floats, specificity: Floats
) -> tuple[list[Floats], float]:
    """Posteriors that a pattern's pixels are inside, and the log likelihood a pixel."""
    found, total, pixels = [], 0.0, 0.0
    for pattern, old in zip(patterns, before, strict=True):
        share = np.clip(np.average(old, weights=pattern.count), 1e-6, 1 - 1e-6)
        se, sp = sensitivity[pattern.workers], specificity[pattern.workers]
        yes = np.log(share) + np.where(pattern.said, np.log(se), np.log1p(-se)).sum(axis=1)
        no = np.log1p(-share) + np.where(pattern.said, np.log1p(-sp), np.log(sp)).sum(axis=1)
        both = np.logaddexp(yes, no)
        found.append(np.exp(yes - both))
        total += float(pattern.count @ both)
        pixels += float(pattern.count.sum())
    return found, total / max(pixels, 1.0)


def _rates(votes: MaskVotes, merged: Sequence[Mask]) -> tuple[Floats, Floats]:
    """Each worker's sensitivity and specificity against the merged masks; nan where there was nothing to judge."""
    hit = np.zeros((len(votes.masks), 4))
    whole = [mask.pixels for mask in merged]
    for place, (task, mask) in enumerate(zip(votes.task, votes.masks, strict=True)):
        said, is_in = mask.pixels, whole[task]
        hit[place] = (
            np.count_nonzero(said & is_in),
            np.count_nonzero(is_in),
            np.count_nonzero(~said & ~is_in),
            np.count_nonzero(~is_in),
        )
    size = len(votes.workers)
    inside, all_in, outside, all_out = (sums(votes.worker, column, size) for column in hit.T)
    with np.errstate(invalid="ignore"):
        return frozen(inside / all_in), frozen(outside / all_out)
