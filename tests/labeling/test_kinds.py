"""Every judged kind: one canonical form, the place of everything wrong, conditions between questions."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from django.http import QueryDict

from crowd.labeling.answers import validate
from crowd.labeling.changes import ConfigChange, carried
from crowd.labeling.config import parse, schema
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.gold_keys import parse_gold
from crowd.labeling.kinds import Label
from crowd.labeling.scene import scene_of
from crowd.web import asking
from tests.labeling.configs import config_json, make_config, question
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
        assert once.to_json()["units"][0]["q"] == json.loads(json.dumps(value))
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


def test_half_a_turn_is_half_a_turn_either_way_round() -> None:
    config = parse(config_json(question("boxes", id="q", labels=["car"], rotation=True)))
    box = {"label": "car", "x": 9.0, "y": 9.0, "width": 5.0, "height": 5.0}
    for given, kept in ((180, 180.0), (-180, 180.0), (-179.99, -179.99), (270, -90.0)):
        assert validate(config, {"q": [box | {"rotation": given}]}).units[0]["q"] == [box | {"rotation": kept}]


@examples
def test_labels_put_into_other_words_and_back_leave_an_answer_as_it_was(example: Example) -> None:
    old: Any = parse(example.config).question("q")
    names = {label.name: f"the {label.name}" for label in getattr(old, "labels", ())}
    new = replace(old, **({"labels": tuple(Label(name=name) for name in names.values())} if names else {}))
    back = {name: old_name for old_name, name in names.items()}
    dropped = dict.fromkeys(names)
    for value in (*example.answers, example.key, example.bad):
        renamed = carried(new, value, ConfigChange(labels={"q": names}))
        assert not set(new.labels_in(renamed)) & names.keys()
        assert len(new.labels_in(renamed)) == len(old.labels_in(value))
        assert carried(old, renamed, ConfigChange(labels={"q": back})) == old.accept(value, "q")
        gone = carried(old, value, ConfigChange(labels={"q": dropped}))
        assert not names or not set(old.labels_in(gone)) & names.keys()


def test_a_column_may_be_called_as_parts_of_answers_are() -> None:
    flags = make_config(question("flags", id="q", labels=["wrong", "bad"])).question("q")
    said = {"choice": ["wrong"], "label": ["bad", "wrong"]}
    change = ConfigChange(labels={"q": {"wrong": "bad"}})
    assert carried(flags, said, change) == {"choice": ["bad"], "label": ["bad"]}


def test_relations_join_the_spans_of_their_own_answer() -> None:
    example = next(one for one in EXAMPLES if one.kind == "relations")
    spans = [{"label": "person", "start": start, "end": end} for start, end in ((0, 12), (22, 37))]
    given = {"names": spans, "q": example.key}
    assert validate(parse(example.config), given, 1, [example.unit]).units == (given,)
    with pytest.raises(AnswerError, match=r"q\[0\].to: .* none of the spans"):
        validate(parse(example.config), {"names": spans[:1], "q": example.key}, 1, [example.unit])


def test_tracks_of_an_item_of_unknown_length_are_bounded_together() -> None:
    config = make_config(question("tracks", id="q", labels=["car"]))
    still = {"x": 1.0, "y": 1.0, "width": 5.0, "height": 5.0}
    track = {"label": "car", "keyframes": [still | {"time": 0.0}, still | {"time": 26_000.0}]}
    with pytest.raises(AnswerError, match="52,000, of at most 50,000"):
        validate(config, {"q": [track, track]})


BACKWARDS = {"name": "n", "type": "number", "minimum": 3, "maximum": 2}


@pytest.mark.parametrize(
    ("one", "place"),
    [
        (question("keypoints", labels=["hand"], skeleton=["a", "b"], edges=[["a", ["b"]]]), "questions[0].edges[0]"),
        (question("record", fields=[BACKWARDS]), "questions[0].fields[0].maximum"),
        (question("taxonomy", nodes=[["a"], [" "]]), "questions[0].nodes[1]"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(one: dict[str, Any], place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_config(one)
    assert caught.value.path == place


def test_a_column_called_start_says_nothing_about_time() -> None:
    assert scene_of("audio", "f", {"f": {"media": 1, "seconds": 9.0}, "start": "intro", "end": "outro"}).end == 9.0


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


PAIR = question("pairwise", id="first", labels=["left", "right"])
FLAGS = question("flags", id="first", labels=["wrong", "missing"])
ENDS = question("best-worst", id="first", labels=["a", "b", "c"])
ORDER = question("ranking", id="first", labels=["a", "b"])


@pytest.mark.parametrize(
    ("first", "when", "said", "asked"),
    [
        (PAIR, {"is": "left"}, {"choice": "left"}, True),
        (PAIR, {"is": ["left", "tie"]}, {"choice": "tie"}, True),
        (PAIR, {"is_not": "left"}, {"choice": "left"}, False),
        (PAIR, {"contains": "right"}, {"choice": "right"}, True),
        (FLAGS, {"contains": "wrong"}, {"name": ["missing"], "label": ["wrong"]}, True),
        (FLAGS, {"contains": "wrong"}, {"wrong": ["missing"]}, False),
        (FLAGS, {"answered": True}, {}, False),
        (FLAGS, {"answered": True}, {"name": ["wrong"]}, True),
        (ENDS, {"contains": "c"}, {"best": "a", "worst": "c"}, True),
        (ENDS, {"contains": "b"}, {"best": "a", "worst": "c"}, False),
        (ORDER, {"contains": "b"}, ["a", "b"], True),
    ],
)
def test_conditions_read_every_kind_of_answer(
    first: dict[str, Any], when: dict[str, Any], said: Any, asked: bool
) -> None:
    after = question("text", id="after", when={"question": "first"} | when)
    config = config_json(first, after, data={"kind": "row"})
    given = {"first": said, **({"after": "so"} if asked else {})}
    assert validate(parse(config), given).units == (given,)
    with pytest.raises(AnswerError, match=r"^after: "):
        validate(parse(config), {"first": said, **({} if asked else {"after": "so"})})
    post = QueryDict(mutable=True)
    post.update({"u0.first": json.dumps(said), "u0.after": "so"})
    assert asking.read_unit(0, [one.to_json() for one in parse(config).questions], post) == {
        "first": said, **({"after": "so"} if asked else {})
    }  # fmt: skip
    with pytest.raises(ConfigError, match="use contains"):
        parse(config_json(FLAGS, question("text", id="after", when={"question": "first", "is": "wrong"})))


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
