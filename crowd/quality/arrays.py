"""Names for the array types used everywhere here, and the two helpers nearly every file needs."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Name: TypeAlias = str | int
Names: TypeAlias = tuple[Name, ...]
Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int32]
Flags: TypeAlias = npt.NDArray[np.bool_]
A = TypeVar("A", bound=npt.NDArray[Any])

TIE = 1e-9
"""Two posterior probabilities closer than this are tied: the order of a sum must not choose a label."""


def frozen(array: A) -> A:
    """The same array, made read-only."""
    array.flags.writeable = False
    return array


def sums(index: npt.NDArray[Any], weights: Floats, size: int) -> Floats:
    """(size,): the weights added up at each index."""
    added: Floats = np.bincount(index, weights, minlength=size).astype(np.float64, copy=False)
    return added


def aligned_zeros(shape: tuple[int, ...]) -> Floats:
    """Zeros that begin at a cache line (64 bytes), so that a row of 8 numbers never needs two."""
    size = int(np.prod(shape))
    raw = np.zeros(size + 8)
    skip = (-raw.ctypes.data // 8) % 8
    return raw[skip : skip + size].reshape(shape)


def rows_to_one(weights: Floats) -> Floats:
    """Each row divided by its sum; a row of zeros becomes uniform. Shape (rows, K) in and out."""
    total = weights.sum(axis=-1, keepdims=True)
    uniform = np.full_like(weights, 1.0 / max(weights.shape[-1], 1))
    shares: Floats = np.divide(weights, total, out=uniform, where=total > 0)
    return shares
