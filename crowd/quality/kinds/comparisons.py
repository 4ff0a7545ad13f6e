"""Which of two, rankings, best and worst; see crowd.quality.rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowd.quality.gold import same_order
from crowd.quality.kinds.base import Merging, Together
from crowd.quality.kinds.closed import vote
from crowd.quality.rankings import PlackettLuce, Rankings

TIE = "tie"


@dataclass(frozen=True)
class PairJudge:
    """The choice decides; a reason is kept that more than half of those gave who made the winning choice."""

    labels: Sequence[str]
    reasons: Sequence[str]

    def score(self, answer: Mapping[str, Any], key: Mapping[str, Any]) -> float:
        return float(answer["choice"] == key["choice"])

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Mapping[str, Any]]) -> Merging:
        found = vote(tasks, workers, [one["choice"] for one in values], self.labels)
        given = dict[Any, list[Mapping[str, Any]]]()
        for task, value in zip(tasks, values, strict=True):
            given.setdefault(task, []).append(value)
        merged = {}
        for task, choice in found.label.items():
            same = [one.get("reasons", []) for one in given[task] if one["choice"] == choice]
            reasons = [one for one in self.reasons if 2 * sum(one in each for each in same) > len(same)]
            spread = {label: round(p, 6) for label, p in found.posterior[task].items()}
            winner: dict[str, Any] = {"choice": choice} | ({"reasons": reasons} if reasons else {})
            merged[task] = Together(winner, found.posterior[task][choice], {"distribution": spread})
        return Merging(merged, found.accuracy)


@dataclass(frozen=True)
class RankingJudge:
    """Kendall's tau, scaled; several rankings of a task become one by the Plackett-Luce model."""

    def score(self, answer: Sequence[str], key: Sequence[str]) -> float:
        return same_order(answer, key)

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Sequence[str]]) -> Merging:
        orders: dict[Any, list[Sequence[str]]] = {}
        for task, value in zip(tasks, values, strict=True):
            orders.setdefault(task, []).append(value)
        merged = {task: _ranked(each) for task, each in orders.items()}
        shares: dict[Any, list[float]] = {}
        for task, worker, value in zip(tasks, workers, values, strict=True):
            shares.setdefault(worker, []).append(same_order(value, merged[task].value))
        return Merging(merged, {worker: sum(each) / len(each) for worker, each in shares.items()})


def _ranked(orders: Sequence[Sequence[str]]) -> Together:
    """Strongest first; of equals the one that the first ranking has first."""
    fit = PlackettLuce().fit(Rankings.from_orders(orders))
    strength = {str(item): round(float(score), 6) for item, score in zip(fit.items, fit.score, strict=True)}
    return Together(sorted(orders[0], key=lambda item: -strength[item]), None, {"strengths": strength})


@dataclass(frozen=True)
class BestWorstJudge:
    """Best and worst are a vote each; what won both is best only, and the next one is worst."""

    labels: Sequence[str]

    def score(self, answer: Mapping[str, str], key: Mapping[str, str]) -> float:
        return sum(answer[end] == key[end] for end in ("best", "worst")) / 2

    def merge(self, tasks: Sequence[Any], workers: Sequence[Any], values: Sequence[Mapping[str, str]]) -> Merging:
        best, worst = (vote(tasks, workers, [one[end] for one in values], self.labels) for end in ("best", "worst"))
        merged = {}
        for task, name in best.label.items():
            others = {label: p for label, p in worst.posterior[task].items() if label != name}
            value = {"best": name, "worst": max(others, key=lambda label: others[label])}
            spread = {"best": best.posterior[task], "worst": worst.posterior[task]}
            merged[task] = Together(value, None, {"distribution": _rounded(spread)})
        accuracy = {worker: (share + worst.accuracy[worker]) / 2 for worker, share in best.accuracy.items()}
        return Merging(merged, accuracy)


def _rounded(spread: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {end: {label: round(p, 6) for label, p in each.items()} for end, each in spread.items()}


def pairwise(settings: Mapping[str, Any]) -> PairJudge:
    return PairJudge([*_names(settings), *([TIE] if settings["tie"] else [])], settings["reasons"])


def ranking(settings: Mapping[str, Any]) -> RankingJudge:
    return RankingJudge()


def best_worst(settings: Mapping[str, Any]) -> BestWorstJudge:
    return BestWorstJudge(_names(settings))


def _names(settings: Mapping[str, Any]) -> list[str]:
    return [label["name"] for label in settings["labels"]]
