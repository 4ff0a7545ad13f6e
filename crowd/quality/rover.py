"""ROVER: several transcripts of one recording, aligned word by word and voted on.

J. G. Fiscus, A Post-Processing System to Yield Reduced Word Error Rates: ROVER, ASRU 1997. Here the alignment starts
from the medoid instead of whatever came first, and workers weigh by their agreement with the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Floats, frozen
from crowd.quality.gold import plain_text
from crowd.quality.text_distance import edit_distance, error_rate
from crowd.quality.transcripts import TextFit, Texts, medoid

NOTHING = ""
"""The word of a slot in which an answer says nothing."""


@dataclass(frozen=True)
class Rover:
    """Word-wise vote. `rounds` of weighting: 0 for equal workers.

    A worker's weight is log odds of getting a word right, from his word error rate against the last result, pooled by
    `pooling` words at the crowd's rate. Words are compared after trimming, NFC and case folding; the result is written
    in the folded form.
    """

    rounds: int = 2
    pooling: float = 20.0

    def fit(self, texts: Texts) -> TextFit:
        """The voted text of each task; score is the mean share of weight its slots won."""
        words = [tuple(plain_text(text).split()) for text in texts.text]
        groups = texts.by_task()
        weight = np.ones(len(texts.workers))
        slots = [_align(group, words) for group in groups]
        voted = [_vote(task, weight[texts.worker[group]]) for task, group in zip(slots, groups, strict=True)]
        for _ in range(self.rounds):
            weight = self._weights(texts, words, [text for text, _ in voted])
            voted = [_vote(task, weight[texts.worker[group]]) for task, group in zip(slots, groups, strict=True)]
        consensus = tuple(" ".join(text) for text, _ in voted)
        return TextFit("rover", texts.tasks, consensus, frozen(np.array([score for _, score in voted])))

    def _weights(self, texts: Texts, words: list[tuple[str, ...]], consensus: list[list[str]]) -> Floats:
        wrong, total = np.zeros(len(texts.workers)), np.zeros(len(texts.workers))
        for place, said in enumerate(words):
            key = consensus[texts.task[place]]
            wrong[texts.worker[place]] += edit_distance(said, key)
            total[texts.worker[place]] += max(len(key), len(said))
        common = wrong.sum() / max(float(total.sum()), 1.0)
        rate = (wrong + self.pooling * common) / (total + self.pooling)
        rate = np.clip(rate, 1e-3, 0.95)
        odds: Floats = np.log((1 - rate) / rate)
        return np.maximum(odds, 0.0) + 1e-3


def _align(group: list[int], words: list[tuple[str, ...]]) -> list[list[str]]:
    """Slots in order, each with one word (or NOTHING) per answer of the group, in the group's order."""
    answers = [words[place] for place in group]
    first, _ = medoid([" ".join(answer) for answer in answers], _word_similarity)
    order = [first, *(i for i in range(len(answers)) if i != first)]
    slots = [[word] for word in answers[first]]
    for place in order[1:]:
        slots = _merge(slots, answers[place])
    back = np.argsort(order)
    return [[slot[i] for i in back] for slot in slots]


def _word_similarity(one: str, other: str) -> float:
    return 1 - error_rate(one.split(), other.split()) if other else float(not one)


def _merge(slots: list[list[str]], answer: Sequence[str]) -> list[list[str]]:
    """One more answer aligned to the slots at the least cost (an unmatched word costs 1, a substitution 1)."""
    cost = _costs(slots, answer)
    size = len(slots[0]) if slots else 0
    merged: list[list[str]] = []
    i, j = len(answer), len(slots)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (answer[i - 1] not in slots[j - 1]):
            i, j = i - 1, j - 1
            merged.append([*slots[j], answer[i]])
        elif j and cost[i][j] == cost[i][j - 1] + (NOTHING not in slots[j - 1]):
            j -= 1
            merged.append([*slots[j], NOTHING])
        else:
            i -= 1
            merged.append([*[NOTHING] * max(size, 1), answer[i]])
    return merged[::-1]


def _costs(slots: list[list[str]], answer: Sequence[str]) -> list[list[int]]:
    known = [set(slot) for slot in slots]
    skip = [int(NOTHING not in slot) for slot in known]
    row = [0]
    for price in skip:
        row.append(row[-1] + price)
    cost = [row]
    for word in answer:
        last, row = row, [row[0] + 1]
        for j, slot in enumerate(known):
            row.append(min(last[j] + (word not in slot), row[j] + skip[j], last[j + 1] + 1))
        cost.append(row)
    return cost


def _vote(slots: list[list[str]], weight: Floats) -> tuple[list[str], float]:
    """(winning words, mean share of weight they won); equal weights go to the longer word, then to the later one."""
    words, shares = [], []
    for slot in slots:
        votes: dict[str, float] = {}
        for word, heavy in zip(slot, weight.tolist(), strict=True):
            votes[word] = votes.get(word, 0.0) + heavy
        best = max(votes, key=lambda word: (round(votes[word], 9), len(word), word))
        shares.append(votes[best] / max(float(weight.sum()), 1e-300))
        if best != NOTHING:
            words.append(best)
    return words, float(np.mean(shares)) if shares else 1.0
