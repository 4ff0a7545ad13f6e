"""A closed question's answers fitted by one of the methods (`methods.CLOSED`), with calibrated posteriors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowd.consensus.answers import Given, Key
from crowd.quality import Fit, ValueOfAnswer, Votes, calibrator
from crowd.quality.arrays import Floats
from crowd.quality.calibration import WITHOUT_GOLD
from crowd.quality.encode import encode_names


@dataclass(frozen=True)
class Found:
    """A fit, its posteriors (keys, K) calibrated where the method is a probability model, and the gain of one more
    answer for each key under them."""

    fit: Fit
    workers: list[int]
    posterior: Floats
    gain: Floats
    calibrated_by: str


def fitted(given: Given, said: Sequence[str], known: Sequence[str], gold: Mapping[Key, Any], method: Any) -> Found:
    """`said`: the label that each of `given.known` comes to. Keys go in as their place in their fixed order."""
    order = {label: code for code, label in enumerate(known)}
    label = np.array([order[one] for one in said], np.int32)[given.code]
    workers, worker = encode_names(given.worker, "worker")
    tasks = tuple(range(len(given.distinct)))
    votes = Votes(tasks, workers, tuple(known), given.place.astype(np.int32), worker, label, given.voting)
    clamped = _clamps(given, gold)
    fit: Fit = method.fit(votes, gold=clamped)
    posterior, by = fit.posterior, ""
    if fit.evidence == fit.evidence:  # NaN: shares of votes are no probabilities, and stay what they are
        found = calibrator(method, votes, clamped)
        posterior, by = found.apply(fit.posterior), "no gold" if found is WITHOUT_GOLD else "gold"
        decreed = list(clamped)
        posterior[decreed] = fit.posterior[decreed]
    gain = ValueOfAnswer(votes, fit, 0.0, posterior=posterior).gain
    return Found(fit, [int(worker) for worker in fit.workers], posterior, gain, by)


def _clamps(given: Given, gold: Mapping[Key, Any]) -> dict[int, Any]:
    """Those that were answered, by their place."""
    if not gold:
        return {}
    place = {key: index for index, key in enumerate(given.distinct)}
    return {place[key]: label for key, label in gold.items() if key in place}


def figures(found: Found) -> dict[str, Any]:
    fit, evidence = found.fit, float(found.fit.evidence)
    return {
        "iterations": fit.iterations,
        "converged": fit.converged,
        "identifiable": fit.identifiable,
        "calibrated_by": found.calibrated_by,
        "evidence": evidence if evidence == evidence else None,
    }
