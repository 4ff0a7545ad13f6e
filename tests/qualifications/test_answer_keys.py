"""Answer keys and their mappings, as Mechanical Turk has them (API reference, AnswerKey) and as we have them."""

from typing import Any

import pytest

from crowd.kernel.errors import BadInput
from crowd.labeling import answers, config
from qualifications.answer_keys import AnswerKeyError, read_key, write_key
from qualifications.mappings import mapped, read_mapping

CONFIG = config.parse(
    {
        "data": {"kind": "text", "field": "word"},
        "questions": [
            {"id": "q1", "kind": "choice", "text": "One?", "labels": ["a", "b", "c"], "required": False},
            {"id": "q2", "kind": "multi-choice", "text": "Several?", "labels": ["x", "y", "z"], "required": False},
        ],
    }
)
# As in the reference: one selection; several, which match as a set; a negative score; a default.
SCORES: dict[str, Any] = {
    "q1": {"options": [{"answer": "a", "score": 5}, {"answer": "b", "score": -2}]},
    "q2": {"options": [{"answer": ["x", "y"], "score": 10}, {"answer": ["x"], "score": 3}], "default": 1},
}


@pytest.mark.parametrize(
    ("given", "points"),
    [
        ({"q1": "a", "q2": ["y", "x"]}, 15),
        ({"q1": "a", "q2": ["x"]}, 8),
        ({"q1": "b", "q2": ["x", "y", "z"]}, -1),  # one selection too many is no match
        ({"q1": "c", "q2": ["z"]}, 1),
        ({}, 1),  # what is left open scores the default
        ({"cannot_answer": {"reason": "unclear"}}, 1),
    ],
)
def test_scores_of_an_answer_key(given: dict[str, Any], points: int) -> None:
    key = read_key(CONFIG, {"scores": SCORES}, 1)
    assert key.points(CONFIG, answers.validate(CONFIG, given)) == points
    assert (key.least, key.most) == (-1, 15)
    assert key.best() == {"units": [{"q1": "a", "q2": ["x", "y"]}]}
    assert read_key(CONFIG, write_key(key), 1) == key


def test_a_gold_key_is_worth_its_points() -> None:
    key = read_key(CONFIG, {"key": {"any_of": [{"q1": "a"}, {"q1": "b"}]}, "points": 7}, 1)
    said = [key.points(CONFIG, answers.validate(CONFIG, {"q1": one})) for one in "abc"]
    assert (said, key.least, key.most) == ([7, 7, 0], 0, 7)


@pytest.mark.parametrize(
    ("mapping", "points", "value"),
    [
        # The example of SEMANTICS 4.1: 15 points at most.
        ({"kind": "percentage", "maximum": 15}, 5, 33),
        ({"kind": "percentage", "maximum": 15}, 10, 67),
        ({"kind": "percentage", "maximum": 8}, 5, 63),  # 62.5: to the nearest, a half upwards
        ({"kind": "scale", "multiplier": "3"}, 15, 45),
        ({"kind": "scale", "multiplier": 0.5}, 5, 3),  # 2.5
        ({"kind": "sum"}, 12, 12),
        ({}, 10, 66),  # ours: share of the points, rounded down
        ({}, -3, 0),
        *(
            (
                {
                    "kind": "range",
                    "ranges": [{"from": 5, "to": 7, "value": 5}, {"from": 8, "to": 10, "value": 10}],
                    "otherwise": 2,
                },
                points,
                value,
            )
            for points, value in [(4, 2), (5, 5), (7, 5), (8, 10), (10, 10), (11, 2), (-1, 2)]
        ),
    ],
)
def test_mappings(mapping: dict[str, Any], points: int, value: int) -> None:
    assert mapped(read_mapping(mapping, least=0, most=8), points, most=15) == value


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ({"kind": "median"}, "mapping"),
        ({"kind": "percentage", "maximum": 15, "minimum": 1}, "mapping"),
        ({"kind": "percentage", "maximum": 0}, "mapping.maximum"),
        ({"kind": "percentage", "maximum": 10}, "mapping"),  # 15 points would be 150
        ({"kind": "scale", "multiplier": "ten"}, "mapping.multiplier"),
        ({"kind": "scale", "multiplier": 10}, "mapping"),
        ({"kind": "range", "ranges": []}, "mapping.ranges"),
        ({"kind": "range", "ranges": [{"from": 5, "to": 4, "value": 1}]}, "mapping.ranges[0].to"),
        ({"kind": "range", "ranges": [{"from": 5, "to": 6, "value": 101}]}, "mapping.ranges[0].value"),
        (
            {"kind": "range", "ranges": [{"from": 5, "to": 6, "value": 1}, {"from": 0, "to": 5, "value": 2}]},
            "mapping.ranges",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_mapping(mapping, least=0, most=15)
    assert list(refused.value.data["errors"]) == [place]


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"scores": SCORES, "key": {"q1": "a"}}, "scores"),
        ({"scores": {}}, "scores"),
        ({"scores": {"q9": SCORES["q1"]}}, "scores.q9"),
        ({"scores": {"q1": {"options": []}}}, "scores.q1"),
        ({"scores": {"q1": {"options": [{"answer": "d", "score": 1}]}}}, "scores.q1.options[0].answer"),
        ({"scores": {"q1": {"options": [{"answer": "a", "score": 1.5}]}}}, "scores.q1.options[0].score"),
        ({"key": {"q1": "a"}, "points": 0}, "points"),
        ({}, "key"),
    ],
)
def test_a_key_that_cannot_be_is_refused(item: dict[str, Any], place: str) -> None:
    with pytest.raises(AnswerKeyError) as refused:
        read_key(CONFIG, item, 1)
    assert refused.value.path.startswith(place)
