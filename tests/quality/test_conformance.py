"""What every categorical method promises, method by method."""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.quality import (
    EBCC,
    GLAD,
    MACE,
    Auto,
    DawidSkene,
    Dirichlet,
    Fit,
    GoldWeightedVote,
    MajorityVote,
    OneCoin,
    Ordinal,
    ParityDawidSkene,
    Votes,
    Wawa,
)
from crowd.quality.auto import Method
from tests.quality.crowds import SMALL, simulate, votes_of

METHODS: dict[str, Callable[[], Method]] = {
    "majority": MajorityVote,
    "gold-weighted": GoldWeightedVote,
    "wawa": Wawa,
    "dawid-skene": DawidSkene,
    "dawid-skene dirichlet": lambda: DawidSkene(prior=Dirichlet()),
    "dawid-skene ml": lambda: DawidSkene(prior=None),
    "dawid-skene parity": ParityDawidSkene,
    "one-coin": OneCoin,
    "mace": MACE,
    "glad": GLAD,
    "ebcc": EBCC,
    "ordinal": Ordinal,
    "auto": lambda: Auto(folds=2, rounds=1),
}
MODELS = [name for name in METHODS if name not in ("majority", "gold-weighted", "wawa")]

every_method = pytest.mark.parametrize("make", METHODS.values(), ids=METHODS.keys())


def check_shapes(fit: Fit) -> None:
    """Everything a Fit promises about its parts."""
    tasks, workers, labels = len(fit.tasks), len(fit.workers), len(fit.labels)
    assert fit.posterior.shape == (tasks, labels)
    assert np.isfinite(fit.posterior).all()
    assert fit.posterior.min(initial=0.0) >= 0
    np.testing.assert_allclose(fit.posterior.sum(axis=1), 1, atol=1e-9)
    assert fit.confusion.shape == (workers, labels, labels)
    np.testing.assert_allclose(fit.confusion.sum(axis=2), 1, atol=1e-9)
    np.testing.assert_allclose(fit.class_prior.sum(), 1 if labels else 0, atol=1e-9)
    assert fit.accuracy.shape == (workers,)
    assert ((fit.accuracy >= -1e-12) & (fit.accuracy <= 1 + 1e-9)).all()
    assert len(fit.consensus) == len(fit.tied) == tasks
    assert set(fit.consensus) <= set(fit.labels)


def by_name(fit: Fit) -> dict[Any, dict[Any, float]]:
    """{task: {label: probability}}"""
    return {
        t: dict(zip(fit.labels, row.tolist(), strict=True)) for t, row in zip(fit.tasks, fit.posterior, strict=True)
    }


@every_method
@pytest.mark.parametrize("crowd", SMALL)
def test_a_fit_is_whole_and_the_same_every_time(make: Callable[[], Method], crowd: str) -> None:
    votes = votes_of(crowd)
    one, other = make().fit(votes), make().fit(votes)
    check_shapes(one)
    assert one.posterior.tobytes() == other.posterior.tobytes()
    assert one.consensus == other.consensus


@every_method
def test_a_crowd_that_mostly_knows_is_read_rightly(make: Callable[[], Method]) -> None:
    task, worker, label, truth = simulate(**SMALL["three labels"])
    fit = make().fit(Votes.from_labels(task, worker, label))
    assert fit.score(dict(enumerate(truth.tolist()))) >= 0.8
    assert fit.identifiable


@every_method
def test_the_order_of_answers_does_not_matter(make: Callable[[], Method]) -> None:
    task, worker, label, _ = simulate(**SMALL["three labels"])
    mixed = np.random.default_rng(5).permutation(len(task))
    fit = make().fit(Votes.from_labels(task, worker, label))
    again = make().fit(Votes.from_labels(task[mixed], worker[mixed], label[mixed]))
    before, after = by_name(fit), by_name(again)
    for name, row in before.items():
        assert after[name] == pytest.approx(row, abs=1e-6)


@every_method
def test_other_names_for_everything_change_nothing(make: Callable[[], Method]) -> None:
    if make is METHODS["auto"]:
        pytest.skip("Auto cuts its folds by names, on purpose: the choice must not depend on the order of answers")
    task, worker, label, _ = simulate(**SMALL["three labels"])
    plain = make().fit(Votes.from_labels(task, worker, label))
    renamed = make().fit(
        Votes.from_labels([f"t{t}" for t in task], [f"w{w}" for w in worker], ["abc"[k] for k in label])
    )
    np.testing.assert_allclose(plain.posterior, renamed.posterior, atol=1e-12)


@every_method
def test_inputs_stay_as_they_were(make: Callable[[], Method]) -> None:
    task, worker, label, _ = simulate(**SMALL["three labels"])
    copies = task.copy(), worker.copy(), label.copy()
    votes = Votes.from_labels(task, worker, label)
    codes = votes.task.copy(), votes.worker.copy(), votes.label.copy()
    gold = {0: 1, 1: 2}
    method = make()
    method.fit(votes, gold)
    assert gold == {0: 1, 1: 2}
    for now, before in zip((task, worker, label), copies, strict=True):
        np.testing.assert_array_equal(now, before)
    for code, earlier in zip((votes.task, votes.worker, votes.label), codes, strict=True):
        np.testing.assert_array_equal(code, earlier)
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.max_iterations = 3  # type: ignore[attr-defined]


@every_method
def test_results_cannot_be_written_to(make: Callable[[], Method]) -> None:
    fit = make().fit(votes_of("three labels"))
    for array in (fit.posterior, fit.confusion, fit.class_prior, fit.accuracy, fit.tied, fit.votes.task):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@every_method
def test_gold_is_clamped_even_against_everybody(make: Callable[[], Method]) -> None:
    votes = Votes.from_labels([1] * 5 + [2] * 5, [*range(5)] * 2, ["no"] * 5 + ["yes"] * 5)
    fit = make().fit(votes, gold={1: "yes"})
    assert by_name(fit)[1] == {"no": 0.0, "yes": 1.0}


@every_method
def test_a_gold_label_nobody_used_has_a_place(make: Callable[[], Method]) -> None:
    task, worker, label, _ = simulate(**SMALL["three labels"])
    fit = make().fit(Votes.from_labels(task, worker, label), gold={0: 9})
    check_shapes(fit)
    assert fit.labels == (0, 1, 2, 9)
    assert fit.consensus[0] == 9


@every_method
def test_a_task_only_gold_knows_is_left_out(make: Callable[[], Method]) -> None:
    votes = votes_of("three labels")
    fit = make().fit(votes, gold={"nobody answered": 1})
    assert fit.tasks == votes.tasks
    np.testing.assert_array_equal(fit.posterior, make().fit(votes).posterior)


@every_method
def test_no_answers_no_tasks(make: Callable[[], Method]) -> None:
    fit = make().fit(Votes.from_labels([], [], []))
    check_shapes(fit)
    assert fit.consensus == ()
    assert not fit.identifiable


@every_method
def test_one_worker_alone_is_believed(make: Callable[[], Method]) -> None:
    fit = make().fit(Votes.from_labels([1, 2, 3], ["a"] * 3, ["x", "y", "x"]))
    check_shapes(fit)
    assert fit.consensus == ("x", "y", "x")
    assert not fit.identifiable


@every_method
def test_one_label_is_certain(make: Callable[[], Method]) -> None:
    fit = make().fit(Votes.from_labels([1, 1, 2], ["a", "b", "a"], ["x", "x", "x"]))
    check_shapes(fit)
    np.testing.assert_array_equal(fit.posterior, [[1.0], [1.0]])


@every_method
def test_more_labels_than_answers(make: Callable[[], Method]) -> None:
    fit = make().fit(Votes.from_labels([1, 1, 2], ["a", "b", "a"], [3, 3, 5], known_labels=range(30)))
    check_shapes(fit)
    assert fit.consensus[0] == 3


@every_method
def test_a_tie_is_named_and_goes_to_the_first_label(make: Callable[[], Method]) -> None:
    """Two workers who are each other's mirror: nothing prefers either label."""
    votes = Votes.from_labels([1, 1, 2, 2], ["a", "b", "a", "b"], ["n", "y", "y", "n"])
    fit = make().fit(votes)
    assert fit.tied.all()
    assert fit.consensus == ("n", "n")
    assert fit.score({1: "n", 2: "n"}) == 0.5


@every_method
def test_repeated_answers_count_as_often_as_they_were_given(make: Callable[[], Method]) -> None:
    once = Votes.from_labels([1, 1, 2, 2], ["a", "b", "a", "b"], ["y", "n", "y", "y"])
    twice = Votes.from_labels([1, 1, 1, 2, 2], ["a", "a", "b", "a", "b"], ["y", "y", "n", "y", "y"])
    assert by_name(make().fit(twice))[1]["y"] > by_name(make().fit(once))[1]["y"]


@every_method
def test_answers_that_do_not_vote_never_move_their_own_task(make: Callable[[], Method]) -> None:
    """Task 9 has one voting answer "y"; ten others that say "n" tell about their workers only."""
    task = [1, 1, 1, 2, 2, 2, *[9] * 11]
    worker = ["a", "b", "c", "a", "b", "c", "a", *[f"w{i}" for i in range(10)]]
    label = ["y", "y", "y", "n", "n", "n", "y", *["n"] * 10]
    voting = [True] * 7 + [False] * 10
    fit = make().fit(Votes.from_labels(task, worker, label, voting=voting))
    check_shapes(fit)
    assert by_name(fit)[9]["y"] > 0.5
    assert fit.votes.answers.tolist() == [3, 3, 1]


@pytest.mark.parametrize("name", ["dawid-skene", "one-coin", "mace"])
def test_answers_that_do_not_vote_still_tell_about_their_worker(name: str) -> None:
    """Worker "bad" is wrong ten times in answers that do not vote: his one vote elsewhere weighs less for it."""
    good = [(t, w, "ny"[t % 2]) for t in range(20) for w in ("a", "b", "c")]
    lies = [(t, "bad", "yn"[t % 2]) for t in range(10)]
    contest = [(99, "bad", "y"), (99, "new", "n")]
    rows = [*good, *lies, *contest]
    voting = [True] * len(good) + [False] * len(lies) + [True] * len(contest)
    heard = METHODS[name]().fit(Votes.from_labels(*zip(*rows, strict=True), voting=voting))
    silent = [*good, *contest]
    deaf = METHODS[name]().fit(Votes.from_labels(*zip(*silent, strict=True)))
    assert by_name(heard)[99]["y"] < by_name(deaf)[99]["y"] - 0.1


@pytest.mark.parametrize("name", MODELS)
def test_a_warm_start_ends_where_the_cold_one_does(name: str) -> None:
    votes = votes_of("three labels")
    cold = METHODS[name]().fit(votes)
    warm = METHODS[name]().fit(votes, start=cold)
    assert warm.iterations <= cold.iterations or name == "auto"
    assert np.mean([a == b for a, b in zip(warm.consensus, cold.consensus, strict=True)]) >= 0.95


@pytest.mark.parametrize("name", ["dawid-skene dirichlet", "dawid-skene ml", "one-coin"])
def test_exact_em_never_goes_down(name: str) -> None:
    for crowd in SMALL:
        reached = METHODS[name]().fit(votes_of(crowd)).objective
        assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(reached))


answers = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.sampled_from(["a", "b", "c"])), max_size=25)


@pytest.mark.parametrize("name", [n for n in METHODS if n != "auto"])
@given(rows=answers, gold=st.dictionaries(st.integers(0, 6), st.sampled_from(["a", "b", "z"]), max_size=3))
@settings(max_examples=25, deadline=None)
def test_whatever_the_answers_the_fit_is_whole(
    name: str, rows: list[tuple[int, int, str]], gold: dict[int, str]
) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    votes = Votes.from_labels(*columns)
    fit = METHODS[name]().fit(votes, gold)
    check_shapes(fit)
    for task, row in by_name(fit).items():
        if task in gold:
            assert row[gold[task]] == 1.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: DawidSkene(max_iterations=0),
        lambda: DawidSkene(threads=-1),
        lambda: OneCoin(threads=-1),
        lambda: MACE(threads=-1),
        lambda: DawidSkene(tolerance=-1.0),
        lambda: DawidSkene(tolerance=float("nan")),
        lambda: DawidSkene(prior=Dirichlet(cell=0)),
        lambda: OneCoin(right=-1),
        lambda: EBCC(kinds=0),
        lambda: MACE(pooling=0),
        lambda: Auto(methods=()),
    ],
)
def test_senseless_parameters_are_refused_at_once(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        make()
