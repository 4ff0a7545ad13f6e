"""Spans over tokens: Dawid-Skene on the tags of each token, then the best valid tag sequence.

Tags are BIO: "B-PER" begins a span, "I-PER" goes on inside one, "O" is outside. After N. Rodrigues, F. Pereira and B.
Ribeiro, Sequence Labeling with Multiple Annotators, Machine Learning 95, 2014 (their CRF replaced by the transitions
the crowd's own answers show).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from crowd.quality.arrays import Codes, Floats, Names, frozen
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.encode import encode_names, same_length
from crowd.quality.types import Fit, Votes

Span: TypeAlias = tuple[int, int, str]
"""(first token, one past the last token, label)"""


@dataclass(frozen=True, eq=False)
class TagVotes:
    """n answers, each one tag a token of its task."""

    tasks: Names
    workers: Names
    task: Codes
    worker: Codes
    tags: tuple[tuple[str, ...], ...]
    length: Codes

    @classmethod
    def from_tags(cls, tasks: Sequence[Any], workers: Sequence[Any], tags: Sequence[Sequence[str]]) -> TagVotes:
        """From three sequences. ValueError with the place for a tag that is not BIO, or lengths that differ."""
        same_length(tasks=tasks, workers=workers, tags=tags)
        names, task = encode_names(tasks, "task")
        worker_names, worker = encode_names(workers, "worker")
        length = np.full(len(names), -1, np.int32)
        for place, answer in enumerate(tags):
            strange = [tag for tag in answer if tag != "O" and tag[:2] not in ("B-", "I-")]
            if strange:
                raise ValueError(f"tag {strange[0]!r} at position {place} is neither O nor B-... nor I-...")
            code = task[place]
            if length[code] not in (-1, len(answer)):
                raise ValueError(
                    f"answer at position {place} has {len(answer)} tags, others of {names[code]!r} have {length[code]}"
                )
            length[code] = len(answer)
        return cls(names, worker_names, frozen(task), frozen(worker), tuple(map(tuple, tags)), frozen(length))


@dataclass(frozen=True, eq=False)
class SpanFit:
    """consensus: valid tags of each task; spans: the same as spans; confidence: mean posterior of each task's tags;
    tokens: the fit over tokens, whose tasks are "task:token" codes in order."""

    method: str
    tasks: Names
    consensus: tuple[tuple[str, ...], ...]
    spans: tuple[tuple[Span, ...], ...]
    confidence: Floats
    tokens: Fit


@dataclass(frozen=True)
class SpanDawidSkene:
    """Token-level Dawid-Skene, then Viterbi over posteriors and transitions.

    A transition's weight is how much more often the crowd made it than chance, log p(next | this) - log p(next), with
    `smoothing` added counts; "I-X" after anything but "B-X" or "I-X" is impossible.
    """

    method: DawidSkene = field(default_factory=DawidSkene)
    smoothing: float = 1.0
    transition_weight: float = 1.0

    def fit(self, votes: TagVotes) -> SpanFit:
        """Consensus tags and spans of each task."""
        start = np.cumsum(votes.length) - votes.length
        tokens = self.method.fit(_token_votes(votes, start))
        labels = tuple(map(str, tokens.labels))
        moves = self.transition_weight * _transitions(votes, labels, self.smoothing) + _allowed(labels)
        first = _allowed_first(labels)
        logs = np.log(np.maximum(tokens.posterior, 1e-12))
        paths = [_viterbi(logs[low : low + size], moves, first) for low, size in zip(start, votes.length, strict=True)]
        tags = tuple(tuple(labels[code] for code in path) for path in paths)
        sure = [
            float(tokens.posterior[np.arange(low, low + len(path)), path].mean()) if path else 1.0
            for low, path in zip(start, paths, strict=True)
        ]
        spans = tuple(spans_of(answer) for answer in tags)
        return SpanFit("span dawid-skene", votes.tasks, tags, spans, frozen(np.array(sure)), tokens)


def _token_votes(votes: TagVotes, start: Any) -> Votes:
    """Every token a task of its own."""
    sizes = [len(answer) for answer in votes.tags]
    token = np.concatenate([start[t] + np.arange(n) for t, n in zip(votes.task, sizes, strict=True)] or [np.zeros(0)])
    flat = [tag for answer in votes.tags for tag in answer]
    known = sorted(set(flat))
    place = {tag: code for code, tag in enumerate(known)}
    label = np.array([place[tag] for tag in flat], dtype=np.int32)
    worker = np.repeat(votes.worker, sizes)
    names = tuple(range(int(np.maximum(votes.length, 0).sum())))
    return Votes(names, votes.workers, tuple(known), token.astype(np.int32), worker, label)


def _transitions(votes: TagVotes, labels: tuple[str, ...], smoothing: float) -> Floats:
    place = {tag: code for code, tag in enumerate(labels)}
    counts = np.full((len(labels), len(labels)), smoothing)
    for answer in votes.tags:
        codes = [place[tag] for tag in answer]
        np.add.at(counts, (codes[:-1], codes[1:]), 1.0)
    usual = counts.sum(axis=0) / counts.sum()
    lift: Floats = np.log(counts / counts.sum(axis=1, keepdims=True)) - np.log(usual)
    return lift


def _allowed(labels: tuple[str, ...]) -> Floats:
    """0 for a valid step, minus infinity for an invalid one, [this, next]."""
    table = np.zeros((len(labels), len(labels)))
    for one, before in enumerate(labels):
        for other, after in enumerate(labels):
            if after.startswith("I-") and before not in (f"B-{after[2:]}", after):
                table[one, other] = -np.inf
    return table


def _allowed_first(labels: tuple[str, ...]) -> Floats:
    return np.array([-np.inf if tag.startswith("I-") else 0.0 for tag in labels])


def _viterbi(logs: Floats, moves: Floats, first: Floats) -> list[int]:
    """The best path of label codes through logs (tokens, K)."""
    if not len(logs):
        return []
    best = logs[0] + first
    back = []
    for row in logs[1:]:
        reach = best[:, None] + moves
        back.append(reach.argmax(axis=0))
        best = reach.max(axis=0) + row
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def spans_of(tags: Sequence[str]) -> tuple[Span, ...]:
    """Spans of a BIO sequence; an "I-X" that continues nothing begins a span, as in the CoNLL scorer."""
    spans: list[Span] = []
    begin, label = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        kind = tag[2:] if tag != "O" else ""
        if label and (tag.startswith("B-") or kind != label):
            spans.append((begin, place, label))
            label = ""
        if kind and not label:
            begin, label = place, kind
    return tuple(spans)
