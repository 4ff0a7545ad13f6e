"""What the Django-free packages say reaches people in their language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from crowd.api.errors import problem, translate
from crowd.kernel import catalogs, speech
from crowd.kernel.errors import BadInput
from crowd.labeling import config
from crowd.labeling.errors import ConfigError, FormatError
from crowd.labeling.speech import joined, say

LABELING = catalogs.ROOT / "crowd" / "labeling"
GERMAN = {
    "This has %(count)s %(what)s; at most %(most)s are allowed.": "Das sind %(count)s %(what)s; höchstens %(most)s.",
    "labels": "Etiketten",
    "row %(row)s": "Zeile %(row)s",
    "%(value)s is not known here.": "%(value)s gibt es hier nicht.",
    "Did you mean %(near)s?": "Meinten Sie %(near)s?",
}


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalog as a translator might leave it."""
    monkeypatch.setattr(speech, "gettext", lambda text: GERMAN.get(text, text))
    with override("de"):
        yield


def test_a_message_is_its_english_sentence() -> None:
    said = say("At most %(most)s labels, not %(kind)s.", most=10_000, kind=say("a list"))
    assert said == "At most 10,000 labels, not a list."
    assert joined(said, "") is said


def test_it_is_said_anew_with_its_parts_and_numbers(german: None) -> None:
    text = "This has %(count)s %(what)s; at most %(most)s are allowed."
    said = speech.translated(say(text, count=12_345, what=say("labels"), most=0.5))
    assert said == "Das sind 12.345 Etiketten; höchstens 0,5."


def test_whoever_raises_it_further_says_it_in_the_readers_language(german: None) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse({"data": {"kind": "text", "field": "text"}, "questionz": []})
    body = problem(translate(caught.value) or BadInput())
    assert body["errors"] == {"questions": "This is missing. There is 'questionz'; did you mean 'questions'?"}

    fault = FormatError(
        1_234, None, joined(say("%(value)s is not known here.", value="x"), say("Did you mean %(near)s?", near="y"))
    )
    assert str(BadInput(fault.sentence).message) == "Zeile 1234: x gibt es hier nicht. Meinten Sie y?"
    assert BadInput(errors={fault.path: fault.message}).data["errors"] == {
        "Zeile 1234": "x gibt es hier nicht. Meinten Sie y?"
    }


def test_the_catalogs_hold_what_is_said() -> None:
    said = catalogs._said()
    assert all(message in said for message in GERMAN)


@pytest.mark.parametrize("path", sorted(LABELING.rglob("*.py")), ids=lambda path: path.stem)
def test_no_error_is_raised_with_words_that_cannot_be_translated(path: Path) -> None:
    plain = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error") and node.args
        if isinstance(node.args[-1], ast.JoinedStr)
        or (isinstance(node.args[-1], ast.Constant) and isinstance(node.args[-1].value, str))
    ]
    assert plain == []
