"""One worker's accuracy from gold answers, and the rule that pauses."""

import math

import numpy as np
import pytest

from crowd.quality import BetaAccuracy, Others, quiz_mark, should_pause
from crowd.quality.accuracy import BUDGET, beta_cdf, beta_quantile, comfortable, evidence_against

LOOKS = 60
MINIMA = [0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85]


def paused_by(accuracy: float, minimum: float) -> tuple[float, float]:
    """(chance of ever being paused, mean number of gold answers until then or the end), worked out exactly: the chance
    of every count of right answers is carried from look to look, and leaves when the rule pauses."""
    alive, paused, looked = {0: 1.0}, 0.0, 0.0
    for look in range(1, LOOKS + 1):
        after: dict[int, float] = {}
        for right, chance in alive.items():
            for now, share in ((right + 1, accuracy), (right, 1 - accuracy)):
                if should_pause(now, look - now, minimum):
                    paused += chance * share
                    looked += chance * share * look
                else:
                    after[now] = after.get(now, 0.0) + chance * share
        alive = after
    return paused, looked + LOOKS * sum(alive.values())


@pytest.mark.parametrize("minimum", MINIMA)
@pytest.mark.parametrize("above", [0.15, 0.2, 0.3])
def test_somebody_well_above_the_minimum_is_practically_never_paused(minimum: float, above: float) -> None:
    assert paused_by(min(minimum + above, 1.0), minimum)[0] < 0.01


def test_the_simulated_chance_agrees_with_the_exact_one() -> None:
    rng = np.random.default_rng(7)
    crowd = rng.random((4000, LOOKS)) < 0.6
    right = np.cumsum(crowd, axis=1)
    verdict = np.array(
        [[should_pause(r, n - r, 0.6) for r in range(n + 1)] + [False] * (LOOKS - n) for n in range(1, 61)]
    )
    ever = verdict[np.arange(LOOKS), right].any(axis=1).mean()
    assert ever == pytest.approx(paused_by(0.6, 0.6)[0], abs=0.03)


@pytest.mark.parametrize("minimum", MINIMA)
def test_a_rule_that_looks_at_every_answer_without_care_would_pause_good_workers(minimum: float) -> None:
    """The control: "share right below the minimum after ten answers or more" breaks the promise."""
    rng = np.random.default_rng(3)
    right = np.cumsum(rng.random((2000, LOOKS)) < min(minimum + 0.15, 0.97), axis=1)
    share = right / np.arange(1, LOOKS + 1)
    naive = (share[:, 2:] < minimum).any(axis=1).mean()
    assert naive > 0.01


def test_spammers_among_four_labels_are_found_within_eight_gold_answers() -> None:
    chance, looked = paused_by(0.25, 0.70)
    assert chance > 0.999
    assert looked < 8


def binomial(length: int, right: int, accuracy: float) -> float:
    return math.comb(length, right) * accuracy**right * (1 - accuracy) ** (length - right)


@pytest.mark.parametrize("minimum", MINIMA)
@pytest.mark.parametrize("length", [1, 5, 8, 20])
def test_quiz_and_test_together_stop_at_most_one_good_worker_of_a_hundred(minimum: float, length: int) -> None:
    """Exactly: who fails the quiz, and of those who pass it whom the later looks ever stop, over 60 gold answers."""
    mark, good = quiz_mark(length, minimum), comfortable(minimum)
    failed = sum(binomial(length, right, good) for right in range(mark.right))
    assert failed == pytest.approx(mark.error)
    assert failed <= BUDGET / 2
    alive = {right: binomial(length, right, good) for right in range(mark.right, length + 1)}
    stopped = failed
    for look in range(length, LOOKS + 1):
        if look > length:
            before, alive = alive, {}
            for right, chance in before.items():
                alive[right + 1] = alive.get(right + 1, 0.0) + chance * good
                alive[right] = alive.get(right, 0.0) + chance * (1 - good)
        for right in [one for one in alive if should_pause(one, look - one, minimum, quiz_error=mark.error)]:
            stopped += alive.pop(right)
    assert stopped < BUDGET


def test_the_mark_of_a_quiz_of_eight_at_seventy_per_cent() -> None:
    mark = quiz_mark(8, 0.7)
    assert mark.right == 4
    assert mark.error == pytest.approx(0.0029, abs=1e-4)
    assert sum(binomial(8, right, 0.25) for right in range(4)) > 0.88  # spammers among four labels fail at once


def test_other_workers_answers_hasten_a_pause_and_never_cause_one() -> None:
    guesses = Others.of([0.97, 0.03] * 20, labels=2)
    assert not should_pause(4, 4, 0.7)
    assert should_pause(4, 4, 0.7, others=guesses)
    assert not should_pause(7, 3, 0.7, others=guesses)  # gold at the minimum speaks for him
    assert not should_pause(0, 0, 0.7, others=guesses)
    agrees = Others.of([0.97] * 20, labels=2)
    assert evidence_against(4, 4, 0.7, agrees) < evidence_against(4, 4, 0.7)
    with pytest.raises(ValueError, match="labels=1"):
        Others.of([0.5], labels=1)


def test_nobody_is_paused_without_answers_or_above_the_minimum() -> None:
    assert not should_pause(0, 0, 0.7)
    assert not should_pause(700, 300, 0.7)
    assert should_pause(0, 10, 0.7)


@pytest.mark.parametrize("minimum", [0.0, 1.0, -1, float("nan")])
def test_a_minimum_outside_zero_and_one_is_refused(minimum: float) -> None:
    with pytest.raises(ValueError, match="minimum="):
        should_pause(1, 1, minimum)


def test_beta_posterior_of_eight_right_and_two_wrong() -> None:
    accuracy = BetaAccuracy(8, 2)
    assert accuracy.mean == pytest.approx(9 / 12)
    assert accuracy.interval() == pytest.approx((0.48224415, 0.93978217), abs=1e-6)  # scipy.stats.beta(9, 3)
    assert accuracy.below(0.75) == pytest.approx(0.455201, abs=1e-5)


def test_beta_cdf_has_closed_forms() -> None:
    assert beta_cdf(1, 1, 0.3) == pytest.approx(0.3)
    assert beta_cdf(3, 1, 0.5) == pytest.approx(0.125)
    assert beta_cdf(1, 4, 0.2) == pytest.approx(1 - 0.8**4)
    assert beta_quantile(2, 2, 0.5) == pytest.approx(0.5)
