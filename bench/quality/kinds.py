"""Numbers, spans and transcripts on public sets, beside the simple method or crowd-kit's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bench.quality.sets import rows
from crowd.quality import Median, Medoid, Numbers, Rover, SpanDawidSkene, TagVotes, Texts, WorkerScales, spans_of
from crowd.quality.gold import plain_text
from crowd.quality.text_distance import edit_distance


def numbers() -> dict[str, tuple[float, float]]:
    """(mean absolute error, root mean square error) on n_emotion."""
    gold = {row["task"]: float(row["value"]) for row in rows("n_emotion", "gold.csv")}
    answers = rows("n_emotion", "answers.csv")
    votes = Numbers.from_values(
        [r["task"] for r in answers], [r["worker"] for r in answers], [float(r["value"]) for r in answers]
    )
    mean = np.bincount(votes.task, votes.value) / np.bincount(votes.task)
    truth = np.array([gold[str(task)] for task in votes.tasks])
    values = {"mean": mean, "Median": Median().fit(votes).value, "WorkerScales": WorkerScales().fit(votes).value}
    return {
        name: (float(np.abs(v - truth).mean()), float(np.sqrt(((v - truth) ** 2).mean()))) for name, v in values.items()
    }


def spans() -> dict[str, float]:
    """Span F1 over all sentences of conll_ner_crowd."""
    gold = {row["task"]: spans_of(row["tags"].split()) for row in rows("conll_ner_crowd", "gold.csv")}
    answers = rows("conll_ner_crowd", "answers.csv")
    votes = TagVotes.from_tags(
        [r["task"] for r in answers], [r["worker"] for r in answers], [r["tags"].split() for r in answers]
    )
    grouped: list[list[Sequence[str]]] = [[] for _ in votes.tasks]
    for task, tags in zip(votes.task, votes.tags, strict=True):
        grouped[task].append(tags)
    majority = [[Counter(sorted(column)).most_common(1)[0][0] for column in zip(*g, strict=True)] for g in grouped]
    truth = [gold[str(task)] for task in votes.tasks]
    return {
        "token majority": span_f1(map(spans_of, majority), truth),
        "SpanDawidSkene": span_f1(SpanDawidSkene().fit(votes).spans, truth),
    }


def span_f1(found: Iterable[Sequence[Any]], truth: Iterable[Sequence[Any]]) -> float:
    """Micro F1."""
    shared = given = known = 0
    for one, other in zip(found, truth, strict=True):
        shared, given, known = shared + len(set(one) & set(other)), given + len(set(one)), known + len(set(other))
    return 2 * shared / (given + known)


def transcripts() -> dict[str, float]:
    """Word error rate over all words of crowdspeech_test_clean500, case folded."""
    gold = {row["task"]: plain_text(row["text"]).split() for row in rows("crowdspeech_test_clean500", "gold.csv")}
    answers = rows("crowdspeech_test_clean500", "answers.csv")
    texts = Texts.from_texts(*([r[c] for r in answers] for c in ("task", "worker", "text")))
    found = {"Medoid": Medoid().fit(texts).consensus, "Rover, equal workers": Rover(rounds=0).fit(texts).consensus}
    found["Rover"] = Rover().fit(texts).consensus
    theirs = _crowdkit(answers)
    if theirs is not None:
        found["crowd-kit ROVER"] = tuple(theirs[task] for task in texts.tasks)
    return {name: word_errors(texts.tasks, consensus, gold) for name, consensus in found.items()}


def word_errors(tasks: Sequence[Any], consensus: Sequence[str], gold: dict[str, list[str]]) -> float:
    """Edits over all tasks / words of all keys."""
    edits = sum(edit_distance(plain_text(c).split(), gold[str(t)]) for t, c in zip(tasks, consensus, strict=True))
    return edits / sum(len(gold[str(t)]) for t in tasks)


def _crowdkit(answers: list[dict[str, str]]) -> Any:
    try:
        import pandas as pd  # type: ignore[import-untyped, unused-ignore]
        from crowdkit.aggregation import ROVER
    except ImportError:
        return None
    frame = pd.DataFrame(answers)
    frame["text"] = frame["text"].str.lower()
    return ROVER(lambda text: text.split(" "), lambda words: " ".join(words)).fit_predict(frame)


def report() -> str:
    """Three lists."""
    lines = ["n_emotion, error against gold (mean absolute, root mean square):"]
    lines += [f"- {name}: {absolute:.3f}, {square:.3f}" for name, (absolute, square) in numbers().items()]
    lines += ["", "conll_ner_crowd, span F1:", *(f"- {name}: {value:.4f}" for name, value in spans().items())]
    lines += ["", "crowdspeech_test_clean500, word error rate:"]
    lines += [f"- {name}: {value:.4f}" for name, value in transcripts().items()]
    return "\n".join(lines)
