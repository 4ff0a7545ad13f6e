"""What is made of a fit: streaming, calibration, the worth of an answer, views of workers, Auto's choice."""

import time

import numpy as np
import pytest

from crowd.quality import (
    EBCC,
    Auto,
    DawidSkene,
    OnlineDawidSkene,
    ValueOfAnswer,
    Votes,
    calibrate,
    calibration_error,
    confusion_interval,
    copying,
    information,
    label_bias,
    noise_floor,
    spammer_score,
)
from crowd.quality.calibration import fit_isotonic, fit_temperature
from tests.quality.crowds import simulate, votes_of


def crowd(seed: int = 0, tasks: int = 300) -> tuple[Votes, dict[int, int]]:
    """A simulated crowd of 20 on four labels, with its truth."""
    task, worker, label, truth = simulate(tasks, 20, 4, 5, seed)
    return Votes.from_labels(task, worker, label), dict(enumerate(truth.tolist()))


def test_streaming_equals_the_batch_fit_when_refreshed() -> None:
    votes, _ = crowd()
    online = OnlineDawidSkene(labels=range(4))
    for t, w, k in zip(votes.task, votes.worker, votes.label, strict=True):
        online.update(votes.tasks[t], votes.workers[w], votes.labels[k])
    refreshed, batch = online.refresh(), DawidSkene().fit(votes)
    np.testing.assert_array_equal(refreshed.posterior, batch.posterior)
    np.testing.assert_array_equal(online.posterior(7), batch.posterior[7])


def test_streaming_is_nearly_as_right_as_the_batch_and_quick() -> None:
    votes, truth = crowd(tasks=400)
    half = votes.task < 200
    online = OnlineDawidSkene.from_fit(DawidSkene().fit(votes.select(half)))
    rest = votes.select(~half)
    begin = time.process_time()
    for t, w, k in zip(rest.task, rest.worker, rest.label, strict=True):
        latest = online.update(votes.tasks[t], votes.workers[w], votes.labels[k])
        assert latest.sum() == pytest.approx(1)
    seconds = (time.process_time() - begin) / len(rest)
    assert seconds < 0.001
    streamed = np.mean([online.posterior(t).argmax() == truth[t] for t in range(200, 400)])
    batch = DawidSkene().fit(votes)
    whole = np.mean([batch.posterior[t].argmax() == truth[t] for t in range(200, 400)])
    assert streamed >= whole - 0.03


def test_streaming_refuses_a_label_it_was_not_told_of() -> None:
    with pytest.raises(ValueError, match="'z' is not among"):
        OnlineDawidSkene(labels=["a", "b"]).update(1, "w", "z")
    with pytest.raises(ValueError, match="each once"):
        OnlineDawidSkene(labels=["a", "a"])


def test_calibration_error_by_hand() -> None:
    assert calibration_error(np.array([0.9, 0.9, 0.6, 0.6]), np.array([1.0, 0, 1, 1]), bins=2) == pytest.approx(0.4)
    assert np.isnan(calibration_error(np.zeros(0), np.zeros(0)))


def test_noise_alone_shows_an_error_that_shrinks_with_more_tasks() -> None:
    rng = np.random.default_rng(0)
    few, many = noise_floor(np.full(50, 0.8), rng), noise_floor(np.full(5000, 0.8), rng)
    assert many < few / 5


def test_overconfident_posteriors_are_brought_down() -> None:
    """Every answer given three times over makes the model far too sure."""
    task, worker, label, truth = simulate(600, 20, 4, 3, 6)
    votes = Votes.from_labels(np.repeat(task, 3), np.repeat(worker, 3), np.repeat(label, 3))
    fit = DawidSkene().fit(votes)
    right = (fit.consensus_codes == truth).astype(float)
    calibration = calibrate(fit, dict(enumerate(truth[:60].tolist())))
    before = calibration_error(fit.confidence[60:], right[60:])
    after = calibration_error(calibration.apply(fit.posterior[60:]).max(axis=1), right[60:])
    assert after < before / 2
    new = calibration.apply(fit.posterior)
    np.testing.assert_allclose(new.sum(axis=1), 1)
    assert (new.argmax(axis=1) == fit.posterior.argmax(axis=1)).mean() > 0.99
    assert fit_temperature(fit.posterior, truth.astype(np.int32)).temperature > 1.2


def test_isotonic_never_falls_and_wants_gold() -> None:
    steps = fit_isotonic(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1, 0, 1]))
    assert list(steps.values) == sorted(steps.values)
    assert steps.values == (0.0, 0.5, 1.0)
    with pytest.raises(ValueError, match="no gold"):
        calibrate(DawidSkene().fit(votes_of("three labels")), {})


def test_an_answer_is_worth_most_where_the_crowd_is_torn() -> None:
    sure = [(t, w, "ny"[t % 2]) for t in range(40) for w in "abcde"]
    torn = [("torn", "a", "y"), ("torn", "b", "n")]
    single = [("single", "a", "y")]
    votes = Votes.from_labels(*zip(*sure, *torn, *single, strict=True))
    value = ValueOfAnswer(votes, DawidSkene().fit(votes), price=0.01)
    gain = dict(zip(votes.tasks, value.gain, strict=True))
    assert gain["torn"] > gain["single"] > gain[0] >= 0
    assert dict(zip(votes.tasks, value.worth_asking, strict=True))["torn"]
    assert not ValueOfAnswer(votes, DawidSkene().fit(votes), price=0.6).worth_asking.any()


def test_the_gain_of_one_answer_by_hand() -> None:
    """Posterior 1/2, a crowd right with 0.8 on both labels: one answer lifts the chance of being right to 0.8."""
    votes = Votes.from_labels(["x", "x"], ["a", "b"], ["n", "y"])
    value = ValueOfAnswer(votes, DawidSkene().fit(votes), price=0.0, depth=1, posterior=np.array([[0.5, 0.5]]))
    value.__dict__["crowd"] = np.array([[0.8, 0.2], [0.2, 0.8]])
    assert value.gain[0] == pytest.approx(0.3)


def test_no_task_has_no_worth() -> None:
    votes = Votes.from_labels([], [], [])
    assert ValueOfAnswer(votes, DawidSkene().fit(votes), 0.02).worth_asking.tolist() == []


def test_looking_further_ahead_by_hand() -> None:
    """Posterior 0.9: no single answer can turn it, so one answer looks worthless. Three against it leave
    0.1 * 0.8^3 = 0.0512 over 0.9 * 0.2^3 = 0.0072: a gain of 0.044 for three answers. At 1/2 one answer is best."""
    votes = Votes.from_labels(["x", "y"], ["a", "b"], ["n", "y"])
    both = np.array([[0.9, 0.1], [0.5, 0.5]])
    for depth, wanted in ((1, 0.0), (2, 0.028 / 2), (3, 0.044 / 3)):
        value = ValueOfAnswer(votes, DawidSkene().fit(votes), price=0.0, depth=depth, posterior=both)
        value.__dict__["crowd"] = np.array([[0.8, 0.2], [0.2, 0.8]])
        assert value.gain == pytest.approx([wanted, 0.3])


def test_stopping_by_worth_costs_fewer_answers_for_the_same_rightness() -> None:
    task, worker, label, truth = simulate(300, 15, 2, 12, 8)
    turn = np.arange(len(task)) % 12
    asked = turn < 2
    for _ in range(10):
        votes = Votes.from_labels(task[asked], worker[asked], label[asked])
        open_tasks = np.array(votes.tasks)[ValueOfAnswer(votes, DawidSkene().fit(votes), price=0.01).worth_asking]
        used = np.bincount(task[asked], minlength=300)
        more = np.isin(task, open_tasks) & (turn == used[task])
        if not more.any():
            break
        asked = asked | more
    adaptive = DawidSkene().fit(Votes.from_labels(task[asked], worker[asked], label[asked]))
    mean = asked.sum() / 300
    fixed = turn < int(np.ceil(mean))
    plain = DawidSkene().fit(Votes.from_labels(task[fixed], worker[fixed], label[fixed]))
    gold = dict(enumerate(truth.tolist()))
    assert mean < 9
    assert adaptive.score(gold) >= plain.score(gold) - 0.005


def test_views_tell_the_spammer_the_expert_and_the_liar_apart() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 200)
    rows = [(t, w, int(k if rng.random() < 0.9 else 1 - k)) for t, k in enumerate(truth) for w in ("a", "b", "c")]
    rows += [(t, "always one", 1) for t in range(200)] + [(t, "liar", 1 - int(k)) for t, k in enumerate(truth)]
    fit = DawidSkene().fit(Votes.from_labels(*zip(*rows, strict=True)))
    score = dict(zip(fit.workers, spammer_score(fit), strict=True))
    bits = dict(zip(fit.workers, information(fit), strict=True))
    lean = dict(zip(fit.workers, label_bias(fit)[:, 1], strict=True))
    assert score["always one"] < 0.05 < 0.4 < score["a"] < score["liar"] + 0.05
    assert bits["always one"] < 0.05 < 0.3 < bits["a"]
    assert lean["always one"] > 0.4 > abs(lean["a"]) + 0.3
    expert = confusion_interval(fit, "a")
    assert (expert.low <= expert.confusion).all()
    assert (expert.confusion <= expert.high).all()
    assert expert.high[0, 0] - expert.low[0, 0] < 0.2
    with pytest.raises(ValueError, match="'nobody'"):
        confusion_interval(fit, "nobody")


def test_copying_is_suspected_where_errors_are_shared_and_only_there() -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 4, 120)
    own: dict[tuple[object, int], int] = {}
    for worker in range(8):
        for t, k in enumerate(truth):
            own[worker, t] = int(k) if rng.random() < 0.7 else int((k + rng.integers(1, 4)) % 4)
    for t in range(120):
        own["copy", t] = own[0, t]
    rows = [(t, w, k) for (w, t), k in own.items()]
    suspects = copying(DawidSkene().fit(Votes.from_labels(*zip(*rows, strict=True))))
    assert [{s.one, s.other} for s in suspects] == [{0, "copy"}]
    assert suspects[0].shared > 2 * suspects[0].expected


def test_auto_keeps_the_default_unless_another_foretells_clearly_better() -> None:
    votes, truth = crowd(tasks=200)
    assert Auto(rounds=1, folds=4).fit(votes).score(truth) >= DawidSkene().fit(votes).score(truth) - 0.01
    assert isinstance(Auto(errors=1e9).choose(votes), DawidSkene)


def test_auto_sees_that_some_tasks_are_hard_for_everybody() -> None:
    """Half of the "no" tasks mislead most workers alike: answers to them agree more than independence allows."""
    rng = np.random.default_rng(9)
    rows = []
    for t in range(400):
        chance = {0: 0.9, 1: 0.9, 2: 0.55, 3: 0.9}[t % 4]
        truth = int(t % 4 == 1)
        rows += [(t, w, truth if rng.random() < chance else 1 - truth) for w in range(8)]
    votes = Votes.from_labels(*zip(*rows, strict=True))
    assert isinstance(Auto(methods=(DawidSkene(), EBCC()), rounds=1).choose(votes), EBCC)
