"""What labels cost: answers a task against how right the merged labels are, for fixed redundancy and for as needed.

Works on answers that are there already, in the order in which they came: a pilot, an earlier project, a public set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crowd.quality.arrays import Flags
from crowd.quality.auto import Method
from crowd.quality.calibration import Calibrator
from crowd.quality.majority import MajorityVote
from crowd.quality.types import Fit, Votes
from crowd.quality.value import ValueOfAnswer

Counts = npt.NDArray[np.int64]
Rule = Callable[[Votes, Fit], Flags]
"""Which tasks (T,) get one more answer, from the answers so far and their fit."""


@dataclass(frozen=True)
class Point:
    """`answers` a task in the mean, and how right the merged labels are, in [0, 1]."""

    answers: float
    rightness: float


def turns(votes: Votes) -> Counts:
    """(n,): the place of each answer among its task's, from 0, in the order of the votes."""
    order = np.argsort(votes.task, kind="stable")
    sizes = np.bincount(votes.task, minlength=len(votes.tasks))
    place = np.arange(len(votes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    turn = np.empty(len(votes), np.int64)
    turn[order] = place
    return turn


def first_answers(votes: Votes, wanted: Counts | int) -> Votes:
    """The first `wanted` answers of each task: a number, or one a task (T,). All names are kept."""
    most = np.broadcast_to(np.asarray(wanted), (len(votes.tasks),))
    return votes.select(turns(votes) < most[votes.task])


def as_needed(
    votes: Votes, method: Method, rule: Rule, *, start: int = 2, most: int | None = None
) -> tuple[Fit, Counts]:
    """Buy answers round by round, as the marketplace does: `start` for each task, then one more where the rule says so.

    The last fit, and how many answers each task got (T,). At most those that are there, and `most`.
    """
    there = np.bincount(votes.task, minlength=len(votes.tasks))
    limit = there if most is None else np.minimum(there, most)
    wanted = np.minimum(start, limit)
    while True:
        some = first_answers(votes, wanted)
        fit = method.fit(some)
        more = rule(some, fit) & (wanted < limit)
        if not more.any():
            return fit, wanted
        wanted = wanted + more


@dataclass(frozen=True)
class StopRule:
    """The marketplace's rule: on while the calibrated posterior is under `target` and one more answer is expected to
    raise it by more than `least_gain`."""

    target: float
    least_gain: float
    calibrator: Calibrator

    def __call__(self, votes: Votes, fit: Fit) -> Flags:
        posterior = self.calibrator.apply(fit.posterior)
        value = ValueOfAnswer(votes, fit, self.least_gain, posterior=posterior)
        unsure: Flags = (posterior.max(axis=1) < self.target) & value.worth_asking
        return unsure


@dataclass(frozen=True)
class ShareRule:
    """The usual rule elsewhere: on while the leading label has less than this share of the task's votes."""

    share: float

    def __call__(self, votes: Votes, fit: Fit) -> Flags:
        torn: Flags = MajorityVote().fit(votes).confidence < self.share
        return torn


def mean_point(points: Sequence[Point]) -> Point:
    """The mean over several arrival orders."""
    return Point(float(np.mean([p.answers for p in points])), float(np.mean([p.rightness for p in points])))


def answers_for(curve: Sequence[Point], rightness: float) -> float:
    """Answers a task at which a curve first reaches this rightness, interpolated; all of them where it never does."""
    before = curve[0]
    if before.rightness >= rightness:
        return before.answers
    for point in curve[1:]:
        if point.rightness >= rightness:
            share = (rightness - before.rightness) / (point.rightness - before.rightness)
            return before.answers + share * (point.answers - before.answers)
        before = point
    return before.answers


def rightness_at(curve: Sequence[Point], answers: float) -> float:
    """How right a curve is at so many answers a task, interpolated; its ends beyond its ends."""
    ordered = sorted(curve, key=lambda point: point.answers)
    return float(np.interp(answers, [p.answers for p in ordered], [p.rightness for p in ordered]))
