"""Which method merges the answers to which kind of question. Pure: answers in, merged values out.

To add a method for closed questions: an entry in CLOSED. To add a kind: an entry in MERGE.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crowd.consensus.answers import Given, Key
from crowd.kernel.errors import BadInput
from crowd.labeling.kinds import Choice, MultiChoice, Question
from crowd.quality import DawidSkene, MajorityVote, Votes
from crowd.quality.numbers import median
from crowd.quality.transcripts import medoid

CLOSED: Mapping[str, Callable[..., Any]] = {"dawid-skene": DawidSkene, "majority-vote": MajorityVote}


@dataclass(frozen=True)
class Merged:
    """The merged answer for one key. `posterior` is of `value`, None where the kind has none."""

    value: Any
    posterior: float | None = None
    distribution: Mapping[str, float] = field(default_factory=dict)
    tied: bool = False


@dataclass(frozen=True)
class Judged:
    """What the model found out about a worker; `confusion[true][said]` in label order, None where there is no model."""

    accuracy: float | None = None
    confusion: list[list[float]] | None = None


@dataclass(frozen=True)
class Result:
    merged: Mapping[Key, Merged]
    workers: Mapping[int, Judged]
    figures: Mapping[str, Any]


def check(method: str, parameters: Mapping[str, Any]) -> None:
    """Raises BadInput for a method or a parameter that is not known."""
    _closed(method, parameters)


def merge(
    question: Question, given: Given, *, gold: Mapping[Key, Any], method: str, parameters: Mapping[str, Any]
) -> Result:
    """Merge the answers to one question; `gold` are the known answers, which are clamped."""
    if not given.keys:
        return Result({}, {}, {})
    return MERGE[question.kind](question, given, gold, _closed(method, parameters))


def _closed(method: str, parameters: Mapping[str, Any]) -> Any:
    if method not in CLOSED:
        raise BadInput(errors={"aggregation_method": f"One of {', '.join(CLOSED)}."})
    try:
        return CLOSED[method](**parameters)
    except (TypeError, ValueError) as error:
        raise BadInput(errors={"aggregation_parameters": str(error)}) from error


def _choice(question: Choice, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    fit = _fit(given, given.values, [label.name for label in question.labels], gold, method)
    merged = {
        key: Merged(
            value=fit.consensus[row],
            posterior=float(fit.confidence[row]),
            distribution={label: float(p) for label, p in zip(fit.labels, fit.posterior[row], strict=True)},
            tied=bool(fit.tied[row]),
        )
        for row, key in enumerate(_keys(given))
    }
    workers = {
        worker: Judged(float(fit.accuracy[row]), fit.confusion[row].round(6).tolist())
        for row, worker in enumerate(fit.workers)
    }
    return Result(merged, workers, _figures(fit))


def _multi_choice(question: MultiChoice, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    """Each label is a yes or no question of its own; the merged answer holds the labels that come out as yes."""
    fits = {
        label.name: _fit(
            given,
            ["yes" if label.name in value else "no" for value in given.values],
            ["no", "yes"],
            {key: "yes" if label.name in right else "no" for key, right in gold.items()},
            method,
        )
        for label in question.labels
    }
    yes = {name: fit.posterior[:, 1] for name, fit in fits.items()}
    merged = {
        key: _together({name: float(column[row]) for name, column in yes.items()})
        for row, key in enumerate(_keys(given))
    }
    some = next(iter(fits.values()))
    workers = {
        worker: Judged(sum(float(fit.accuracy[row]) for fit in fits.values()) / len(fits))
        for row, worker in enumerate(some.workers)
    }
    return Result(merged, workers, {name: _figures(fit) for name, fit in fits.items()})


def _together(yes: Mapping[str, float]) -> Merged:
    """Labels at even odds are left out, and the answer is marked as tied."""
    posterior = 1.0
    for p in yes.values():
        posterior *= max(p, 1 - p)
    tied = any(abs(p - 0.5) < 1e-9 for p in yes.values())
    return Merged([name for name, p in yes.items() if p > 0.5 + 1e-9], posterior, dict(yes), tied)


def _number(question: Question, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    groups = _groups(given, given.values)
    merged = {key: Merged(gold[key] if key in gold else median(values)) for key, values in groups.items() if values}
    return Result(merged, {worker: Judged() for worker in given.workers}, {})


def _text(question: Question, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    groups = _groups(given, given.values)
    merged = {
        key: Merged(gold[key] if key in gold else texts[medoid(texts)[0]]) for key, texts in groups.items() if texts
    }
    return Result(merged, {worker: Judged() for worker in given.workers}, {})


MERGE: Mapping[str, Callable[[Any, Given, Mapping[Key, Any], Any], Result]] = {
    "choice": _choice,
    "multi-choice": _multi_choice,
    "number": _number,
    "text": _text,
}


def _fit(given: Given, labels: Sequence[str], known: Sequence[str], gold: Mapping[Key, Any], method: Any) -> Any:
    """Keys go in as their place in the order of first appearance, which is the fixed order of the answers."""
    place = {key: index for index, key in enumerate(_keys(given))}
    votes = Votes.from_labels(
        [place[key] for key in given.keys], given.workers, labels, voting=given.voting, known_labels=known
    )
    return method.fit(votes, gold={place[key]: label for key, label in gold.items() if key in place})


def _keys(given: Given) -> list[Key]:
    return list(dict.fromkeys(given.keys))


def _groups(given: Given, values: Sequence[Any]) -> dict[Key, list[Any]]:
    groups: dict[Key, list[Any]] = defaultdict(list)
    for key, value, votes in zip(given.keys, values, given.voting, strict=True):
        if votes:
            groups[key].append(value)
    return groups


def _figures(fit: Any) -> dict[str, Any]:
    evidence = float(fit.evidence)
    return {
        "iterations": fit.iterations,
        "converged": fit.converged,
        "identifiable": fit.identifiable,
        "evidence": evidence if evidence == evidence else None,  # NaN: the method is no probability model
    }
