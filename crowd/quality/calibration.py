"""Posteriors that mean what they say: measured on gold, corrected on gold.

C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (temperature, expected calibration error); B.
Zadrozny and C. Elkan, KDD 2002 (isotonic). Calibrate on gold that was NOT clamped in the fit: a clamped task is certain
by decree and says nothing about the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crowd.quality.arrays import Codes, Floats, rows_to_one
from crowd.quality.types import Fit, Gold, Votes

FLOOR = 1e-12


class Calibrator(Protocol):
    """Turns posteriors (T, K) into calibrated ones; the rows still sum to 1 and keep their order of labels."""

    def apply(self, posterior: Floats) -> Floats:
        """Calibrated posteriors (T, K)."""
        ...


class Fitting(Protocol):
    """A method, as far as it is needed here."""

    def fit(self, votes: Votes) -> Fit:
        """A fit without gold."""
        ...


@dataclass(frozen=True)
class Temperature:
    """p^(1 / temperature), mixed with `lapse` of the uniform distribution: even a sure posterior errs sometimes."""

    temperature: float
    lapse: float

    def apply(self, posterior: Floats) -> Floats:
        """See `Calibrator`."""
        logs = np.log(np.maximum(posterior, FLOOR)) / self.temperature
        soft = rows_to_one(np.exp(logs - logs.max(axis=1, keepdims=True)))
        mixed: Floats = (1 - self.lapse) * soft + self.lapse / posterior.shape[1]
        return mixed


def fit_temperature(posterior: Floats, truth: Codes, prior_weight: float = 3.0) -> Temperature:
    """The temperature and lapse under which the truth (n,) is likeliest for posteriors (n, K).

    Priors, worth about `prior_weight` gold tasks, keep a few gold tasks from being believed too far: log temperature
    around log 1.5 (posteriors of independent-worker models are overconfident), lapse around 5 %. Grid search: 2
    parameters, no local optimum to fall into. Raises ValueError without gold.
    """
    if not len(truth):
        raise ValueError("no gold to calibrate on")
    best = max(
        (Temperature(t, e) for t in np.geomspace(0.5, 10, 40) for e in (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)),
        key=lambda c: _log_score(c, posterior, truth) + prior_weight * _log_prior(c),
    )
    return Temperature(float(best.temperature), best.lapse)


def _log_score(calibrator: Temperature, posterior: Floats, truth: Codes) -> float:
    chance = calibrator.apply(posterior)[np.arange(len(truth)), truth]
    return float(np.log(np.maximum(chance, FLOOR)).sum())


def _log_prior(calibrator: Temperature) -> float:
    off = np.log(calibrator.temperature / 1.5) / 0.7
    return float(-0.5 * off**2 + 0.05 * np.log(calibrator.lapse) + 0.95 * np.log(1 - calibrator.lapse))


@dataclass(frozen=True)
class Isotonic:
    """A rising step function of the confidence; the other labels share the rest in their old proportions.

    For plenty of gold: a few hundred tasks."""

    edges: tuple[float, ...]
    values: tuple[float, ...]

    def apply(self, posterior: Floats) -> Floats:
        """See `Calibrator`. Never below 1 / K or the second label's share, so that the order stays."""
        best = posterior.argmax(axis=1)
        rows = np.arange(len(posterior))
        top = posterior[rows, best]
        wanted = np.interp(top, self.edges, self.values)
        rest = posterior.copy()
        rest[rows, best] = 0.0
        rest = rows_to_one(np.where(rest.sum(axis=1, keepdims=True) > 0, rest, 1.0))
        rest[rows, best] = 0.0
        rest = rows_to_one(rest)
        second = rest.max(axis=1)
        wanted = np.maximum(wanted, second / (1 + second) + 1e-9)
        out: Floats = rest * (1 - wanted)[:, None]
        out[rows, best] = wanted
        return out


def fit_isotonic(confidence: Floats, right: Floats) -> Isotonic:
    """Pool adjacent violators over confidence (n,) and how right the consensus was (n,), in [0, 1]."""
    if not len(right):
        raise ValueError("no gold to calibrate on")
    order = np.argsort(confidence, kind="stable")
    blocks: list[list[float]] = []
    for x, y in zip(confidence[order], right[order].astype(np.float64), strict=True):
        blocks.append([x, y, 1.0])
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            x1, y1, n1 = blocks.pop()
            x0, y0, n0 = blocks.pop()
            blocks.append([(x0 * n0 + x1 * n1) / (n0 + n1), (y0 * n0 + y1 * n1) / (n0 + n1), n0 + n1])
    return Isotonic(tuple(float(b[0]) for b in blocks), tuple(float(b[1]) for b in blocks))


def calibrate(fit: Fit, gold: Gold) -> Isotonic:
    """The calibration for a fit made without these gold labels: isotonic, pulled to a temperature curve.

    Every gold task counts twice: as what it was (right or wrong) and as what the temperature fitted to all of them
    says. The curve steadies the steps where gold is scarce; the steps bend the curve where it is wrong. ValueError
    when no gold task has answers.
    """
    codes = fit.votes.with_labels_of(gold).gold_codes(gold)
    known = np.flatnonzero((codes >= 0) & (codes < len(fit.labels)))
    curve = fit_temperature(fit.posterior[known], codes[known])
    right = fit.winners[known, codes[known]] / fit.winners[known].sum(axis=1)
    expected = curve.apply(fit.posterior[known]).max(axis=1)
    return fit_isotonic(np.tile(fit.confidence[known], 2), np.concatenate([right, expected]))


def calibration_error(confidence: Floats, right: Floats, bins: int = 10) -> float:
    """Expected calibration error: |mean confidence - share right| over bins of equal size, weighted by size.

    `right` may be fractions (a tie that holds the truth). nan without tasks.
    """
    if not len(confidence):
        return float("nan")
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    gaps = [abs(float(confidence[p].mean() - right[p].mean())) * len(p) for p in parts]
    return sum(gaps) / len(order)


def noise_floor(confidence: Floats, rng: np.random.Generator, bins: int = 10, rounds: int = 200) -> float:
    """The calibration error perfectly calibrated posteriors would show on so few tasks, by sampling noise alone."""
    if not len(confidence):
        return float("nan")
    drawn = rng.random((rounds, len(confidence))) < confidence
    return float(np.mean([calibration_error(confidence, row.astype(np.float64), bins) for row in drawn]))


WITHOUT_GOLD = Temperature(1.7, 0.015)
"""For posteriors of `DawidSkene` where no gold is at hand: the medians of what fits eight public sets (web, d_product,
s_rel, cf, ms, zc_us, zc_in, labelme) at three and at five answers a task. The sets that the saving is measured on
(docs/benchmarks/cost.md) are not among them."""
ENOUGH_GOLD = 30
"""Gold tasks with answers, from which on a project's own gold says how far its posteriors can be believed."""


def calibrator(method: Fitting, votes: Votes, gold: Gold) -> Calibrator:
    """What calibrates the posteriors of a method on these votes: their own gold where there is enough, else as usual.

    With gold the method is fitted once more without it: a clamped task says nothing about the others.
    """
    tasks = set(votes.tasks)
    known = {task: label for task, label in gold.items() if task in tasks}
    return WITHOUT_GOLD if len(known) < ENOUGH_GOLD else calibrate(method.fit(votes), known)
