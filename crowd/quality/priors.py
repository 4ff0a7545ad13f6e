"""What is believed about a worker before he answered: Dirichlet pseudo-counts for every column of his confusion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crowd.quality.arrays import Floats
from crowd.quality.layout import Pairs


@dataclass(frozen=True, eq=False)
class PseudoCounts:
    """cells (R, K): pseudo-count of each occurring (worker, label) pair under each true label;
    totals (W, K): their sum over all labels, also those the worker never gave;
    dense(): all of them, (W, K, K) or (1, K, K), [worker, true, given]."""

    cells: Floats
    totals: Floats
    dense: Callable[[], Floats]


class Prior(Protocol):
    """A rule that gives pseudo-counts, perhaps learnt from the counts of the whole crowd."""

    @property
    def class_weight(self) -> float:
        """Pseudo-count of every class."""
        ...

    def pseudo_counts(self, pairs: Pairs, counts: Floats, n_workers: int) -> PseudoCounts:
        """Pseudo-counts given the expected counts (R, K) so far."""
        ...


@dataclass(frozen=True)
class Dirichlet:
    """The same pseudo-counts for everybody: `cell` everywhere and `diagonal` more where given and true label agree."""

    cell: float = 0.5
    diagonal: float = 2.0
    class_weight: float = 1.0

    def __post_init__(self) -> None:
        if not (self.cell > 0 and self.diagonal >= 0 and self.class_weight >= 0):
            raise ValueError(f"{self}: wanted cell > 0, diagonal >= 0 and class_weight >= 0")

    def pseudo_counts(self, pairs: Pairs, counts: Floats, n_workers: int) -> PseudoCounts:
        """See `Prior`."""
        n_labels = counts.shape[1]
        cells = self.cell + self.diagonal * (pairs.label[:, None] == np.arange(n_labels))
        totals = np.full((n_workers, n_labels), n_labels * self.cell + self.diagonal)
        return PseudoCounts(cells, totals, lambda: (self.cell + self.diagonal * np.eye(n_labels))[None])
