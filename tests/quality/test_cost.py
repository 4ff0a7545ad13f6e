"""What labels cost, from answers that are there: fixed redundancy, as needed, and the curve between."""

import numpy as np
import pytest

from crowd.quality import DawidSkene, Votes
from crowd.quality.calibration import WITHOUT_GOLD, calibrator
from crowd.quality.cost import Point, ShareRule, StopRule, answers_for, as_needed, first_answers, rightness_at, turns
from tests.quality.crowds import simulate


def test_the_first_answers_of_each_task_in_their_order() -> None:
    votes = Votes.from_labels([7, 3, 7, 7, 3], list("abcde"), ["x", "y", "x", "y", "y"])
    assert turns(votes).tolist() == [0, 0, 1, 2, 1]
    assert first_answers(votes, 1).worker.tolist() == [0, 1]
    assert first_answers(votes, np.array([3, 1])).worker.tolist() == [0, 1, 2, 3]


def test_asking_as_needed_is_as_right_as_fixed_redundancy_with_fewer_answers() -> None:
    task, worker, label, truth = simulate(300, 15, 2, 12, 8)
    order = np.random.default_rng(3).permutation(len(task))
    votes, gold = Votes.from_labels(task[order], worker[order], label[order]), dict(enumerate(truth.tolist()))
    curve = [Point(k, DawidSkene().fit(first_answers(votes, k)).score(gold)) for k in range(1, 13)]
    fit, asked = as_needed(votes, DawidSkene(), StopRule(0.95, 0.001, WITHOUT_GOLD))
    assert asked.min() >= 2
    assert asked.mean() < 0.8 * answers_for(curve, fit.score(gold))
    limited, few = as_needed(votes, DawidSkene(), StopRule(0.95, 0.001, WITHOUT_GOLD), most=3)
    assert few.max() <= 3
    assert len(limited.votes) == few.sum()


def test_a_majoritys_share_stops_where_it_is_reached() -> None:
    votes = Votes.from_labels([1, 1, 1, 2, 2, 2], list("abcabc"), ["x", "y", "x", "x", "x", "y"])
    _, asked = as_needed(votes, DawidSkene(), ShareRule(0.6))
    assert asked.tolist() == [3, 2]


def test_a_curve_is_read_where_it_first_gets_there() -> None:
    curve = [Point(1, 0.5), Point(2, 0.7), Point(3, 0.6), Point(4, 0.8)]
    assert answers_for(curve, 0.6) == pytest.approx(1.5)
    assert answers_for(curve, 0.75) == pytest.approx(3.75)
    assert answers_for(curve, 0.9) == 4
    assert rightness_at(curve, 1.5) == pytest.approx(0.6)


def test_posteriors_are_calibrated_by_their_own_gold_where_there_is_enough() -> None:
    task, worker, label, truth = simulate(200, 12, 3, 4, 5)
    votes = Votes.from_labels(np.repeat(task, 3), np.repeat(worker, 3), np.repeat(label, 3))  # far too sure
    few = dict(enumerate(truth[:10].tolist()))
    many = dict(enumerate(truth[:80].tolist()))
    assert calibrator(DawidSkene(), votes, few) is WITHOUT_GOLD
    fit = DawidSkene().fit(votes)
    assert calibrator(DawidSkene(), votes, many).apply(fit.posterior).max(axis=1).mean() < fit.confidence.mean()
