"""Masks: which pixels belong to something. Run lengths as COCO writes them, and how alike two are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Flags, Floats


@dataclass(frozen=True)
class Mask:
    """Run lengths down the columns, beginning with a run of zeros (COCO's uncompressed RLE)."""

    height: int
    width: int
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if any(count < 0 for count in self.counts) or sum(self.counts) != self.height * self.width:
            raise ValueError(f"the runs do not add up to {self.height} x {self.width} pixels")

    @classmethod
    def from_pixels(cls, pixels: Flags) -> Mask:
        """From a table (height, width) of true and false."""
        flat = pixels.reshape(-1, order="F")
        return cls._from_parts(pixels.shape[0], pixels.shape[1], np.arange(len(flat)), flat)

    @classmethod
    def _from_parts(cls, height: int, width: int, starts: npt.NDArray[np.int64], inside: Flags) -> Mask:
        """From stretches of pixels that begin at `starts`, rising from 0, each inside or not."""
        changes = starts[1:][np.diff(inside)]
        ends = np.concatenate([[0] if len(inside) and inside[0] else [], changes, [height * width]]).astype(int)
        return cls(height, width, tuple(np.diff(ends, prepend=0).tolist()))

    @classmethod
    def union(cls, masks: Sequence[Mask]) -> Mask:
        """What any of them has, from the runs alone; they have one size."""
        starts, said = _stretches(masks)
        inside: Flags = np.count_nonzero(said, axis=0) > 0
        return cls._from_parts(masks[0].height, masks[0].width, starts, inside)

    @property
    def pixels(self) -> Flags:
        """(height, width), true where the mask is."""
        runs = np.array(self.counts, dtype=np.int64)
        flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        return flat.reshape((self.height, self.width), order="F")

    @property
    def edges(self) -> npt.NDArray[np.int64]:
        """(2 n,): where each run of ones begins, and where it has ended, in turn."""
        return np.cumsum(np.array(self.counts[: len(self.counts) // 2 * 2], np.int64))

    @property
    def area(self) -> int:
        return sum(self.counts[1::2])


def mask_overlap(one: Flags, other: Flags) -> float:
    """Intersection over union; two empty masks agree."""
    either = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / either if either else 1.0


def dice(one: Flags, other: Flags) -> float:
    """2 x shared / (one + other); two empty masks agree."""
    size = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / size if size else 1.0


@dataclass(frozen=True)
class MaskShape:
    """For masks as marks, several on an item: overlap by pixels, fused by the weighted vote of each pixel.

    All from the runs: no mask is unpacked, so that work and memory follow what was drawn and not the image's size.
    """

    same: float = 0.5

    def likeness(self, one: Sequence[Mask], other: Sequence[Mask]) -> Floats:
        """Masks of images of different size have nothing in common."""
        shared = np.array([_shared(mask, other) for mask in one], float).reshape(len(one), len(other))
        areas = [np.array([mask.area for mask in each], float) for each in (one, other)]
        union = areas[0][:, None] + areas[1][None] - shared
        share: Floats = np.divide(shared, union, out=np.ones_like(shared), where=union > 0)
        sizes = [[(mask.height, mask.width) for mask in each] for each in (one, other)]
        return share * [[a == b for b in sizes[1]] for a in sizes[0]]

    def fuse(self, marks: Sequence[Mask], weights: Floats) -> Mask:
        starts, said = _stretches(marks)
        return Mask._from_parts(marks[0].height, marks[0].width, starts, weights @ said > weights.sum() / 2)


def _stretches(masks: Sequence[Mask]) -> tuple[npt.NDArray[np.int64], Flags]:
    """Stretches of pixels in which no mask changes: where each begins, and which masks (n,) have it."""
    edges = [mask.edges for mask in masks]
    starts = np.unique(np.concatenate([[0], *edges])).astype(np.int64)
    said = np.array([np.searchsorted(each, starts, side="right") % 2 == 1 for each in edges])
    inside = starts < masks[0].height * masks[0].width
    return starts[inside], said[:, inside]


def _shared(mask: Mask, others: Sequence[Mask]) -> Floats:
    """(n,): the pixels that a mask has in common with each of n others."""
    ends = np.concatenate([[0], np.cumsum(np.array(mask.counts, np.int64))])
    before = np.concatenate([[0], np.cumsum(np.array(mask.counts, np.int64) * (np.arange(len(mask.counts)) % 2))])
    edges = [other.edges for other in others]
    owner = np.repeat(np.arange(len(others)), [len(each) for each in edges])
    inside = np.interp(np.concatenate(edges), ends, before)  # pixels of the mask before each edge
    sign = np.where(np.arange(len(owner)) % 2, 1, -1)  # every mask has an even number of edges
    return np.bincount(owner, weights=inside * sign, minlength=len(others)).astype(float)
