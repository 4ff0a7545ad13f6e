"""Agreement with other people's programs and with worked examples done by hand.

crowd-kit's results are stored in oracle/expected.json; oracle/make_expected.py made them.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crowd.quality import (
    DawidSkene,
    Dirichlet,
    MajorityVote,
    OneCoin,
    ParityDawidSkene,
    Votes,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
)
from crowd.quality.accuracy import beta_cdf
from crowd.quality.calibration import fit_isotonic
from crowd.quality.special import digamma
from tests.quality.crowds import SMALL, votes_of

EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "oracle" / "expected.json").read_text(encoding="utf-8"))
ENGINES = [pytest.param(0, id="numpy")]
try:
    import numba  # noqa: F401

    ENGINES += [pytest.param(1, id="compiled"), pytest.param(2, id="compiled, two threads")]
except ImportError:
    ENGINES += [pytest.param(1, marks=pytest.mark.skip(reason="the extra `fast` (numba) is not installed"))]


@pytest.mark.parametrize("threads", ENGINES)
@pytest.mark.parametrize("crowd", SMALL)
def test_parity_with_crowd_kit(crowd: str, threads: int) -> None:
    fit = ParityDawidSkene(threads=threads).fit(votes_of(crowd))
    assert fit.iterations == EXPECTED[crowd]["iterations"]
    assert fit.objective[-1] == pytest.approx(EXPECTED[crowd]["bound"], abs=1e-9)
    order = np.argsort(fit.tasks)
    np.testing.assert_allclose(fit.posterior[order], EXPECTED[crowd]["posterior"], atol=1e-6)


def test_a_kernel_is_compiled_anew_when_what_it_calls_changes() -> None:
    """numba keeps a kernel until its own file changes, so that all it calls must stand there."""
    pytest.importorskip("numba")
    from numba.core.dispatcher import Dispatcher
    from numba.core.extending import _Intrinsic

    from crowd.quality import kernels, sorting

    called: set[tuple[Any, Any]] = set()
    for module in (kernels, sorting):
        for kernel in [one.py_func for one in vars(module).values() if isinstance(one, Dispatcher)]:
            named = [kernel.__globals__.get(name) for name in kernel.__code__.co_names]
            called |= {(module, one) for one in named if isinstance(one, Dispatcher | _Intrinsic)}
    assert {one.__name__ for _module, one in called} >= {"add_counts", "soften", "sum_rows"}
    assert [one.__name__ for module, one in called if one.__module__ != module.__name__] == []


@pytest.mark.parametrize("threads", ENGINES[1:])
@pytest.mark.parametrize("crowd", SMALL)
@pytest.mark.parametrize("gold", [{}, {0: 1, 3: 0}], ids=["no gold", "gold"])
def test_the_compiled_engine_finds_what_numpy_finds(crowd: str, threads: int, gold: dict[int, int]) -> None:
    votes = votes_of(crowd)
    plain, fast = DawidSkene(threads=0).fit(votes, gold), DawidSkene(threads=threads).fit(votes, gold)
    np.testing.assert_allclose(fast.posterior, plain.posterior, atol=1e-9)
    np.testing.assert_allclose(fast.confusion, plain.confusion, atol=1e-9)
    assert fast.iterations == plain.iterations
    warm_plain = DawidSkene(threads=0).fit(votes, gold, start=plain)
    warm_fast = DawidSkene(threads=threads).fit(votes, gold, start=plain)
    np.testing.assert_allclose(warm_fast.posterior, warm_plain.posterior, atol=1e-9)


@pytest.mark.parametrize("crowd", SMALL)
def test_krippendorff_alpha_as_nltk_computes_it(crowd: str) -> None:
    assert krippendorff_alpha(votes_of(crowd)) == pytest.approx(EXPECTED[crowd]["alpha"], abs=1e-9)


def test_one_step_of_dawid_skene_by_hand() -> None:
    """Two tasks, two workers, labels n and y; a says y n, b says y y. Maximum likelihood, one iteration.

    Vote shares: task 1 (0, 1), task 2 (1/2, 1/2). Class prior: (1/4, 3/4). Worker a given "y": task 1, so y with
    1 / 1.5 = 2/3 and n with 1/3; given "n" (half of task 2): n always. Worker b: y whatever the truth.
    Task 1, a: y, b: y: n has 1/4 * 0 = 0, y has 3/4 * 2/3 = 1/2: surely y.
    Task 2, a: n, b: y: n has 1/4 * 1 = 1/4, y has 3/4 * 1/3 = 1/4: a draw.
    """
    votes = Votes.from_labels([1, 1, 2, 2], ["a", "b", "a", "b"], ["y", "y", "n", "y"])
    fit = DawidSkene(prior=None, max_iterations=1).fit(votes)
    np.testing.assert_allclose(fit.posterior, np.array([[0, 1], [0.5, 0.5]]), atol=1e-12)
    assert fit.evidence == pytest.approx(np.log(1 / 2) + np.log(1 / 2))


def test_one_step_under_a_dirichlet_prior_by_hand() -> None:
    """The same with pseudo-counts 1 a cell, 1 more on the diagonal, 1 a class: prior (1 + 1/2, 1 + 3/2) / 4.

    Worker a, [true n]: n 2 + 1/2, y 1 -> 5/7, 2/7; [true y]: n 1 + 1/2, y 2 + 1 -> 1/3, 2/3.
    Worker b, [true n]: n 2, y 1 + 1/2 -> 4/7, 3/7; [true y]: n 1, y 2 + 3/2 -> 2/9, 7/9.
    """
    votes = Votes.from_labels([1, 1, 2, 2], ["a", "b", "a", "b"], ["y", "y", "n", "y"])
    fit = DawidSkene(prior=Dirichlet(1, 1, 1), max_iterations=1).fit(votes)
    first = np.array([3 / 8 * 2 / 7 * 3 / 7, 5 / 8 * 2 / 3 * 7 / 9])
    second = np.array([3 / 8 * 5 / 7 * 3 / 7, 5 / 8 * 1 / 3 * 7 / 9])
    np.testing.assert_allclose(fit.posterior, [first / first.sum(), second / second.sum()], atol=1e-12)


def test_dawid_and_skene_1979_find_that_one_careless_doctor_counts_less() -> None:
    """Three observers agree, a fourth answers at random: the model sees what a majority cannot."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 4, 45)
    rows = [(t, w, int(k)) for t, k in enumerate(truth) for w in "abc"] + [
        (t, "d", int(rng.integers(0, 4))) for t in range(45)
    ]
    fit = DawidSkene().fit(Votes.from_labels(*zip(*rows, strict=True)))
    accuracy = dict(zip(fit.workers, fit.accuracy, strict=True))
    assert min(accuracy[w] for w in "abc") > 0.9
    assert accuracy["d"] < 0.5


def test_one_coin_equals_weighted_votes_of_log_odds() -> None:
    """Known accuracies 0.9, 0.6, 0.6 (from 1000 gold tasks): log 9 > 2 log 1.5, so one expert outvotes two others."""
    rows: list[tuple[object, str, str]] = []
    gold: dict[object, str] = {}
    for task in range(1000):
        gold[task] = "ny"[task % 2]
        for worker, accuracy in (("expert", 0.9), ("b", 0.6), ("c", 0.6)):
            good = (task * 7) % 1000 < accuracy * 1000
            rows.append((task, worker, gold[task] if good else "yn"[task % 2]))
    rows += [("contest", "expert", "y"), ("contest", "b", "n"), ("contest", "c", "n")]
    votes = Votes.from_labels(*zip(*rows, strict=True))
    odds = 9 / 1.5**2
    assert OneCoin().fit(votes, gold).posterior[-1, 1] == pytest.approx(odds / (1 + odds), abs=0.01)
    assert MajorityVote().fit(votes, gold).consensus[-1] == "n"


def test_krippendorff_2011_worked_example() -> None:
    """Computing Krippendorff's Alpha-Reliability, section C: 4 observers, 12 units, missing answers.

    Nominal .743, ordinal .815, interval .849.
    """
    table = {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
    rows = [(u, w, k) for w, answers in table.items() for u, k in enumerate(answers) if k is not None]
    votes = Votes.from_labels(*zip(*rows, strict=True))
    assert krippendorff_alpha(votes) == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(votes, "ordinal") == pytest.approx(0.815, abs=5e-4)
    assert krippendorff_alpha(votes, "interval") == pytest.approx(0.849, abs=5e-4)


def test_fleiss_1971_as_wikipedia_works_it() -> None:
    """Ten subjects, fourteen raters, five labels: kappa = 0.210."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    rows = []
    for task, row in enumerate(counts):
        labels = [label for label, count in enumerate(row) for _ in range(count)]
        rows += [(task, rater, label) for rater, label in enumerate(labels)]
    votes = Votes.from_labels(*zip(*rows, strict=True))
    assert fleiss_kappa(votes) == pytest.approx(0.210, abs=5e-4)
    assert percent_agreement(votes) == pytest.approx(0.378, abs=5e-4)


def test_cohen_1960_two_readers_of_fifty_proposals() -> None:
    """20 both yes, 15 both no, 5 yes-no, 10 no-yes: kappa = (0.7 - 0.5) / 0.5 = 0.4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    rows = [(t, w, k) for t, pair in enumerate(pairs) for w, k in zip("ab", pair, strict=True)]
    assert cohen_kappa(Votes.from_labels(*zip(*rows, strict=True)), "a", "b") == pytest.approx(0.4)


def test_fleiss_kappa_refuses_unequal_numbers_of_answers() -> None:
    with pytest.raises(ValueError, match="equally many"):
        fleiss_kappa(Votes.from_labels([1, 1, 2], ["a", "b", "a"], ["x", "x", "y"]))


def test_kappa_and_isotonic_steps_as_scikit_learn_finds_them() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn (extra demo) is not installed")
    isotonic = pytest.importorskip("sklearn.isotonic")
    rng = np.random.default_rng(8)
    one, other = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    rows = [(t, w, int(k)) for w, answers in (("a", one), ("b", other)) for t, k in enumerate(answers)]
    votes = Votes.from_labels(*zip(*rows, strict=True))
    assert cohen_kappa(votes, "a", "b") == pytest.approx(metrics.cohen_kappa_score(one, other))
    x, y = np.sort(rng.random(40)), rng.integers(0, 2, 40).astype(float)
    steps = isotonic.IsotonicRegression().fit_transform(x, y)
    np.testing.assert_allclose(sorted(set(fit_isotonic(x, y).values)), np.unique(np.round(steps, 12)), atol=1e-9)


def test_special_functions_as_scipy_computes_them() -> None:
    special = pytest.importorskip("scipy.special", reason="scipy (extra demo) is not installed")
    x = np.array([1e-3, 0.1, 0.5, 1, 2.5, 40, 1e5])
    np.testing.assert_allclose(digamma(x), special.digamma(x), rtol=1e-9)
    for a, b, at in ((0.5, 0.5, 0.1), (3, 9, 0.4), (200, 30, 0.9), (1, 1000, 0.001)):
        assert beta_cdf(a, b, at) == pytest.approx(special.betainc(a, b, at), abs=1e-10)
