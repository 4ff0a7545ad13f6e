"""Answers: one canonical form for what is allowed, and the exact place for what is not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.labeling.answers import REASONS, AnswerValue, CannotAnswer, validate
from crowd.labeling.config import parse
from crowd.labeling.errors import AnswerError
from crowd.labeling.kinds import Boxes, Choice, MultiChoice, Number, Text
from tests.labeling.configs import configs, json_values, make_config, one_of_each, question


def refusal(value: Any, config: Any = None, units: int = 1) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        validate(config or one_of_each(), value, units)
    return caught.value


def canonical(kind: str, value: Any, **fields: Any) -> Any:
    """What becomes of one value of one question; None where it answers nothing."""
    config = make_config(question(kind, id="q", **fields))
    return validate(config, {"q": value}).units[0].get("q")


def test_one_unit_may_be_said_shortly() -> None:
    short = validate(one_of_each(), {"choice": "cat"})
    long = validate(one_of_each(), {"units": [{"choice": "cat"}]})
    assert short == long
    assert short.to_json() == {"units": [{"choice": "cat"}]}


def test_a_page_has_one_answer_a_unit() -> None:
    page = validate(one_of_each(), {"units": [{"choice": "cat"}, {"choice": "dog", "number": 3}]}, units=2)
    assert page.units == ({"choice": "cat"}, {"choice": "dog", "number": 3})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("choice", "none of these", "none of these"),
        ("multi-choice", ["blue", "red"], ["red", "blue"]),
        ("multi-choice", ("green",), ["green"]),
        ("multi-choice", [], []),
        ("number", 3, 3),
        ("number", 3.0, 3),
        ("number", -0.0, 0),
        ("number", 2.5, 2.5),
        ("text", "cafe\u0301", "caf\u00e9"),
        ("text", " as it is ", " as it is "),
    ],
)
def test_equal_answers_get_one_form(kind: str, given: Any, kept: Any) -> None:
    answer = canonical(kind, given)
    assert answer == kept
    assert type(answer) is type(kept)


def test_line_ends_of_any_system_are_the_same_text() -> None:
    kept = {canonical("text", f"a{end}b", multiline=True) for end in ("\n", "\r\n", "\r")}
    assert kept == {"a\nb"}


@pytest.mark.parametrize(
    ("kind", "nothing"), [("choice", None), ("multi-choice", None), ("number", None), ("text", " ")]
)
def test_an_open_question_has_no_key_and_a_required_one_is_asked_for(kind: str, nothing: Any) -> None:
    optional = make_config(question(kind, id="q", required=False))
    assert validate(optional, {"q": nothing}).units == validate(optional, {}).units == ({},)
    assert refusal({"q": nothing}, make_config(question(kind, id="q"))).path == "q"


def test_none_of_them_is_an_answer_only_where_none_is_enough() -> None:
    assert canonical("multi-choice", []) == []
    assert canonical("multi-choice", [], at_least=1, required=False) is None
    assert "At least 1" in refusal({"q": []}, make_config(question("multi-choice", id="q", at_least=1))).message


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ([], "", "an object, not a list"),
        ({}, "choice", "must be answered"),
        ({"choice": "cats"}, "choice", "Did you mean 'cat'"),
        ({"choice": "Cat"}, "choice", "not one of the labels cat, dog, none of these"),
        ({"choice": ["cat"]}, "choice", "not a list"),
        ({"choice": "cat", "numbr": 3}, "numbr", "Did you mean 'number'"),
        ({"choice": "cat", "plant": 3}, "plant", "The questions are choice, multi-choice, number, text"),
        ({"choice": "cat", "multi-choice": "red"}, "multi-choice", "a list of labels, not text"),
        ({"choice": "cat", "multi-choice": ["red", "pink"]}, "multi-choice[1]", "'pink'"),
        ({"choice": "cat", "multi-choice": ["red", "red"]}, "multi-choice", "given twice"),
        ({"choice": "cat", "multi-choice": ["red"] * 4}, "multi-choice", "more than the question has"),
        ({"choice": "cat", "number": "3"}, "number", "a number, not text"),
        ({"choice": "cat", "number": True}, "number", "not true or false"),
        ({"choice": "cat", "number": float("nan")}, "number", "not between"),
        ({"choice": "cat", "number": float("inf")}, "number", "not between"),
        ({"choice": "cat", "number": 10**5000}, "number", "not between"),
        ({"choice": "cat", "number": 100.5}, "number", "not between 0 and 100"),
        ({"choice": "cat", "text": 3}, "text", "text, not a number"),
        ({"choice": "cat", "text": "a\0"}, "text", "NUL"),
        ({"choice": "cat", "text": "\ud800"}, "text", "half of a character"),
        ({"choice": "cat", "text": "a\nb"}, "text", "one line"),
        ({"choice": "cat", "text": "x" * 41}, "text", "41 characters; at most 40"),
        ({"units": {}}, "units", "a list of 1 answers"),
        ({"units": []}, "units", "0 answers; the task has 1"),
        ({"units": [{"choice": "cat"}, {"choice": "dog"}]}, "units", "2 answers; the task has 1"),
        ({"units": [{"choice": "cat"}], "choice": "cat"}, "choice", "nothing else"),
        ({"units": ["cat"]}, "units[0]", "an object, not text"),
        ({"units": [{"choice": "12"}]}, "units[0].choice", "'12' is not one of the labels"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(value: Any, path: str, words: str) -> None:
    error = refusal(value)
    assert error.path == path
    assert words in error.message


def test_the_unit_is_named_too() -> None:
    error = refusal({"units": [{"choice": "cat"}, {"choice": "12"}]}, units=2)
    assert str(error).startswith("units[1].choice: '12' is not one of the labels cat, dog")


def test_several_units_are_never_said_shortly() -> None:
    assert refusal({"choice": "cat"}, units=2).path == "units"


def test_bounds_are_kept() -> None:
    multi = make_config(question("multi-choice", id="q", at_least=2, at_most=2))
    assert validate(multi, {"q": ["red", "blue"]}).units == ({"q": ["red", "blue"]},)
    assert "At most 2" in refusal({"q": ["red", "blue", "green"]}, multi).message
    whole = make_config(question("number", id="q", integer=True))
    assert validate(whole, {"q": 7.0}).units == ({"q": 7},)
    assert "whole number" in refusal({"q": 7.5}, whole).message
    long = make_config(question("text", id="q", min_length=3))
    assert "At least 3" in refusal({"q": " ab "}, long).message


def test_who_cannot_answer_says_why() -> None:
    answer = validate(one_of_each(), {"cannot_answer": {"reason": "unclear", "comment": "blurred"}}, units=3)
    assert answer == AnswerValue(cannot_answer=CannotAnswer(reason="unclear", comment="blurred"))
    assert answer.to_json() == {"cannot_answer": {"reason": "unclear", "comment": "blurred"}}
    assert {"media_broken", "unclear", "no_label_fits", "harmful", "private_data", "needs_expert"} == set(REASONS)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"cannot_answer": "unclear"}, "cannot_answer"),
        ({"cannot_answer": {}}, "cannot_answer.reason"),
        ({"cannot_answer": {"reason": "tired"}}, "cannot_answer.reason"),
        ({"cannot_answer": {"reason": ["unclear"]}}, "cannot_answer.reason"),
        ({"cannot_answer": {"reason": "unclear", "comment": None}}, "cannot_answer.comment"),
        ({"cannot_answer": {"reason": "unclear", "comment": "x" * 2001}}, "cannot_answer.comment"),
        ({"cannot_answer": {"reason": "unclear", "why": "x"}}, "cannot_answer.why"),
        ({"cannot_answer": {"reason": "unclear"}, "choice": "cat"}, "cannot_answer"),
    ],
)
def test_a_reason_that_is_none_is_refused(value: Any, path: str) -> None:
    assert refusal(value).path == path


def test_a_project_may_want_an_answer_in_every_case() -> None:
    strict = make_config(cannot_answer=False)
    assert refusal({"cannot_answer": {"reason": "unclear"}}, strict).path == "cannot_answer"


def test_the_same_answer_is_the_same_bytes() -> None:
    spellings = [
        {"number": 3.0, "multi-choice": ["blue", "red"], "choice": "cat", "text": None},
        {"units": [{"choice": "cat", "multi-choice": ["red", "blue"], "number": 3}]},
    ]
    assert len({validate(one_of_each(), one).canonical_bytes() for one in spellings}) == 1
    other = validate(one_of_each(), {"choice": "cat"}).canonical_bytes()
    assert other != validate(one_of_each(), {"choice": "dog"}).canonical_bytes()
    assert other == b'{"units":[{"choice":"cat"}]}'


def test_the_order_of_questions_does_not_change_the_bytes() -> None:
    first, second = question(id="a"), question(id="b")
    value = {"a": "cat", "b": "dog"}
    said = {validate(make_config(*asked), value).canonical_bytes() for asked in ((first, second), (second, first))}
    assert len(said) == 1


def test_what_was_given_is_not_touched_nor_shared() -> None:
    colours = ["blue", "red"]
    answer = validate(one_of_each(), {"choice": "cat", "multi-choice": colours})
    answer.to_json()["units"][0]["multi-choice"].append("green")
    assert colours == ["blue", "red"]
    assert answer.units[0]["multi-choice"] == ["red", "blue"]


def right_answers(question: Any) -> st.SearchStrategy[Any]:
    """Any answer that a question allows, in any spelling."""
    if isinstance(question, Choice):
        return st.sampled_from(sorted(question.order))
    if isinstance(question, MultiChoice):
        return st.lists(st.sampled_from(sorted(question.order)), unique=True, min_size=question.at_least)
    if isinstance(question, Number):
        return st.floats(question.minimum, question.maximum)
    if isinstance(question, Boxes):
        box = {"label": sorted(question.order)[0], "x": 1.006, "y": 2, "width": 3.5, "height": 4}
        return st.just([box] * question.at_least)
    assert isinstance(question, Text)
    return st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=3, max_size=20)


@settings(deadline=None)
@given(st.data())
def test_validating_again_changes_nothing(data: st.DataObject) -> None:
    config = parse(data.draw(configs()))
    units = data.draw(st.integers(1, 3))
    wire = {"units": [{asked.id: data.draw(right_answers(asked)) for asked in config.questions} for _ in range(units)]}
    answer = validate(config, wire, units)
    stored = json.loads(json.dumps(answer.to_json()))
    assert validate(config, stored, units) == answer
    assert validate(config, stored, units).canonical_bytes() == answer.canonical_bytes()


@settings(deadline=None)
@given(json_values)
def test_nonsense_is_refused_or_canonical_and_never_crashes(value: Any) -> None:
    config = one_of_each()
    for wrong in (value, {"choice": "cat", "text": value}, {"choice": "cat", "number": value}, {"units": value}):
        try:
            answer = validate(config, wrong)
        except AnswerError:
            continue
        assert validate(config, answer.to_json()) == answer
