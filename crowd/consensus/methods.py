"""Which method merges the answers to which kind of question. Pure: answers in, merged values out.

To add a method for closed questions: an entry in CLOSED. To add a kind: a judge in crowd.quality.kinds, or, where its
merging is one of these methods, an entry in MERGE.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crowd.consensus.answers import Given, Key
from crowd.consensus.fits import figures, fitted
from crowd.kernel.errors import BadInput
from crowd.labeling.kinds import Choice, MultiChoice, Question
from crowd.labeling.kinds.number import Number as LabeledNumber
from crowd.quality import DawidSkene, MajorityVote, Votes
from crowd.quality.arrays import TIE
from crowd.quality.kinds import judge_of
from crowd.quality.numbers import Numbers, certainty, median
from crowd.quality.opinions import Opinions, opinion_shares
from crowd.quality.transcripts import medoid

CLOSED: Mapping[str, Callable[..., Any]] = {"dawid-skene": DawidSkene, "majority-vote": MajorityVote}


@dataclass(frozen=True)
class Merged:
    """The merged answer for one key. `posterior` is of `value`, None where the kind has none."""

    value: Any
    posterior: float | None = None
    distribution: Mapping[str, float] = field(default_factory=dict)
    gain: float | None = None  # what one more answer is expected to add to the posterior
    sure: float | None = None  # of a number: the probability that it is within the question's tolerance
    tied: bool = False
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # of an opinion's shares, 95 %
    details: Mapping[str, Any] = field(default_factory=dict)  # of marks and the like: how sure each part is


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
    closed(method, parameters)


def merge(
    question: Question, given: Given, *, gold: Mapping[Key, Any], method: str, parameters: Mapping[str, Any]
) -> Result:
    """Merge the answers to one question; `gold` are the known answers, which are clamped."""
    if not len(given):
        return Result({}, {}, {})
    if question.is_opinion and isinstance(question, Choice | MultiChoice):
        return _opinion(question, given)
    known = {} if question.is_opinion else gold
    if question.kind not in MERGE:
        return _judged(question, given, known)
    return MERGE[question.kind](question, given, known, closed(method, parameters))


def clamped(decided: Mapping[Key, Any]) -> dict[Key, Merged]:
    """Merged answers that nobody has to infer: somebody said what is right."""
    return {
        key: Merged(value, 1.0, {value: 1.0} if isinstance(value, str) else {}, 0.0, sure=1.0)
        for key, value in decided.items()
    }


def closed(method: str, parameters: Mapping[str, Any]) -> Any:
    if method not in CLOSED:
        raise BadInput(errors={"aggregation_method": f"One of {', '.join(CLOSED)}."})
    try:
        return CLOSED[method](**parameters)
    except (TypeError, ValueError) as error:
        raise BadInput(errors={"aggregation_parameters": str(error)}) from error


def _choice(question: Choice, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    found = fitted(given, given.known, [label.name for label in question.labels], gold, method)
    fit = found.fit
    names = [str(label) for label in fit.labels]
    columns = (given.distinct, fit.consensus, found.posterior.tolist(), found.gain.tolist(), fit.tied.tolist())
    merged = {
        key: Merged(value, max(row), dict(zip(names, row, strict=True)), gain, tied=tied)
        for key, value, row, gain, tied in zip(*columns, strict=True)
    }
    workers = {
        worker: Judged(float(fit.accuracy[row]), fit.confusion[row].round(6).tolist())
        for row, worker in enumerate(found.workers)
    }
    return Result(merged, workers, figures(found))


def _opinion(question: Choice | MultiChoice, given: Given) -> Result:
    """How the answers are spread, with Wilson intervals: nothing is inferred, and nobody is measured by it."""
    names, chosen = [label.name for label in question.labels], isinstance(question, Choice)
    tables = {
        name: _shares(given, [value if chosen else ["no", "yes"][name in value] for value in given.values], known)
        for name, known in ([("", names)] if chosen else [(name, ["no", "yes"]) for name in names])
    }
    merged = {}
    for row, key in enumerate(given.distinct):
        columns = [(tables[""], place, name) for place, name in enumerate(names)]
        if not chosen:
            columns = [(tables[name], 1, name) for name in names]
        share = {name: float(table.share[row, place]) for table, place, name in columns}
        intervals = {
            name: (float(table.low[row, place]), float(table.high[row, place])) for table, place, name in columns
        }
        top = max(share.values())
        tied = sum(p >= top - TIE for p in share.values()) > 1
        most = next(name for name in names if share[name] >= top - TIE)
        value = most if chosen else [name for name in names if share[name] > 0.5]
        merged[key] = Merged(value, None, share, intervals=intervals, tied=tied and chosen)
    return Result(merged, {}, {"opinion": True})


def _shares(given: Given, values: Sequence[str], known: Sequence[str]) -> Opinions:
    return opinion_shares(Votes.from_labels(given.place, given.worker, values, voting=given.voting, known_labels=known))


def _multi_choice(question: MultiChoice, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    """Each label is a yes or no question of its own; the merged answer holds the labels that come out as yes."""
    found = {
        label.name: fitted(
            given,
            ["yes" if label.name in value else "no" for value in given.known],
            ["no", "yes"],
            {key: "yes" if label.name in right else "no" for key, right in gold.items()},
            method,
        )
        for label in question.labels
    }
    merged = {
        key: _together(
            {name: float(one.posterior[row, 1]) for name, one in found.items()},
            [float(one.gain[row]) for one in found.values()],
        )
        for row, key in enumerate(given.distinct)
    }
    fits = [one.fit for one in found.values()]
    workers = {
        worker: Judged(sum(float(fit.accuracy[row]) for fit in fits) / len(fits))
        for row, worker in enumerate(next(iter(found.values())).workers)
    }
    return Result(merged, workers, {name: figures(one) for name, one in found.items()})


def _together(yes: Mapping[str, float], gains: Sequence[float]) -> Merged:
    """Labels at even odds are left out, and the answer is marked as tied. One more answer is about all labels."""
    posterior, after = 1.0, 1.0
    for p, gain in zip(yes.values(), gains, strict=True):
        posterior *= max(p, 1 - p)
        after *= min(max(p, 1 - p) + gain, 1.0)
    tied = any(abs(p - 0.5) < 1e-9 for p in yes.values())
    value = [name for name, p in yes.items() if p > 0.5 + 1e-9]
    return Merged(value, posterior, dict(yes), after - posterior, tied=tied)


def _number(question: Question, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    groups = {key: values for key, values in _groups(given, given.values).items() if values}
    middle = {key: median(values) for key, values in groups.items()}
    sure = _certainty(question, given, middle) if isinstance(question, LabeledNumber) and question.settles else {}
    merged = {
        key: Merged(gold[key])
        if key in gold
        else Merged(value, gain=sure[key][1], sure=sure[key][0])
        if key in sure
        else Merged(value)
        for key, value in middle.items()
    }
    return Result(merged, {worker: Judged() for worker in given.workers}, {})


def _certainty(question: LabeledNumber, given: Given, middle: Mapping[Key, float]) -> dict[Key, tuple[float, float]]:
    """How sure each median is, and what one more answer would add. Only answers that vote say so."""
    place = {key: index for index, key in enumerate(middle)}
    rows = [row for row, votes in enumerate(given.voting) if votes]
    numbers = Numbers.from_values(
        [place[given.keys[row]] for row in rows],
        [given.workers[row] for row in rows],
        [given.values[row] for row in rows],
    )
    sure, gain = certainty(numbers, question.tolerance)
    keys = list(middle)
    return {
        keys[int(task)]: (float(one), float(more)) for task, one, more in zip(numbers.tasks, sure, gain, strict=True)
    }


def _text(question: Question, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    groups = _groups(given, given.values)
    merged = {
        key: Merged(gold[key] if key in gold else texts[medoid(texts)[0]]) for key, texts in groups.items() if texts
    }
    return Result(merged, {worker: Judged() for worker in given.workers}, {})


def _brought(question: Question, given: Given, gold: Mapping[Key, Any], method: Any) -> Result:
    """What people brought is not merged: the first stands for the task, and all of them are among the answers."""
    merged = {key: Merged(values[0]) for key, values in _groups(given, given.values).items() if values}
    return Result(merged, {worker: Judged() for worker in given.workers}, {"opinion": True})


def _judged(question: Question, given: Given, gold: Mapping[Key, Any]) -> Result:
    """By the kind's own judge. Only answers that vote go in."""
    rows = [row for row, votes in enumerate(given.voting) if votes]
    keys, place = given.distinct, given.place.tolist()
    found = judge_of(question.kind, question.settings).merge(
        [place[row] for row in rows],
        [given.workers[row] for row in rows],
        [given.values[row] for row in rows],
    )
    merged = {
        keys[index]: Merged(gold[keys[index]])
        if keys[index] in gold
        else Merged(one.value, one.posterior, details=one.details)
        for index, one in found.tasks.items()
    }
    workers = {worker: Judged(found.accuracy.get(worker)) for worker in given.workers}
    return Result(merged, workers, found.figures)


MERGE: Mapping[str, Callable[[Any, Given, Mapping[Key, Any], Any], Result]] = {
    "choice": _choice,
    "multi-choice": _multi_choice,
    "number": _number,
    "text": _text,
    "contribution": _brought,
}


def _groups(given: Given, values: Sequence[Any]) -> dict[Key, list[Any]]:
    groups: dict[Key, list[Any]] = defaultdict(list)
    for key, value, votes in zip(given.keys, values, given.voting, strict=True):
        if votes:
            groups[key].append(value)
    return groups
