"""Worked examples of other platforms' rules, to the digit."""

import numpy as np
import pytest

from crowd.quality import Votes
from crowd.quality.plurality import simple_plurality
from crowd.quality.weighted import weighted_fit


def test_mechanical_turks_example_of_simple_plurality() -> None:
    """Four questions by three workers at a threshold of 50 %: two of three agree on the first two, all on the third,
    none on the fourth. Question agreement 66, 66, 100, none; task 75; workers 100, 66, 66."""
    said = {
        "A": {"q1": "yes", "q2": "red", "q3": 7, "q4": "a"},
        "B": {"q1": "yes", "q2": "blue", "q3": 7, "q4": "b"},
        "C": {"q1": "no", "q2": "red", "q3": 7, "q4": "c"},
    }
    found = simple_plurality(said, threshold=50)
    assert list(found.questions.values()) == [66, 66, 100, None]
    assert found.answers == {"q1": "yes", "q2": "red", "q3": 7}
    assert found.task == 75
    assert found.workers == {"A": 100, "B": 66, "C": 66}
    assert simple_plurality(said, threshold=100).workers == {
        "A": None,
        "B": None,
        "C": None,
    }  # more than 100 % is nobody
    assert simple_plurality({"A": {"q1": "x" * 257}}, threshold=50).questions == {"q1": None}  # too long to agree on
    with pytest.raises(ValueError, match="threshold=101"):
        simple_plurality(said, threshold=101)


def test_figure_eights_example_of_confidence() -> None:
    """The trust of those who say an answer, of the trust of all who answered: 4.4703 / 7.2505 = 0.6166."""
    trust = [0.9, 0.9, 0.9, 0.9, 0.8703, 0.9, 0.9802, 0.9]  # sums 4.4703 and 7.2505
    votes = Votes.from_labels(["row"] * 8, list(range(8)), ["yes"] * 5 + ["no"] * 2 + ["maybe"])
    fit = weighted_fit("trust", votes, votes.gold_codes(None), np.array(trust))
    assert fit.consensus == ("yes",)
    assert round(float(fit.confidence[0]), 4) == 0.6166
    assert fit.posterior.sum() == pytest.approx(1)
