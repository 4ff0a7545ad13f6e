"""GLAD: workers have an ability, tasks a difficulty.

J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma and J. Movellan, Whose Vote Should Count More, NIPS 2009. A worker of ability
alpha is right on a task of log easiness b with probability sigma(alpha * e^b). Priors N(1, 1) on both and equal class
shares, as published: learnt shares let one label take over where workers differ by class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowd.quality.arrays import Codes, Floats, frozen, sums
from crowd.quality.em import check_stop, log_of, nothing_fitted, starting_posterior
from crowd.quality.majority import clamped, vote_shares
from crowd.quality.one_coin import spread_evenly
from crowd.quality.results import fit_of, identifiable, mean_hit
from crowd.quality.types import Fit, Gold, Votes


@dataclass(frozen=True)
class GLAD:
    """Ability and difficulty by EM, each M step some damped Newton steps on both in turn."""

    max_iterations: int = 100
    tolerance: float = 1e-5
    newton_steps: int = 3

    def __post_init__(self) -> None:
        check_stop(self.max_iterations, self.tolerance)

    def fit(self, votes: Votes, gold: Gold | None = None, start: Fit | None = None) -> Fit:
        """Posteriors; confusion shows each worker's mean accuracy over the tasks, spread evenly."""
        votes = votes.with_labels_of(gold)
        codes = votes.gold_codes(gold)
        if not len(votes):
            return nothing_fitted("glad", votes, codes)
        share = starting_posterior(votes, codes, start)
        posterior = clamped(vote_shares(votes), codes) if share is None else share
        state = Skills(np.ones(len(votes.workers)), np.ones(len(votes.tasks)))
        reached: list[float] = []
        log_prior = np.full(len(votes.labels), -np.log(len(votes.labels)))
        while len(reached) < self.max_iterations:
            state = _m_step(state, votes, posterior, self.newton_steps)
            posterior, likelihood = _e_step(state, votes, codes, log_prior)
            reached.append((likelihood + state.log_density()) / len(votes))
            if len(reached) > 1 and abs(reached[-1] - reached[-2]) < self.tolerance:
                break
        accuracy = state.mean_accuracy(votes)
        return fit_of(
            "glad",
            votes,
            posterior,
            lambda: spread_evenly(accuracy[:, None, None], len(votes.labels)),
            evidence=reached[-1] * len(votes),
            objective=tuple(reached),
            converged=len(reached) < self.max_iterations,
            known=identifiable(votes, mean_hit(votes, posterior), bool((codes >= 0).any())),
        )


@dataclass(frozen=True, eq=False)
class Skills:
    """ability (W,) and log easiness (T,)."""

    ability: Floats
    ease: Floats

    def logits(self, votes: Votes) -> Floats:
        """(n,): log odds of each answer being right."""
        return np.clip(self.ability[votes.worker] * np.exp(self.ease)[votes.task], -40.0, 40.0)

    def log_density(self) -> float:
        """Both normal priors, up to their constants."""
        return -0.5 * float(((self.ability - 1) ** 2).sum() + ((self.ease - 1) ** 2).sum())

    def mean_accuracy(self, votes: Votes) -> Floats:
        """(W,): mean chance of being right over the worker's own answers; 1/2 without any."""
        right = 1 / (1 + np.exp(-self.logits(votes)))
        total = sums(votes.worker, right, len(votes.workers))
        return frozen(np.where(votes.worker_answers > 0, total / np.maximum(votes.worker_answers, 1), 0.5))


def _m_step(state: Skills, votes: Votes, posterior: Floats, steps: int) -> Skills:
    target = posterior[votes.task, votes.label]
    ability, ease = state.ability, state.ease
    for _ in range(steps):
        scale = np.exp(ease)[votes.task]
        right = 1 / (1 + np.exp(-Skills(ability, ease).logits(votes)))
        slope = sums(votes.worker, (target - right) * scale, len(ability)) - (ability - 1)
        curve = sums(votes.worker, right * (1 - right) * scale**2, len(ability)) + 1
        ability = ability + np.clip(slope / curve, -1, 1)
        logits = Skills(ability, ease).logits(votes)
        right = 1 / (1 + np.exp(-logits))
        slope = sums(votes.task, (target - right) * logits, len(ease)) - (ease - 1)
        curve = sums(votes.task, right * (1 - right) * logits**2, len(ease)) + 1
        ease = ease + np.clip(slope / curve, -1, 1)
    return Skills(ability, ease)


def _e_step(state: Skills, votes: Votes, gold: Codes, log_prior: Floats) -> tuple[Floats, float]:
    """log sigma(x) - log(1 - sigma(x)) = x: every answer adds x + log(K - 1) to its own label, the rest is common."""
    n_tasks, n_labels = len(votes.tasks), len(votes.labels)
    cast = votes.votes_cast
    logits, others = state.logits(votes)[cast], np.log(max(n_labels - 1, 1))
    cell = votes.task[cast].astype(np.int64) * n_labels + votes.label[cast]
    joint = log_prior + sums(cell, logits + others, n_tasks * n_labels).reshape(n_tasks, n_labels)
    joint += sums(votes.task[cast], -np.logaddexp(0, logits) - others, n_tasks)[:, None]
    known = np.flatnonzero(gold >= 0)
    at_gold = joint[known, gold[known]]
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    evidence = log_of(total)[:, 0] + top[:, 0]
    evidence[known] = at_gold
    return clamped(weight / total, gold), float(evidence.sum())
