"""Records: named values, each merged by its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from crowd.quality.gold import plain_text
from crowd.quality.kinds.base import Merging, Together
from crowd.quality.kinds.closed import vote
from crowd.quality.transcripts import medoid

EMPTY = "\0empty"
CLOSED = ("choice", "flag", "date")


@dataclass(frozen=True)
class RecordJudge:
    """`types`: field to its type. A field that is left empty says that there is nothing."""

    types: Mapping[str, str]

    def score(self, answer: Mapping[str, Any], key: Mapping[str, Any]) -> float:
        """The share of fields, of those that either holds, that are equal; texts without regard to case."""
        names = [name for name in self.types if name in answer or name in key]
        right = [_plain(answer.get(name)) == _plain(key.get(name)) for name in names]
        return sum(right) / len(right) if right else 1.0

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Mapping[str, Any]]) -> Merging:
        """A vote on whether a field is filled, or on its label; then the median of numbers, the medoid of texts."""
        value: dict[Any, dict[str, Any]] = {task: {} for task in tasks}
        sure: dict[Any, dict[str, float]] = {task: {} for task in tasks}
        shares: dict[Any, list[float]] = {worker: [] for worker in workers}
        for name, type in self.types.items():
            said = [one.get(name) for one in values]
            words = [_word(one, type) for one in said]
            found = vote(tasks, workers, words, sorted({*words, EMPTY, "filled"}))
            given = dict[Any, list[Any]]()
            for task, one in zip(tasks, said, strict=True):
                given.setdefault(task, []).extend([] if one is None else [one])
            for task, word in found.label.items():
                sure[task][name] = round(found.posterior[task][word], 6)
                if word != EMPTY:
                    value[task][name] = _merged(given[task], type, word)
            for worker, accuracy in found.accuracy.items():
                shares[worker].append(accuracy)
        merged = {task: Together(value[task], None, {"posteriors": sure[task]}) for task in value}
        return Merging(merged, {worker: sum(each) / len(each) for worker, each in shares.items() if each})


def _plain(value: Any) -> Any:
    return plain_text(value) if isinstance(value, str) else value


def _word(value: Any, type: str) -> str:
    if value is None:
        return EMPTY
    return str(value) if type in CLOSED else "filled"


def _merged(given: Sequence[Any], type: str, word: str) -> Any:
    if type in CLOSED:
        return next(one for one in given if str(one) == word)
    if type == "text":
        return given[medoid(list(given))[0]]
    middle = median(given)
    return round(middle) if type == "integer" or middle == int(middle) else middle


def record(settings: Mapping[str, Any]) -> RecordJudge:
    return RecordJudge({field["name"]: field["type"] for field in settings["fields"]})
