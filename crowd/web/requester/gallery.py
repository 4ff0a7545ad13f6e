"""Ready questions to start from: each a label config without its data, and guidelines to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Labels = Sequence[str | dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Ready:
    """`kinds` are the kinds of data that it makes sense for. Names of labels stay English: they go into the results."""

    slug: str
    title: str | Promise
    about: str | Promise
    kinds: tuple[str, ...]
    questions: tuple[dict[str, Any], ...]
    guidelines: str | Promise = ""


def _labels(*names: str) -> list[dict[str, str]]:
    """Labels with digits as their keys: 1, 2, 3, ..."""
    keys = "1234567890"
    return [{"name": name, "key": keys[n] if n < len(keys) else ""} for n, name in enumerate(names)]


def _choice(id: str, text: str, labels: Labels, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "choice", "text": text, "labels": list(labels), **more}


DIGITS = [{"name": str(digit), "key": str(digit)} for digit in range(10)]
ALL = ("image", "text", "audio", "video", "row")

GALLERY: tuple[Ready, ...] = (
    Ready(
        slug="sentiment",
        title=_("Sentiment of a text"),
        about=_("Positive, neutral or negative."),
        kinds=("text", "row"),
        questions=(_choice("sentiment", "What does the writer feel?", _labels("positive", "neutral", "negative")),),
        guidelines=_("Judge what the writer feels, not what you feel. If praise and blame balance, choose neutral."),
    ),
    Ready(
        slug="categories",
        title=_("One of several categories"),
        about=_("Exactly one label from a list of your own."),
        kinds=ALL,
        questions=(_choice("category", "Which category fits best?", _labels("first", "second", "other")),),
    ),
    Ready(
        slug="yes-no",
        title=_("Yes or no"),
        about=_("Is it so? The quickest question there is."),
        kinds=ALL,
        questions=(_choice("answer", "Is it so?", [{"name": "yes", "key": "y"}, {"name": "no", "key": "n"}]),),
    ),
    Ready(
        slug="digits",
        title=_("Digits"),
        about=_("Which digit does the picture show?"),
        kinds=("image",),
        questions=(_choice("digit", "Which digit is it?", DIGITS),),
    ),
    Ready(
        slug="tags",
        title=_("Any number of tags"),
        about=_("All labels that apply, or none."),
        kinds=ALL,
        questions=(
            {
                "id": "tags",
                "kind": "multi-choice",
                "text": "What can be seen? Choose all that apply.",
                "labels": _labels("person", "animal", "vehicle", "building"),
            },
        ),
    ),
    Ready(
        slug="moderation",
        title=_("Moderation"),
        about=_("May this stay, and if not, why?"),
        kinds=("text", "image", "video"),
        questions=(
            _choice("verdict", "May this stay on a public site?", _labels("stays", "goes")),
            {
                "id": "reasons",
                "kind": "multi-choice",
                "text": "Why not?",
                "labels": ["insult", "threat", "spam", "private data"],
                "required": False,
            },
        ),
    ),
    Ready(
        slug="transcription",
        title=_("Transcription"),
        about=_("Type what is written or said."),
        kinds=("audio", "image", "video"),
        questions=(
            {"id": "transcript", "kind": "text", "text": "Type exactly what you hear or read.", "multiline": True},
        ),
        guidelines=_("Write every word as it is said. Mark what you cannot understand with [?]."),
    ),
    Ready(
        slug="count",
        title=_("Counting"),
        about=_("How many are there?"),
        kinds=("image", "video", "text"),
        questions=({"id": "count", "kind": "number", "text": "How many are there?", "minimum": 0, "integer": True},),
    ),
    Ready(
        slug="same",
        title=_("The same thing twice?"),
        about=_("Do two records describe one thing?"),
        kinds=("row",),
        questions=(
            _choice(
                "same", "Do both describe the same thing?", [{"name": "yes", "key": "y"}, {"name": "no", "key": "n"}]
            ),
        ),
    ),
    Ready(
        slug="relevance",
        title=_("Relevance of a search result"),
        about=_("How well does the result fit the query?"),
        kinds=("row", "text"),
        questions=(_choice("relevance", "How well does it fit?", _labels("perfect", "good", "poor", "not at all")),),
    ),
)


def fitting(kind: str) -> list[Ready]:
    """What may be asked of this kind of data; everything where the kind is not known yet."""
    return [one for one in GALLERY if not kind or kind in one.kinds]


def ready(slug: str) -> Ready | None:
    return next((one for one in GALLERY if one.slug == slug), None)
