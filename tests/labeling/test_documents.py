"""Documents: nothing of a text is lost in any form, and marks count in what stands there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.labeling.answers import validate
from crowd.labeling.config import parse
from crowd.labeling.documents import check_document, source, turns
from crowd.labeling.errors import AnswerError, ConfigError, SplitError
from tests.labeling.configs import question

TALK = [{"role": "Ann", "text": "Where is my 🎁?\nStill: nowhere."}, {"role": "Bo", "text": "On its way."}]
LINES = "Ann: Where is my 🎁?\nSee https://a.example\n at 10:30\nBo: On its way.\nAnn:\n"


def asked(kind: str, format: str, **fields: Any) -> dict[str, Any]:
    data = {"kind": "text", "field": "text", "format": format}
    return {"data": data, "questions": [question(kind, **fields)]}


PIECES = ["Ann: ", "Bo:", ": ", "words", "10:30", " ", "\n", "\r", "\u2028", "🎁"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_the_turns_of_a_text_are_the_text(text: str) -> None:
    assert "".join(turn.role + turn.said for turn in turns(text)) == text == source(text)


def test_who_speaks_is_named_and_numbered() -> None:
    assert [(turn.role, turn.speaker) for turn in turns(LINES)] == [("Ann", 0), ("Bo", 1), ("Ann", 0)]
    assert turns(LINES)[0].said.endswith("\n at 10:30\n")  # an address and a time are no speakers
    assert turns("No\nBo: Yes")[0].role == ""
    assert source(TALK) == "Ann: Where is my 🎁?\nStill: nowhere.\nBo: On its way."
    assert [turn.role for turn in turns(TALK)] == ["Ann", "Bo"]  # a list says itself where a turn begins
    assert turns(7) == turns([]) == turns([{"role": "Ann"}]) == []


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (" \n", "text: There is no text"),
        ([], "text: A chat is text"),
        (7, "text: A chat is text"),
        ([TALK[0], "Bo: Yes"], r"text\[1\]: A turn is"),
        ([{"role": "Ann", "content": "Hello"}], r"text\[0\]: A turn is"),
        ([{"role": " ", "text": "Hello"}], r"text\[0\]: The role"),
        ([{"role": "Ann\nBo", "text": "Hello"}], r"text\[0\]: The role"),
        ([{"role": "Ann", "text": " "}], r"text\[0\]: There is no text"),
    ],
)
def test_what_could_not_be_read_is_refused_with_its_place(document: Any, place: str) -> None:
    with pytest.raises(SplitError, match=place):
        check_document(document, "text", "chat")


def test_a_list_of_turns_is_for_chats_only() -> None:
    check_document(TALK, "text", "chat")
    for format in ("plain", "markdown"):
        with pytest.raises(SplitError, match="This must be text"):
            check_document(TALK, "text", format)


def test_marks_count_the_source_of_a_chat() -> None:
    config = parse(asked("spans", "chat", id="names"))
    start = len("Ann: Where is my 🎁?\nStill: nowhere.\n")
    mark = {"label": "person", "start": start, "end": start + 2}
    found = validate(config, {"names": [mark]}, 1, [{"text": TALK}]).to_json()["units"][0]["names"]
    assert [source(TALK)[one["start"] : one["end"]] for one in found] == ["Bo"]  # type: ignore[index]
    with pytest.raises(AnswerError, match="not between 0 and 51"):
        validate(config, {"names": [mark | {"end": 52}]}, 1, [{"text": TALK}])


@pytest.mark.parametrize(("kind", "format"), [("spans", "markdown"), ("boxes", "plain"), ("boxes", "chat")])
def test_what_cannot_be_marked_in_a_document_is_refused(kind: str, format: str) -> None:
    parse(asked("choice", format))
    with pytest.raises(ConfigError) as refused:
        parse(asked(kind, format))
    assert refused.value.path == "questions[0].kind"
