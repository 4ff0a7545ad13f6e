"""Gold keys come in cells; they are kept in the form of answers."""

from typing import Any

import pytest

from crowd.labeling.answers import validate
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.gold_keys import parse_gold
from qualifications.scoring import score
from tests.labeling.configs import make_config, one_of_each, question


def key(cell: Any, kind: str = "choice", units: int = 1, **fields: Any) -> Any:
    return parse_gold(make_config(question(kind, id="q", **fields)), cell, units).to_json()


@pytest.mark.parametrize(
    ("kind", "cell", "answer"),
    [
        ("choice", " cat ", "cat"),
        ("choice", '{"q": "dog"}', "dog"),
        ("choice", {"q": "dog"}, "dog"),
        ("choice", {"units": [{"q": "dog"}]}, "dog"),
        ("multi-choice", "blue|red", ["red", "blue"]),
        ("multi-choice", "blue | red", ["red", "blue"]),
        ("multi-choice", '["blue", "red"]', ["red", "blue"]),
        ("multi-choice", ["blue"], ["blue"]),
        ("multi-choice", "[]", []),
        ("number", "3", 3),
        ("number", "2.50", 2.5),
        ("number", "1e1", 10),
        ("number", 7, 7),
        ("text", "cafe\u0301", "caf\u00e9"),
        ("text", '{"not": "an answer"}', '{"not": "an answer"}'),
        ("text", "{", "{"),
    ],
)
def test_a_single_question_takes_the_plain_value(kind: str, cell: Any, answer: Any) -> None:
    assert key(cell, kind) == {"units": [{"q": answer}]}


def test_a_label_with_a_bar_in_its_name_is_still_one_label() -> None:
    assert key("either|or", "multi-choice", labels=["either|or", "either", "x"]) == {"units": [{"q": ["either|or"]}]}


@pytest.mark.parametrize(
    ("kind", "cell", "words"),
    [
        ("choice", "", "empty"),
        ("choice", "  ", "empty"),
        ("choice", "cow", "not one of the labels"),
        ("choice", None, "no answer here"),
        ("choice", {}, "no answer here"),
        ("choice", {"p": "cat"}, "not a question"),
        ("multi-choice", "red|", "not one of the labels"),
        ("multi-choice", '["red"', "not JSON"),
        ("number", "1,5", "not a number"),
        ("number", "1_000", "not a number"),
        ("number", "nan", "not a number"),
        ("number", "inf", "not between"),
        ("number", "9" * 5000, "not a number"),
        ("text", "a\0", "NUL"),
    ],
)
def test_a_key_that_is_no_answer_is_refused(kind: str, cell: Any, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        key(cell, kind)


def test_several_questions_need_an_object_and_may_be_left_open() -> None:
    assert parse_gold(one_of_each(), '{"number": 4}').to_json() == {"units": [{"number": 4}]}
    with pytest.raises(AnswerError, match="not JSON"):
        parse_gold(one_of_each(), "cat")
    with pytest.raises(AnswerError, match="twice"):
        parse_gold(one_of_each(), '{"number": 4, "number": 5}')


def test_several_answers_may_be_right_each_with_its_weight_and_that_there_is_none_may_be_too() -> None:
    config = make_config(question("choice", id="q"))
    several = parse_gold(
        config,
        {
            "any_of": [
                {"cannot_answer": {"reason": "unclear"}, "weight": 0.5},
                "cat",
                {"q": "dog"},
            ]
        },
    )
    assert [(one.weight, one.value.to_json()) for one in several.solutions] == [
        (1.0, {"units": [{"q": "cat"}]}),
        (1.0, {"units": [{"q": "dog"}]}),
        (0.5, {"cannot_answer": {"reason": "unclear", "comment": ""}}),
    ]
    assert several.alone is None
    assert parse_gold(config, several.to_json()) == several
    assert parse_gold(config, '{"any_of": ["cat", "dog"]}').best.to_json() == {"units": [{"q": "cat"}]}

    def scored(value: Any) -> float:
        return score(config, key=several, given=validate(config, value))

    unclear = {"cannot_answer": {"reason": "media_broken"}}
    assert [scored({"q": "cat"}), scored({"q": "dog"}), scored(unclear), scored({"q": "none of these"})] == [
        1,
        1,
        0.5,
        0,
    ]
    for cell, words in (
        ({"any_of": []}, "1 to 20"),
        ({"any_of": ["cat", "horse"]}, r"any_of\[1\]"),
        ({"any_of": [{"q": "cat", "weight": 0.5}]}, "the weight 1"),
        ({"any_of": [{"q": "cat", "weight": 2}]}, "above 0 and at most 1"),
    ):
        with pytest.raises(AnswerError, match=words):
            parse_gold(config, cell)


def test_a_page_may_have_units_without_a_key_but_not_only_such() -> None:
    page = '{"units": [{"q": "cat"}, {}]}'
    assert key(page, units=2) == {"units": [{"q": "cat"}, {}]}
    with pytest.raises(AnswerError, match="no answer here"):
        key('{"units": [{}, {}]}', units=2)
    with pytest.raises(AnswerError, match="2 units"):
        key(page.replace(", {}", ""), units=2)


def test_a_key_must_hold_something_that_is_scored() -> None:
    with pytest.raises(AnswerError, match="scored"):
        key("cat", scored=False)


def test_that_nobody_can_answer_may_be_the_key() -> None:
    cell = '{"cannot_answer": {"reason": "unclear"}}'
    assert key(cell) == {"cannot_answer": {"reason": "unclear", "comment": ""}}


def test_each_kind_of_answer_has_its_tolerance() -> None:
    def scored(kind: str, key: Any, given: Any, **fields: Any) -> float:
        config = make_config(question(kind, id="q", **fields))
        return score(config, key=parse_gold(config, {"q": key}), given=validate(config, {"q": given}))

    assert [scored("number", 10, 10.4, tolerance=limit) for limit in (0, 0.5)] == [0, 1]
    two_of_three = (["red", "green"], ["red", "green", "blue"])
    assert [scored("multi-choice", *two_of_three, tolerance=limit) for limit in (0, 0.3, 0.34)] == [0, 0, 1]
    assert [scored("text", "Straße", "Strase", tolerance=limit) for limit in (0, 0.1, 0.3)] == [0, 0, 1]
    assert scored("text", "Rose", " rose ") == 1


def test_a_question_counts_by_its_weight() -> None:
    config = make_config(question("choice", id="main", weight=3), question("text", id="note"))
    known = parse_gold(config, {"main": "dog", "note": "brown"}, 1)
    assert score(config, key=known, given=validate(config, {"main": "dog", "note": "black"})) == 0.75
    assert score(config, key=known, given=validate(config, {"main": "cat", "note": "brown"})) == 0.25
    with pytest.raises(ConfigError, match="not between"):
        make_config(question("choice", id="main", weight=0))
