"""A label config is read whole or refused with the place and, where it can be told, what was meant."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from crowd.labeling.config import DATA_KINDS, parse, schema
from crowd.labeling.errors import ConfigError
from crowd.labeling.kinds import KINDS, Choice
from tests.labeling.configs import config_json, configs, json_values, make_config, question
from tests.labeling.examples import EXAMPLES


def refusal(data: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(data)
    return caught.value


def test_a_plain_name_and_a_full_label_say_the_same() -> None:
    short = make_config(question(labels=["a", "b"]))
    full = make_config(question(labels=[{"name": "a", "title": ""}, {"name": "b"}]))
    assert short == full


def test_every_field_arrives_where_it_belongs() -> None:
    label = {"name": "0", "title": "zero", "key": "0", "colour": "#00ff7F", "description": "d", "example": "e"}
    config = make_config(question(labels=[label, "1"], help="Look twice.", required=False), pass_mark=0.5)
    asked = config.question("animal")
    assert isinstance(asked, Choice)
    assert asked.labels[0].to_json() == label
    assert asked.order == {"0": 0, "1": 1}
    assert (asked.help, asked.required, asked.scored) == ("Look twice.", False, True)
    assert (config.data.kind, config.data.field, config.pass_mark) == ("image", "url", 0.5)
    assert config.cannot_answer


def test_there_is_no_question_of_another_name() -> None:
    with pytest.raises(KeyError):
        make_config().question("plant")


def test_only_rows_may_be_shown_whole() -> None:
    assert parse(config_json(data={"kind": "row"})).data.field == ""
    assert refusal(config_json(data={"kind": "image"})).path == "data.field"


def test_names_are_compared_as_people_read_them() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    error = refusal(config_json(question(labels=[composed, f" {decomposed} "])))
    assert error.path == "questions[0].labels[1].name"


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ([], "", "an object, not a list"),
        ({}, "data.kind", "missing"),
        (config_json(question=[]), "question", "not known"),
        ({"data": {"kind": "row"}, "question": []}, "questions", "did you mean 'questions'"),
        (config_json(version=2), "version", "not between"),
        (config_json(data={"kind": "imag", "field": "url"}), "data.kind", "Did you mean 'image'"),
        (config_json(data={"kind": "image", "field": "url", "filed": "x"}), "data.filed", "not known"),
        (config_json(pass_mark=0), "pass_mark", "every answer right"),
        (config_json(pass_mark=1.5), "pass_mark", "not between"),
        (config_json(pass_mark=float("nan")), "pass_mark", "not between"),
        (config_json(pass_mark=10**400), "pass_mark", "not between"),
        (config_json(cannot_answer="yes"), "cannot_answer", "true or false, not text"),
        (config_json(questions=[]), "questions", "at least 1"),
        (config_json(questions={}), "questions", "a list of questions, not an object"),
        (config_json(questions=[3]), "questions[0]", "an object, not a number"),
        (config_json(question("chioce")), "questions[0].kind", "Did you mean 'choice'"),
        (config_json(question(text="  ")), "questions[0].text", "not be empty"),
        (config_json(question(text=None)), "questions[0].text", "missing"),
        (config_json(question(text="a\0b")), "questions[0].text", "control character"),
        (config_json(question(text="x" * 2001)), "questions[0].text", "2,001 characters"),
        (config_json(question(requird=True)), "questions[0].requird", "Did you mean 'required'"),
        (config_json(question(required=1)), "questions[0].required", "not a number"),
        (config_json(question(id="1st")), "questions[0].id", "letter"),
        (config_json(question(id="units")), "questions[0].id", "No question may be called"),
        (config_json(question(), question()), "questions[1].id", "the id of another"),
        (config_json(question(labels=[])), "questions[0].labels", "at least 2"),
        (config_json(question(labels=["alone"])), "questions[0].labels", "at least 2"),
        (config_json(question(labels=["a", ""])), "questions[0].labels[1].name", "not be empty"),
        (config_json(question(labels=["a", "b", "a"])), "questions[0].labels[2].name", "already the name of"),
        (config_json(question(labels=["a", 3])), "questions[0].labels[1]", "not a number"),
        (config_json(question(labels=["a", {"nam": "b"}])), "questions[0].labels[1].name", "did you mean 'name'"),
        (config_json(question(labels=["a", {"name": "b", "colour": "red"}])), "questions[0].labels[1].colour", "#"),
        (
            config_json(question(labels=["a", {"name": "b", "color": "#aa0000"}])),
            "questions[0].labels[1].color",
            "'colour'",
        ),
        (config_json(question(labels=[str(n) for n in range(10_001)])), "questions[0].labels", "at most 10,000"),
        (config_json(question("multi-choice", at_least=4)), "questions[0].at_least", "not between 0 and 3"),
        (config_json(question("multi-choice", at_least=3, at_most=2)), "questions[0].at_most", "less than"),
        (config_json(question("number", minimum=2, maximum=1)), "questions[0].maximum", "less than"),
        (config_json(question("number", tolerance=-1)), "questions[0].tolerance", "not between"),
        (config_json(question("number", minimum="0")), "questions[0].minimum", "a number, not text"),
        (config_json(question("text", min_length=9, max_length=8)), "questions[0].max_length", "less than"),
        (config_json(question("text", max_length=1.5)), "questions[0].max_length", "whole number"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data: Any, path: str, words: str) -> None:
    error = refusal(data)
    assert error.path == path
    assert words in error.message
    assert str(error).startswith(path)


def test_a_hot_key_serves_one_label_whatever_its_case() -> None:
    labels = [{"name": "a", "key": "k"}, {"name": "b", "key": "K"}]
    error = refusal(config_json(question(labels=labels)))
    assert error.path == "questions[0].labels[1].key"
    other = [question(id=id, labels=[{"name": "a", "key": "k"}, "b"]) for id in ("one", "two")]
    make_config(*other)  # in another question the key is free


def test_there_is_an_end_to_questions_and_labels() -> None:
    many = [question(id=f"q{number}") for number in range(101)]
    assert refusal(config_json(*many)).path == "questions"
    long = [question(id=f"q{number}", labels=[str(n) for n in range(9_000)]) for number in range(12)]
    assert "labels in all" in refusal(config_json(*long)).message


@settings(deadline=None)
@given(configs())
def test_a_config_survives_being_written_and_read(data: dict[str, Any]) -> None:
    config = parse(data)
    written = json.loads(json.dumps(config.to_json()))
    assert parse(written) == config
    assert parse(written).to_json() == written
    jsonschema.Draft202012Validator(schema()).validate(written)


@settings(deadline=None)
@given(json_values)
def test_nonsense_is_refused_or_right_and_never_crashes(data: Any) -> None:
    for wrong in (data, config_json(data), config_json(question(labels=data)), config_json(data=data)):
        try:
            config = parse(wrong)
        except ConfigError:
            continue
        assert parse(config.to_json()) == config


def test_the_schema_is_one_and_knows_every_kind() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    kinds = {one["properties"]["kind"]["const"] for one in schema()["properties"]["questions"]["items"]["oneOf"]}
    assert kinds == set(KINDS)
    assert set(KINDS) == {"choice", "multi-choice", "number", "text", "contribution", *(one.kind for one in EXAMPLES)}
    assert schema()["properties"]["data"]["properties"]["kind"]["enum"] == list(DATA_KINDS)


@pytest.mark.parametrize(
    "wrong",
    [
        config_json(version=2),
        config_json(data={"kind": "image"}),
        config_json(extra=1),
        config_json(question(labels=["alone"])),
        config_json(question("number", labels=["a", "b"])),
        config_json(question(id="cannot_answer")),
        config_json(pass_mark=0),
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(wrong: dict[str, Any]) -> None:
    refusal(wrong)
    assert not jsonschema.Draft202012Validator(schema()).is_valid(wrong)
