"""Every judged kind: one canonical form, the place of everything wrong, conditions between questions."""

import json
from typing import Any

import jsonschema
import pytest

from crowd.labeling.answers import validate
from crowd.labeling.config import parse, schema
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.gold_keys import parse_gold
from tests.labeling.configs import config_json, question
from tests.labeling.examples import EXAMPLES, TEXT, Example, ids

examples = pytest.mark.parametrize("example", EXAMPLES, ids=ids)


@examples
def test_a_canonical_answer_is_its_own_canonical_form(example: Example) -> None:
    config = parse(example.config)
    written = json.loads(json.dumps(config.to_json()))
    jsonschema.Draft202012Validator(schema()).validate(written)
    assert parse(written) == config
    for value in (example.key, *example.answers, example.bad):
        once = validate(config, {"q": value}, 1, [example.unit])
        assert once.to_json()["units"][0].get("q", value) == json.loads(json.dumps(value))
        assert validate(config, once.to_json(), 1, [example.unit]) == once
    assert parse_gold(config, json.dumps({"q": example.key}), 1, [example.unit]).best.units[0]["q"] == example.key


@examples
def test_what_is_wrong_is_named_with_its_place(example: Example) -> None:
    config = parse(example.config)
    for value, path, words in example.wrong:
        with pytest.raises(AnswerError) as caught:
            validate(config, {"q": value}, 1, [example.unit])
        assert (caught.value.path, words in caught.value.message) == (path, True), caught.value


def test_numbers_of_marks_are_rounded_and_what_rounding_put_outside_is_cut() -> None:
    config = parse(config_json(question("boxes", id="q", labels=["car"])))
    shown = [{"url": {"media": 1, "width": 100, "height": 50}}]
    given = [{"label": "car", "x": 0.004, "y": 10.4567, "width": 100.009, "height": 5, "id": "a-tool's-own"}]
    kept = [{"label": "car", "x": 0.0, "y": 10.46, "width": 100.0, "height": 5.0}]
    assert validate(config, {"q": given}, 1, shown).units[0]["q"] == kept


def test_offsets_count_code_points_and_not_what_a_browser_counts() -> None:
    config = parse({"data": {"kind": "text", "field": "t"}, "questions": [question("spans", id="q", labels=["x"])]})
    start = TEXT.index("She")
    span = [{"label": "x", "start": start, "end": len(TEXT)}]
    assert validate(config, {"q": span}, 1, [{"t": TEXT}]).units[0]["q"] == span
    browser = len(TEXT.encode("utf-16-le")) // 2
    assert browser > len(TEXT)
    with pytest.raises(AnswerError, match=r"q\[0\].end"):
        validate(config, {"q": [span[0] | {"end": browser}]}, 1, [{"t": TEXT}])


PERSON = question(id="person", labels=["yes", "no"])
BOX = question("boxes", id="box", labels=["person", "hat"], when={"question": "person", "is": "yes"}, at_least=1)
COLOUR = question("text", id="colour", when=[{"question": "box", "contains": "hat"}])
DRAWN = {"label": "person", "x": 1.0, "y": 1.0, "width": 5.0, "height": 5.0}
HAT = DRAWN | {"label": "hat"}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"person": "no"}, None),
        ({"person": "no", "box": [DRAWN]}, "box"),
        ({"person": "yes"}, "box"),
        ({"person": "yes", "box": [DRAWN]}, None),
        ({"person": "yes", "box": [DRAWN], "colour": "red"}, "colour"),
        ({"person": "yes", "box": [HAT]}, "colour"),
        ({"person": "yes", "box": [DRAWN, HAT], "colour": "red"}, None),
    ],
)
def test_a_question_is_asked_where_its_condition_holds(value: dict[str, Any], path: str | None) -> None:
    config = parse(config_json(PERSON, BOX, COLOUR))
    if path is None:
        assert validate(config, value).units == (value,)
        return
    with pytest.raises(AnswerError) as caught:
        validate(config, value)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("when", "path", "words"),
    [
        ({"question": "q", "is": "yes"}, "questions[1].when[0].question", "before this one"),
        ({"question": "later", "is": "yes"}, "questions[1].when[0].question", "before this one"),
        ({"question": "person", "is": "maybe"}, "questions[1].when[0].is", "no label"),
        ({"question": "person", "contains": []}, "questions[1].when[0].contains", "not be empty"),
        ({"question": "person"}, "questions[1].when.is", "exactly one"),
        ({"question": "person", "is": "yes", "contains": "yes"}, "questions[1].when.is", "exactly one"),
        ("person", "questions[1].when", "a list"),
    ],
)
def test_a_condition_names_an_earlier_question_and_an_answer_that_it_may_get(when: Any, path: str, words: str) -> None:
    asked = [PERSON, question("text", id="q", when=when), question("text", id="later")]
    with pytest.raises(ConfigError) as caught:
        parse(config_json(*asked))
    assert (caught.value.path, words in caught.value.message) == (path, True), caught.value
