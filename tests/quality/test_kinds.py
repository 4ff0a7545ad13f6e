"""Answers that are no single label: numbers, sets, ratings, opinions, pairs, rankings, texts, spans; and their gold."""

import itertools

import numpy as np
import pytest

from crowd.quality import (
    Borda,
    BradleyTerry,
    LabelSets,
    Median,
    Medoid,
    NoisyBradleyTerry,
    Numbers,
    Ordinal,
    PairVotes,
    PerLabel,
    PlackettLuce,
    Rankings,
    Rover,
    SetVotes,
    SpanDawidSkene,
    TagVotes,
    Texts,
    Votes,
    WorkerScales,
    mean_pairwise,
    median,
    medoid,
    opinion_shares,
    ratings,
    spans_of,
    spread_between,
)
from crowd.quality import gold as scoring
from crowd.quality.numbers import certainty
from crowd.quality.text_distance import character_error_rate, edit_distance, word_error_rate
from tests.quality.crowds import simulate_numbers


def test_median_of_each_task() -> None:
    numbers = Numbers.from_values([1, 1, 1, 2, 2], ["a", "b", "c", "a", "b"], [3, 100, 4, 10, 20])
    fit = Median().fit(numbers)
    assert fit.value.tolist() == [4, 15]
    assert median([5]) == 5
    with pytest.raises(ValueError, match="no answers"):
        median([])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_named(value: float) -> None:
    with pytest.raises(ValueError, match="value at position 1"):
        Numbers.from_values([1, 1], ["a", "b"], [1.0, value])


def test_worker_scales_finds_bias_and_beats_the_mean() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(50, 20, 200)
    bias, spread = np.array([0.0, 0, 0, 30, -10]), np.array([1.0, 2, 3, 25, 25])
    rows = [(t, w, x + bias[w] + rng.normal(0, spread[w])) for t, x in enumerate(truth) for w in range(5)]
    numbers = Numbers.from_values(*zip(*rows, strict=True))
    fit = WorkerScales().fit(numbers)
    mean = np.bincount(numbers.task, numbers.value) / 5
    centred = fit.value - fit.value.mean() + truth.mean()
    assert np.abs(centred - truth).mean() < 0.25 * np.abs(mean - truth).mean()
    assert np.argsort(fit.spread)[:3].tolist() == [0, 1, 2]
    assert fit.bias[3] - fit.bias[0] == pytest.approx(30, abs=6)


def test_how_sure_a_median_is_claims_no_more_than_comes_out_right() -> None:
    numbers, truth = simulate_numbers(tasks=600, seed=1)
    value = Median().fit(numbers).value
    for tolerance in (0.5, 1, 2):
        sure, gain = certainty(numbers, tolerance)
        right = (np.abs(value - truth) <= tolerance).mean()
        assert right - 0.15 < sure.mean() < right + 0.02
        assert gain.min() >= 0
    torn = Numbers.from_values([1, 1, 2, 2, 3, 3], list("ababab"), [5, 5, 7, 7, 3, 12])
    assert certainty(torn, 1)[0].round(1).tolist() == [1.0, 1.0, 0.2]
    assert certainty(Numbers.from_values([1], ["a"], [5]), 1)[0].tolist() == [0]
    assert len(certainty(Numbers.from_values([], [], []), 1)[0]) == 0
    # Most agree to the point, some are far off: a lone answer may be one of these.
    mixed = Numbers.from_values([*sorted([*range(10)] * 2), 10], [*"ab" * 10, "a"], [5] * 14 + [5, 90] * 3 + [5])
    sure, gain = certainty(mixed, 1)
    assert (sure[10], sure[0]) == (pytest.approx(7 / 11), 1.0)
    assert gain[10] > 0.3


def test_worker_scales_of_nothing_and_of_one_answer() -> None:
    assert WorkerScales().fit(Numbers.from_values([], [], [])).value.shape == (0,)
    assert WorkerScales().fit(Numbers.from_values([1], ["a"], [7])).value[0] == pytest.approx(7)


@pytest.mark.parametrize("method", [PerLabel(), LabelSets()])
def test_sets_of_labels(method: PerLabel | LabelSets) -> None:
    truth = [{"cat"}, {"cat", "dog"}, set(), {"dog"}] * 6
    rows = [(t, w, answer) for t, answer in enumerate(truth) for w in "abc"]
    rows += [(t, "always both", {"cat", "dog"}) for t in range(24)]
    fit = method.fit(SetVotes.from_sets(*zip(*rows, strict=True)), gold={0: {"cat"}})
    assert list(fit.consensus) == [frozenset(answer) for answer in truth]
    assert fit.labels == ("cat", "dog")
    assert fit.probability[0].tolist() == pytest.approx([1, 0])


def test_ratings_use_the_distance_between_labels() -> None:
    """Careful workers err by one step, one answers from the other end: the median stays near."""
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 6, 150)
    rows: list[tuple[int, object, int]]
    rows = [(t, w, int(np.clip(k + rng.choice([-1, 0, 0, 1]), 1, 5))) for t, k in enumerate(truth) for w in range(4)]
    rows += [(t, "mirror", 6 - int(k)) for t, k in enumerate(truth)]
    votes = Votes.from_labels(*zip(*rows, strict=True))
    found = ratings(Ordinal().fit(votes))
    off = np.abs(np.array([votes.labels[m] for m in found.median], dtype=int) - truth)
    plain = np.bincount(votes.task, [votes.labels[k] for k in votes.label]) / np.bincount(votes.task)
    assert off.mean() < np.abs(np.round(plain) - truth).mean()
    assert found.mean.shape == found.deviation.shape == (150,)


def test_opinions_are_shares_with_intervals() -> None:
    votes = Votes.from_labels([1] * 10 + [2], range(11), ["yes"] * 8 + ["no"] * 2 + ["no"])
    found = opinion_shares(votes)
    assert found.share[0].tolist() == [0.2, 0.8]
    assert (found.low[0, 1], found.high[0, 1]) == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Wilson, 8 of 10
    assert found.high[1, 1] > 0.7
    assert found.soft.min() > 0


def test_groups_that_differ_are_told_from_groups_that_do_not() -> None:
    rng = np.random.default_rng(0)
    split = [(1, w, "yes" if w < 20 else "no") for w in range(40)]
    mixed = [(2, w, "yes" if w % 2 else "no") for w in range(40)]
    votes = Votes.from_labels(*zip(*split, *mixed, strict=True))
    found = spread_between(votes, {w: "young" if w < 20 else "old" for w in range(40)}, rng)
    assert found.spread[0] == pytest.approx(1.0)
    assert found.spread[1] == pytest.approx(0.0, abs=1e-9)
    assert found.chance[0] < 0.02
    assert found.chance[1] > 0.5


def pairs_from(strength: list[float], workers: int, rng: np.random.Generator, careless: int = 0) -> PairVotes:
    """Every pair compared by every worker under Bradley-Terry; the last `careless` workers always take the left one."""
    rows = []
    for worker, (one, other) in itertools.product(range(workers), itertools.combinations(range(len(strength)), 2)):
        left, right = (one, other) if rng.random() < 0.5 else (other, one)
        better = rng.random() < strength[left] / (strength[left] + strength[right])
        rows.append((worker, left, right, left if worker >= workers - careless or better else right))
    return PairVotes.from_pairs(*zip(*rows, strict=True))


def test_bradley_terry_two_items_by_hand() -> None:
    """Three of four comparisons for a, nearly no prior: strengths 3 to 1."""
    pairs = PairVotes.from_pairs([1] * 4, ["a"] * 4, ["b"] * 4, ["a", "a", "a", "b"])
    fit = BradleyTerry(prior=1e-6).fit(pairs)
    assert fit.ranking == ("a", "b")
    assert fit.score[0] - fit.score[1] == pytest.approx(np.log(3), abs=1e-4)


def test_noisy_bradley_terry_finds_who_does_not_look() -> None:
    strength = [8.0, 4, 2, 1, 0.5]
    pairs = pairs_from(strength, 40, np.random.default_rng(2), careless=12)
    fit = NoisyBradleyTerry().fit(pairs)
    order = [fit.items.index(item) for item in range(5)]
    assert fit.score[order].tolist() == sorted(fit.score, reverse=True)
    who = dict(zip(fit.workers, fit.attention, strict=True))
    assert np.mean([who[w] for w in range(28, 40)]) < np.mean([who[w] for w in range(28)]) - 0.2


def test_pairs_that_make_no_sense_are_named() -> None:
    with pytest.raises(ValueError, match="'c' at position 0 is neither"):
        PairVotes.from_pairs([1], ["a"], ["b"], ["c"])
    with pytest.raises(ValueError, match="position 0 shows 'a' beside itself"):
        PairVotes.from_pairs([1], ["a"], ["a"], ["a"])


def test_borda_by_hand() -> None:
    """a first twice of three, over two others: mean of .5, .5, -.5."""
    fit = Borda().fit(Rankings.from_orders([["a", "b", "c"], ["a", "c", "b"], ["b", "c", "a"]]))
    assert dict(zip(fit.items, fit.score, strict=True)) == pytest.approx({"a": 1 / 6, "b": 0.0, "c": -1 / 6})


def test_plackett_luce_of_pairs_is_bradley_terry() -> None:
    rng = np.random.default_rng(3)
    pairs = pairs_from([4.0, 2, 1], 20, rng)
    orders = [
        [pairs.items[w], pairs.items[x]] for w, x in zip(pairs.winner.tolist(), pairs.loser.tolist(), strict=True)
    ]
    one, other = BradleyTerry().fit(pairs), PlackettLuce().fit(Rankings.from_orders(orders))
    strengths = dict(zip(other.items, other.score, strict=True))
    assert [strengths[item] for item in one.items] == pytest.approx(one.score.tolist(), abs=1e-5)


def test_plackett_luce_recovers_an_order_from_parts_of_it() -> None:
    rng = np.random.default_rng(4)
    strength = np.array([16.0, 8, 4, 2, 1])
    orders = []
    for _ in range(300):
        shown = rng.choice(5, 3, replace=False)
        noisy = np.log(strength[shown]) + rng.gumbel(size=3)
        orders.append(shown[np.argsort(-noisy)].tolist())
    fit = PlackettLuce().fit(Rankings.from_orders(orders))
    assert fit.ranking == (0, 1, 2, 3, 4)
    with pytest.raises(ValueError, match="position 1 names an item twice"):
        Rankings.from_orders([["a"], ["a", "a"]])


def test_medoid_is_the_answer_closest_to_the_others() -> None:
    assert medoid(["the cat sat", "the cat sad", "a dog"])[0] in (0, 1)
    assert medoid(["only"]) == (0, 1.0)
    texts = Texts.from_texts([1, 1, 1, 2], ["a", "b", "c", "a"], ["Hello", "hello ", "yellow", ""])
    assert Medoid().fit(texts).consensus == ("Hello", "")


def test_rover_takes_each_word_from_the_majority() -> None:
    said = ["the cat sat on a mat", "the bat sat on the mat", "the cat sat in the mat"]
    texts = Texts.from_texts([1] * 3, "abc", said)
    assert Rover().fit(texts).consensus == ("the cat sat on the mat",)


def test_rover_weighs_workers_and_stands_silence() -> None:
    good = [(t, w, f"this is sentence number {t}") for t in range(20) for w in "abc"]
    bad = [(t, w, "buy now") for t in range(20) for w in "xy"]
    contest = [(99, "a", "right words"), (99, "x", "wrong words"), (100, "a", ""), (100, "b", "")]
    fit = Rover().fit(Texts.from_texts(*zip(*good, *bad, *contest, strict=True)))
    found = dict(zip(fit.tasks, fit.consensus, strict=True))
    assert found[99] == "right words"
    assert found[100] == ""
    assert found[3] == "this is sentence number 3"


def test_spans_of_tags() -> None:
    assert spans_of(["B-PER", "I-PER", "O", "B-LOC", "B-LOC"]) == ((0, 2, "PER"), (3, 4, "LOC"), (4, 5, "LOC"))
    assert spans_of(["I-PER", "I-LOC"]) == ((0, 1, "PER"), (1, 2, "LOC"))
    assert spans_of([]) == ()


def test_span_consensus_is_valid_where_the_majority_of_tokens_is_not() -> None:
    """Token by token: O (2 of 3), then I-PER (2 of 3), which nothing begins."""
    teach = [(f"t{i}", w, ["B-PER", "I-PER", "O"]) for i in range(10) for w in "abc"]
    odd = [("x", "a", ["B-PER", "I-PER"]), ("x", "b", ["O", "B-PER"]), ("x", "c", ["O", "I-PER"])]
    fit = SpanDawidSkene().fit(TagVotes.from_tags(*zip(*teach, *odd, strict=True)))
    tags = dict(zip(fit.tasks, fit.consensus, strict=True))
    assert tags["t3"] == ("B-PER", "I-PER", "O")
    assert tags["x"] in (("B-PER", "I-PER"), ("O", "B-PER"))


def test_tags_that_make_no_sense_are_named() -> None:
    with pytest.raises(ValueError, match="'PER' at position 0"):
        TagVotes.from_tags([1], ["a"], [["PER"]])
    with pytest.raises(ValueError, match="position 1 has 2 tags, others of 1 have 1"):
        TagVotes.from_tags([1, 1], ["a", "b"], [["O"], ["O", "O"]])


def test_edit_distance() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == edit_distance("abc", "") == 3
    assert edit_distance(["a", "b"], ["b"]) == 1
    assert word_error_rate("the cat", "the big cat") == pytest.approx(1 / 3)
    assert character_error_rate("abc", "abd") == pytest.approx(1 / 3)
    assert word_error_rate("x", "") == 1


@pytest.mark.parametrize(
    ("score", "wanted"),
    [
        (scoring.exact("x", "x"), 1),
        (scoring.exact(1, 2), 0),
        (scoring.same_set(["a", "b"], ["b", "a"]), 1),
        (scoring.same_set([], ["a"]), 0),
        (scoring.set_overlap({"a", "b"}, {"b", "c"}), 1 / 3),
        (scoring.within(0.1 + 0.2, 0.3), 1),
        (scoring.within(5, 3, 2), 1),
        (scoring.within(5.01, 3, 2), 0),
        (scoring.within(float("nan"), 3, 2), 0),
        (scoring.same_text("  Stra\u00dfe", "STRASSE "), 1),
        (scoring.same_text("e\u0301", "\u00e9"), 1),
        (scoring.same_text("a", "b"), 0),
        (scoring.span_f1([(0, 1, "X"), (2, 3, "Y")], [(0, 1, "X")]), 2 / 3),
        (scoring.span_f1([], []), 1),
        (scoring.words_right("the cat", "The big cat"), 2 / 3),
        (scoring.words_right("a b c d", "x"), 0),
        (scoring.characters_right("abc", "abd"), 2 / 3),
        (scoring.same_order("abc", "abc"), 1),
        (scoring.same_order("cba", "abc"), 0),
        (scoring.same_order("acb", "abc"), 2 / 3),
        (scoring.same_order("ab", "abc"), 0),
        (scoring.mean_score([1, 0.5]), 0.75),
        (scoring.mean_score([1, 0], [3, 1]), 0.75),
    ],
)
def test_gold_scores(score: float, wanted: float) -> None:
    assert score == pytest.approx(wanted)


def test_pass_marks_forgive_rounding_only() -> None:
    assert scoring.is_right(0.1 + 0.2, 0.3)
    assert scoring.is_right(0.7999999999999, 0.8)
    assert not scoring.is_right(0.79, 0.8)
    with pytest.raises(ValueError, match="at least one"):
        scoring.mean_score([])
    with pytest.raises(ValueError, match="tolerance"):
        scoring.within(1, 1, -1)


def test_mean_pairwise_scores() -> None:
    answers = [[{1}, {1}, {2}], [{3}]]
    assert mean_pairwise(answers, scoring.span_f1) == pytest.approx(1 / 3)
    assert np.isnan(mean_pairwise([["a"]], word_error_rate))
