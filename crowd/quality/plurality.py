"""Agreement by plurality over the questions of one task, as Mechanical Turk's review policy SimplePlurality/2011-09-01
counts it. Whole per cent, rounded down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

MOST_CHARACTERS = 256
"""Longer texts are left out: nobody types such a text twice."""


@dataclass(frozen=True)
class Plurality:
    """`questions`: per cent of the workers on the top answer, None where no answer passed the threshold; `task`: agreed
    questions of all that were answered; `workers`: of the agreed questions those where a worker gave the top answer,
    None where nothing was agreed."""

    questions: Mapping[str, int | None]
    answers: Mapping[str, Hashable]
    task: int
    workers: Mapping[str, int | None]


def simple_plurality(said: Mapping[str, Mapping[str, Hashable]], threshold: int) -> Plurality:
    """`said`: worker -> question -> answer. A question is agreed when more than `threshold` per cent (0 to 100) give
    its top answer. Raises ValueError for another threshold."""
    if not 0 <= threshold <= 100:
        raise ValueError(f"threshold={threshold}: wanted a whole number from 0 to 100")
    names = list(dict.fromkeys(question for answers in said.values() for question in answers))
    questions: dict[str, int | None] = {}
    agreed: dict[str, Hashable] = {}
    for name in names:
        given = [
            answers[name] for answers in said.values() if name in answers and len(str(answers[name])) <= MOST_CHARACTERS
        ]
        top, count = Counter(given).most_common(1)[0] if given else (None, 0)
        share = 100 * count / max(len(given), 1)
        questions[name] = int(share) if share > threshold else None
        if share > threshold:
            agreed[name] = top
    workers = {
        worker: int(100 * sum(answers.get(name) == top for name, top in agreed.items()) / len(agreed))
        if agreed
        else None
        for worker, answers in said.items()
    }
    return Plurality(questions, agreed, int(100 * len(agreed) / len(names)) if names else 0, workers)
