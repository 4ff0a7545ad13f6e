"""What docs/quality.md says of simulated crowds, whose truth is known: numbers, marks and masks.

python -m bench.quality.simulated     (the crowds are those of tests/quality)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from crowd.quality import Median
from crowd.quality.mask_votes import PixelVote, Staple, WeightedPixelVote
from crowd.quality.numbers import certainty
from tests.quality.crowds import simulate_numbers
from tests.quality.test_marks import CROWD, KINDS, masked_crowd, mean_overlap, mean_right, merged, simulated

SEEDS = range(5)
PAINTERS = ("cccccc", "cccll", "ccclll", "ccctt", "cccro", "cceer")


def numbers(tolerance: float) -> tuple[list[float], list[float]]:
    """(claimed, right) for each seed: the mean certainty, and the share of medians within the tolerance."""
    claimed, right = [], []
    for seed in SEEDS:
        found, truth = simulate_numbers(tasks=600, seed=seed)
        claimed.append(float(certainty(found, tolerance)[0].mean()))
        right.append(float((np.abs(Median().fit(found).value - truth) <= tolerance).mean()))
    return claimed, right


def marks(kind: str) -> tuple[float, float]:
    """(best single worker, merged): mean score against the truth of 30 tasks."""
    shape = KINDS[kind][0]
    votes, truth = simulated(kind, tasks=30)
    alone = [
        mean_right(shape, [marks for marks, by in zip(votes.marks, votes.worker, strict=True) if by == one], truth)
        for one in range(len(CROWD))
    ]
    return max(alone), mean_right(shape, merged(votes, shape), truth)


def masks(painters: str) -> list[float]:
    """[best single worker, vote, STAPLE, weighted]: mean overlap with the truth, over three seeds."""
    rows = []
    for seed in range(3):
        votes, truth = masked_crowd(painters, seed)
        alone = [
            mean_overlap([mask for mask, by in zip(votes.masks, votes.worker, strict=True) if by == one], truth)
            for one in range(len(painters))
        ]
        fits = [method.fit(votes) for method in (PixelVote(), Staple(), WeightedPixelVote())]
        rows.append([max(alone), *(mean_overlap(fit.consensus, truth) for fit in fits)])
    return [float(value) for value in np.mean(rows, axis=0)]


def report() -> str:
    """The three tables as Markdown."""
    lines = ["| tolerance | claimed | right |", "|---|---|---|"]
    lines += [f"| {tolerance} | {_span(one)} | {_span(other)} |" for tolerance in (0.5, 1, 2)
              for one, other in [numbers(tolerance)]]  # fmt: skip
    found = {kind: marks(kind) for kind in KINDS}
    lines += ["", _row(["", *found]), _row(["---"] * (len(found) + 1))]
    for place, name in enumerate(("best single worker", "merged")):
        lines.append(_row([name, *(f"{one[place]:.3f}" for one in found.values())]))
    lines += ["", "| crowd | best single worker | vote | STAPLE | weighted |", "|---|---|---|---|---|"]
    lines += [_row([painters, *(f"{value:.3f}" for value in masks(painters))]) for painters in PAINTERS]
    return "\n".join(lines)


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.2f}–{max(values):.2f}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(report())
