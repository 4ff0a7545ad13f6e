"""Transcripts, compared and merged word by word; see crowd.quality.rover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowd.quality.gold import words_right
from crowd.quality.kinds.base import Merging, Together
from crowd.quality.rover import Rover
from crowd.quality.transcripts import Texts


@dataclass(frozen=True)
class TranscriptJudge:
    """The share of words that are right; several transcripts become one by the vote on each word."""

    def score(self, answer: str, key: str) -> float:
        return words_right(answer, key)

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[str]) -> Merging:
        fit = Rover().fit(Texts.from_texts(tasks, workers, values))
        merged = {
            task: Together(text, None, {"sureness": round(float(score), 6)})
            for task, text, score in zip(fit.tasks, fit.consensus, fit.score, strict=True)
        }
        right: dict[Any, list[float]] = {}
        for task, worker, value in zip(tasks, workers, values, strict=True):
            right.setdefault(worker, []).append(words_right(value, merged[task].value))
        return Merging(merged, {worker: sum(shares) / len(shares) for worker, shares in right.items()})


def transcript(settings: Mapping[str, Any]) -> TranscriptJudge:
    return TranscriptJudge()
