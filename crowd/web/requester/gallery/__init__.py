"""Ready questions to start from: each a label config with a sample item and its answer (`ready/*.json`), its words in
`words.py`, and guidelines to change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.utils.functional import Promise

from crowd.labeling import documents
from crowd.labeling.config import LabelConfig
from crowd.labeling.documents import PLAIN
from crowd.web.requester.gallery.words import GUIDELINES, WORDS

PLACE = Path(__file__).parent / "ready"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """`kinds` are the kinds of data that it makes sense for; `data` the kind and column of its `sample`, one unit;
    `answer` is a right one to it."""

    slug: str
    title: str | Promise
    about: str | Promise
    kinds: tuple[str, ...]
    data: Mapping[str, Any]
    questions: tuple[dict[str, Any], ...]
    sample: Mapping[str, Any]
    answer: Mapping[str, Any]
    guidelines: str | Promise = ""

    @property
    def config(self) -> dict[str, Any]:
        return {"data": dict(self.data), "questions": [dict(one) for one in self.questions]}

    @property
    def asked(self) -> set[str]:
        """The kinds of its questions."""
        return {question["kind"] for question in self.questions}

    @property
    def says(self) -> set[str]:
        """What its questions ask."""
        return {question["text"] for question in self.questions}

    @property
    def media(self) -> str:
        """The address of the sample's file, where it has one."""
        shown = self.sample.get(self.data.get("field", ""))
        return static(shown["media"]) if isinstance(shown, Mapping) and "media" in shown else ""

    @property
    def excerpt(self) -> str:
        """The sample in a line, where it is words."""
        return " · ".join(text for value in self.sample.values() if (text := documents.source(value)))


@cache
def gallery() -> Sequence[Ready]:
    """All of them, in the order of `words.py`."""
    return [_read(slug) for slug in WORDS]


def _read(slug: str) -> Ready:
    given = json.loads((PLACE / f"{slug}.json").read_text())
    title, about = WORDS[slug]
    return Ready(
        slug=slug,
        title=title,
        about=about,
        kinds=tuple(given["kinds"]),
        data=given["data"],
        questions=tuple(given["questions"]),
        sample=given["sample"],
        answer=given["answer"],
        guidelines=GUIDELINES.get(slug, ""),
    )


def fitting(kind: str) -> list[Ready]:
    """What may be asked of this kind of data; everything where the kind is not known yet."""
    return [one for one in gallery() if not kind or kind in one.kinds]


def ready(slug: str) -> Ready | None:
    return next((one for one in gallery() if one.slug == slug), None)


def sample(config: LabelConfig) -> dict[str, Any]:
    """One unit of such data as a page shows it, to try the questions on: of what asks the same, else likewise, before
    all others."""
    data, asked = config.data, [question.kind for question in reversed(config.questions)]
    words = {question.text for question in config.questions}
    fitting = [one for one in gallery() if (one.data["kind"], one.data.get("format", PLAIN)) == (data.kind, PLAIN)]
    units = [
        one.sample
        for one in sorted(fitting, key=lambda one: [not one.says & words, *(kind not in one.asked for kind in asked)])
    ]
    if not data.field:  # rows
        return dict(units[0])
    values = [value for unit in units for value in unit.values()]
    return {column: _shown(value) for column, value in zip(data.pictured, values, strict=False)}


def _shown(value: Any) -> Any:
    return {**value, "media": static(value["media"])} if isinstance(value, Mapping) and "media" in value else value
