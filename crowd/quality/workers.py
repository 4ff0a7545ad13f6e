"""What a fit says about its workers: confusion with intervals, bias, spamming, information, suspicion of copying.

These are reasons for a person to look, never verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from crowd.quality.accuracy import beta_quantile
from crowd.quality.arrays import Floats, Name, Names, frozen
from crowd.quality.results import expected_counts
from crowd.quality.types import Fit

TINY = 1e-300


@dataclass(frozen=True, eq=False)
class ConfusionInterval:
    """One worker's confusion (K, K) [true, given], its credible bounds, and the expected answers behind each row."""

    labels: Names
    confusion: Floats
    low: Floats
    high: Floats
    answers: Floats


def confusion_interval(fit: Fit, worker: Name, level: float = 0.95, pseudo: float = 7.0) -> ConfusionInterval:
    """Marginal Beta intervals of a worker's confusion.

    The posterior of a row is Dirichlet with the row's expected answers plus `pseudo` (the weight of the default prior)
    spread as the fit's confusion: Beta(c n, (1 - c) n) for each cell. ValueError for an unknown worker.
    """
    if worker not in fit.workers:
        raise ValueError(f"worker {worker!r} gave no answer")
    code = fit.workers.index(worker)
    mine = fit.votes.select(fit.votes.worker == code)
    answers = expected_counts(mine, fit.posterior)[code].sum(axis=1)
    matrix = fit.confusion[code]
    weight = answers[:, None] + pseudo
    bounds = [
        [
            _beta_bounds(float(c * n), float((1 - c) * n), level)
            for c, n in zip(row, np.full(len(row), w[0]), strict=True)
        ]
        for row, w in zip(matrix, weight, strict=True)
    ]
    table = np.array(bounds).reshape(*matrix.shape, 2)
    return ConfusionInterval(fit.labels, matrix, frozen(table[..., 0]), frozen(table[..., 1]), frozen(answers))


def _beta_bounds(a: float, b: float, level: float) -> tuple[float, float]:
    if a < 1e-6:
        return 0.0, 0.0
    if b < 1e-6:
        return 1.0, 1.0
    return beta_quantile(a, b, (1 - level) / 2), beta_quantile(a, b, (1 + level) / 2)


def label_bias(fit: Fit) -> Floats:
    """(W, K): how much more often a worker gives each label than his tasks would have it; rows sum to 0."""
    votes, size = fit.votes, (len(fit.workers), len(fit.labels))
    given, true = np.zeros(size), np.zeros(size)
    np.add.at(given, (votes.worker, votes.label), 1.0)
    np.add.at(true, votes.worker, fit.posterior[votes.task])
    return frozen((given - true) / np.maximum(votes.worker_answers, 1)[:, None])


def spammer_score(fit: Fit) -> Floats:
    """(W,): 0 for answers that do not depend on the truth, 1 for a perfect worker (or one who is always wrong alike).

    V. Raykar and S. Yu, Eliminating Spammers and Ranking Annotators, JMLR 13, 2012: the confusion's distance from its
    nearest matrix with equal rows, 1 / (K - 1) * squared Frobenius norm of the rows less their mean.
    """
    size = len(fit.labels)
    if size < 2:
        return frozen(np.zeros(len(fit.workers)))
    off = fit.confusion - fit.confusion.mean(axis=1, keepdims=True)
    return frozen((off**2).sum(axis=(1, 2)) / (size - 1))


def information(fit: Fit) -> Floats:
    """(W,): bits an answer of each worker carries about the truth: mutual information under the class prior."""
    joint = fit.class_prior[None, :, None] * fit.confusion
    given = joint.sum(axis=1, keepdims=True)
    base = fit.class_prior[None, :, None] * given
    bits = joint * (np.log2(np.maximum(joint, TINY)) - np.log2(np.maximum(base, TINY)))
    return frozen(np.maximum(bits.sum(axis=(1, 2)), 0.0))


@dataclass(frozen=True)
class SharedErrors:
    """Two workers whose errors coincide: common tasks, tasks on which both gave the same wrong label (expected under
    the posterior), how many would by chance, and the one-sided probability of so many (normal approximation)."""

    one: Name
    other: Name
    tasks: int
    shared: float
    expected: float
    chance: float


def copying(fit: Fit, least_tasks: int = 10, level: float = 0.01) -> tuple[SharedErrors, ...]:
    """Pairs of workers who share more wrong answers than their confusions explain, most striking first.

    For each common task, the chance that both give the same wrong label is sum over k of posterior(k) times sum over
    l != k of both confusions' (k, l). `level` is divided by the number of pairs tested (Bonferroni). A worker's first
    answer to a task counts.
    """
    tallies = _pair_tallies(fit)
    tested = {pair: t for pair, t in tallies.items() if t[0] >= least_tasks}
    found = [_judge(fit, pair, t) for pair, t in tested.items()]
    suspects = [f for f in found if f.chance < level / max(len(tested), 1)]
    return tuple(sorted(suspects, key=lambda f: (f.chance, str(f.one), str(f.other))))


def _judge(fit: Fit, pair: tuple[int, int], tally: Floats) -> SharedErrors:
    tasks, shared, expected, variance = tally
    z = (shared - expected - 0.5) / sqrt(max(variance, 1e-9))
    return SharedErrors(
        fit.workers[pair[0]], fit.workers[pair[1]], int(tasks), float(shared), float(expected), 0.5 * erfc(z / sqrt(2))
    )


def _pair_tallies(fit: Fit) -> dict[tuple[int, int], Floats]:
    """(tasks, shared, expected, variance) of each pair of workers who met on a task."""
    votes = fit.votes
    answers: list[dict[int, int]] = [{} for _ in votes.tasks]
    for t, w, k in zip(votes.task.tolist(), votes.worker.tolist(), votes.label.tolist(), strict=True):
        answers[t].setdefault(w, k)
    wrong = fit.confusion * (1 - np.eye(len(fit.labels)))
    tallies: dict[tuple[int, int], Floats] = {}
    for t, given in enumerate(answers):
        people = sorted(given)
        for i, one in enumerate(people):
            for other in people[i + 1 :]:
                chance = float(fit.posterior[t] @ (wrong[one] * wrong[other]).sum(axis=1))
                same = given[one] == given[other]
                shared = 1 - fit.posterior[t, given[one]] if same else 0.0
                tally = tallies.setdefault((one, other), np.zeros(4))
                tally += (1.0, shared, chance, chance * (1 - chance))
    return tallies
