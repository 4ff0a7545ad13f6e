"""Ratings on a scale of whole numbers; see crowd.quality.ordinal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowd.quality.kinds.base import Merging, Together
from crowd.quality.ordinal import Ordinal, ratings
from crowd.quality.types import Votes


@dataclass(frozen=True)
class RatingJudge:
    """A rating within `tolerance` of the key scores 1, any other less by its distance on the scale."""

    lowest: int
    highest: int
    tolerance: int = 0

    def score(self, answer: int, key: int) -> float:
        off = max(0, abs(answer - key) - self.tolerance)
        return 1 - off / (self.highest - self.lowest)

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[int]) -> Merging:
        """The posterior median, which is off by least; biases and spreads of the workers are inferred with it."""
        if not values:
            return Merging({}, {})
        steps = [str(step) for step in range(self.lowest, self.highest + 1)]
        fit = Ordinal().fit(Votes.from_labels(tasks, workers, [str(value) for value in values], known_labels=steps))
        found = ratings(fit)
        merged = {}
        for row, task in enumerate(fit.tasks):
            spread = {step: round(float(p), 6) for step, p in zip(steps, fit.posterior[row], strict=True)}
            median = self.lowest + int(found.median[row])
            details = {"distribution": spread, "mean": round(self.lowest + float(found.mean[row]), 4)}
            merged[task] = Together(median, spread[str(median)], details)
        accuracy = {worker: float(share) for worker, share in zip(fit.workers, fit.accuracy, strict=True)}
        return Merging(merged, accuracy)


def rating(settings: Mapping[str, Any]) -> RatingJudge:
    return RatingJudge(settings["lowest"], settings["highest"], settings["tolerance"])
