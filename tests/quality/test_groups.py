"""Tests on tables against known values, and groups of people of which nothing about a few can be worked out."""

import math

import numpy as np
import pytest

from crowd.quality import chi_square, chi_square_tail, merge_small, rounded, safe_groups


@pytest.mark.parametrize(
    ("x", "freedom", "p"),
    [
        # Upper critical values (NIST/SEMATECH e-Handbook, 1.3.6.7.4), with more digits; and two closed forms.
        (3.841458820694124, 1, 0.05),
        (18.307038053275146, 10, 0.05),
        (135.80672317102676, 100, 0.01),
        (0.0, 3, 1.0),
        (1.386294361119891, 2, 0.5),
        (2000.0, 4, 0.0),
    ],
)
def test_the_tail_of_the_distribution(x: float, freedom: int, p: float) -> None:
    assert chi_square_tail(x, freedom) == pytest.approx(p, abs=1e-9)


def test_with_two_degrees_of_freedom_it_is_exponential() -> None:
    for x in np.linspace(0.1, 80, 50):
        assert chi_square_tail(float(x), 2) == pytest.approx(math.exp(-x / 2), rel=1e-10)


def test_a_table_of_a_textbook() -> None:
    """A. Agresti, Categorical Data Analysis (2002), table 3.2: belief by degree. 3 x 3, X² = 69.2."""
    found = chi_square([[178, 138, 108], [570, 648, 442], [138, 252, 252]])
    assert found is not None
    assert (round(found.statistic, 1), found.freedom, found.thin) == (69.2, 4, False)
    assert found.p < 1e-12
    assert found.effect == pytest.approx(math.sqrt(69.157 / (2726 * 2)), abs=1e-4)


def test_rows_alike_differ_by_nothing_and_empty_ones_do_not_count() -> None:
    found = chi_square([[10, 20, 0], [30, 60, 0], [0, 0, 0]])
    assert found is not None
    assert found.freedom == 1
    assert (found.statistic, found.p) == pytest.approx((0, 1))
    assert chi_square([[3, 4]]) is chi_square([[3, 0], [4, 0]]) is chi_square([[]]) is None
    thin = chi_square([[1, 2], [3, 1]])
    assert thin is not None
    assert thin.thin
    with pytest.raises(ValueError, match="negative"):
        chi_square([[-1, 2], [3, 4]])


def test_under_chance_alone_p_is_uniform() -> None:
    rng = np.random.default_rng(5)
    found = [chi_square(rng.multinomial(400, [0.2, 0.3, 0.5], size=3)) for _each in range(2000)]
    low = np.mean([one is not None and one.p < 0.05 for one in found])
    assert 0.035 < low < 0.065


def test_nothing_about_fewer_people_is_shown_or_left_over() -> None:
    rng = np.random.default_rng(3)
    for _each in range(3000):
        sizes = dict(enumerate(rng.integers(0, 30, size=rng.integers(0, 8)).tolist()))
        least, unsaid = int(rng.integers(1, 13)), int(rng.integers(0, 20))
        shown = merge_small(sizes, least, rest=unsaid)
        rest = unsaid + sum(sizes[key] for key in shown.together)
        assert all(sizes[key] >= least for key in shown.apart)
        assert rest == 0 or rest >= least or (shown.hidden and not shown.apart)
        assert rest == unsaid + sum(sizes.values()) - sum(sizes[key] for key in shown.apart)


def test_a_large_group_joins_the_rest_where_that_would_be_told_by_subtraction() -> None:
    shown = merge_small({"DE": 40, "US": 12, "FR": 3}, 10)
    assert shown.apart == ("DE",)
    assert shown.together == {"US", "FR"}
    assert not shown.hidden
    assert merge_small({"DE": 9}, 10).hidden
    assert merge_small({"DE": 10, "US": 10}, 10).apart == ("DE", "US")


def test_groups_of_several_ways_leave_no_few_between_them() -> None:
    """Whatever sums and differences of groups can single out is made of cells of their cross-tabulation."""
    rng = np.random.default_rng(2)
    shown = 0
    for _each in range(300):
        people = range(int(rng.integers(0, 120)))
        ways = [
            {one: int(rng.integers(0, many)) for one in people if rng.random() < 0.9} for many in rng.integers(1, 5, 3)
        ]
        found = safe_groups(people, ways, 10)
        cells = [tuple(way[one] for way in found) for one in people]
        assert all(cells.count(cell) >= 10 for cell in set(cells)) or all(set(cell) == {None} for cell in cells)
        assert all(group in (None, ways[n].get(one)) for n, way in enumerate(found) for one, group in way.items())
        shown += any(group is not None for way in found for group in way.values())
    assert shown > 100
    # Twelve speak German, ten of them in Germany: the two Austrians would be the difference.
    country = {n: "DE" if n < 10 else "AT" if n < 12 else "FR" for n in range(22)}
    by_country, by_language = safe_groups(range(22), [country, dict.fromkeys(range(12), "de")], 10)
    assert {by_country[0], by_country[10]} == {"DE", None}
    assert set(by_language.values()) == {None}
    assert set(safe_groups(range(20), [dict.fromkeys(range(20), "DE")], 10)[0].values()) == {None}  # all of them are


def test_counts_of_people_are_rounded_however_small() -> None:
    assert [rounded(count) for count in (0, 2, 3, 12, 99, 100, 1249, -7)] == [0, 0, 5, 10, 100, 100, 1200, -5]
