"""Marks of any shape as JSON: ``[{"label": ..., geometry ..., "text": ...}, ...]``; see crowd.quality.marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crowd.quality.gold import characters_right
from crowd.quality.kinds.base import Merging, Together
from crowd.quality.marks import Found, Mark, MarkFit, MarkVotes, MergeMarks, Shape, matched
from crowd.quality.transcripts import medoid

G = TypeVar("G")
JsonMark = Mapping[str, Any]


@dataclass(frozen=True)
class MarkJudge(Generic[G]):
    """Marks with a `shape`; `read` takes a mark's geometry out of its JSON, `write` makes JSON of one.

    `arrange` brings a merged answer, most certain first, into the kind's canonical form.
    """

    shape: Shape[G]
    read: Callable[[JsonMark], G]
    write: Callable[[G], dict[str, Any]]
    arrange: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list

    def score(self, answer: Sequence[JsonMark], key: Sequence[JsonMark]) -> float:
        """Panoptic quality over marks of equal label (crowd.quality.marks.marks_right); where the key has texts, each
        pair counts times the share of characters that are right."""
        pairs = matched(self.shape, self._marks(answer), self._marks(key))
        size = (len(answer) + len(key)) / 2
        right = sum(alike * _text_right(answer[i], key[j]) for i, j, alike in pairs)
        return min(right / size, 1.0) if size else 1.0

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Any]) -> Merging:
        votes = MarkVotes.from_marks(tasks, workers, [self._marks(value) for value in values])
        fit = MergeMarks(self.shape).fit(votes)
        answers = {(task, worker): value for task, worker, value in zip(tasks, workers, values, strict=True)}
        together = {task: self._together(task, place, fit, answers) for place, task in enumerate(fit.tasks)}
        accuracy = {
            worker: None if share != share else float(share)  # nan: he met nothing
            for worker, share in zip(fit.workers, fit.accuracy, strict=True)
        }
        return Merging({task: together[task] for task in dict.fromkeys(tasks)}, accuracy)

    def _marks(self, value: Sequence[JsonMark]) -> list[Mark[G]]:
        return [Mark(self.read(one), str(one["label"])) for one in value]

    def _together(
        self, task: Any, place: int, fit: MarkFit[G], answers: Mapping[tuple[Any, Any], Sequence[JsonMark]]
    ) -> Together:
        found, doubtful = fit.found[place], fit.doubtful[place]
        marks = [self._written(one, task, answers) for one in found]
        sure = {id(mark): round(one.posterior, 6) for mark, one in zip(marks, found, strict=True)}
        value = self.arrange(marks)
        details = {
            "posteriors": [sure[id(mark)] for mark in value],
            "doubtful": [
                self._written(one, task, answers) | {"posterior": round(one.posterior, 6)} for one in doubtful
            ],
        }
        return Together(value, None, details)

    def _written(
        self, one: Found[G], task: Any, answers: Mapping[tuple[Any, Any], Sequence[JsonMark]]
    ) -> dict[str, Any]:
        mark = {"label": one.label} | self.write(one.geometry)
        texts = [text for worker in one.workers for text in self._texts(one, answers[task, worker])]
        return mark | ({"text": texts[medoid(texts)[0]]} if texts else {})

    def _texts(self, one: Found[G], said: Sequence[JsonMark]) -> list[str]:
        """What a worker who marked this wrote at it: the text of his mark that is nearest."""
        if not any(mark.get("text") for mark in said):
            return []
        near = self.shape.likeness([self.read(mark) for mark in said], [one.geometry])[:, 0]
        nearest = said[int(near.argmax())]
        return [nearest["text"]] if nearest.get("text") else []


def _text_right(answer: JsonMark, key: JsonMark) -> float:
    return characters_right(answer.get("text", ""), key["text"]) if key.get("text") else 1.0


def rounded(value: float) -> float:
    """Pixels and seconds as answers hold them."""
    return round(float(value), 2)
