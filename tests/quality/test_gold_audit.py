"""What answers say about a key: worked examples, and crowds made with a wrong or a leaked key."""

import numpy as np
import pytest

from crowd.quality.gold_audit import GoldAnswer, doubt, leak_score


def test_accurate_workers_outweigh_many_guessers() -> None:
    """By hand, two labels: three at 0.9 against the key weigh 3 log 9, six guessers for it nothing; prior 0.05."""
    answers = [GoldAnswer("bad", False, 0.9)] * 3 + [GoldAnswer("good", True, 0.5)] * 6
    found = doubt(answers, labels=2)
    odds = 0.05 / 0.95 * 9**3
    assert found.instead == "bad"
    assert found.probability == pytest.approx(odds / (1 + odds))
    assert doubt([GoldAnswer("good", True, 0.9)] * 5, labels=2).instead is None
    assert doubt([GoldAnswer("bad", False, 0.9)], labels=2).probability < 0.5  # one voice is not enough
    with pytest.raises(ValueError, match="labels=1"):
        doubt(answers, labels=1)


def test_wrong_keys_are_told_from_right_ones() -> None:
    rng = np.random.default_rng(5)

    def answers(wrong_key: bool) -> list[GoldAnswer]:
        accuracies = rng.uniform(0.6, 0.95, 12)
        hits = rng.random(12) < accuracies
        return [
            GoldAnswer("truth" if hit else f"slip {rng.integers(3)}", bool(hit) != wrong_key, float(accuracy))
            for hit, accuracy in zip(hits, accuracies, strict=True)
        ]

    flagged = [doubt(answers(True), 4).probability >= 0.5 for _ in range(200)]
    falsely = [doubt(answers(False), 4).probability >= 0.5 for _ in range(200)]
    assert np.mean(flagged) > 0.95
    assert np.mean(falsely) < 0.02


def test_a_key_that_is_passed_on_shows_and_better_workers_coming_late_do_not() -> None:
    rng = np.random.default_rng(6)

    def score(late: float) -> float:
        early = [GoldAnswer("", bool(rng.random() < 0.6), 0.6) for _ in range(30)]
        return leak_score(early + [GoldAnswer("", bool(rng.random() < late), 0.6) for _ in range(30)])

    better = [GoldAnswer("", bool(rng.random() < p), p) for p in [0.6] * 30 + [0.95] * 30]
    assert np.mean([score(1.0) >= 3 for _ in range(200)]) > 0.5  # of sixty answers
    assert np.mean([score(0.6) >= 3 for _ in range(200)]) < 0.01
    assert leak_score(better) < 3
    assert leak_score(better[:9]) == 0
