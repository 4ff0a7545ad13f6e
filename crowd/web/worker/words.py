"""Words of the labeling core, which speaks plain English, in the reader's language."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

REASON_WORDS = {
    "media_broken": _("It does not load, or cannot be made out"),
    "unclear": _("The question or the guidelines are unclear"),
    "no_label_fits": _("No answer fits"),
    "harmful": _("It is harmful or illegal"),
    "private_data": _("It shows private data"),
    "needs_expert": _("It needs somebody with special knowledge"),
}


def said(config: Mapping[str, Any], value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An answer as (question, answer) in the words of the page, unit after unit."""
    if "cannot_answer" in value:
        return [(str(_("It cannot be answered")), str(REASON_WORDS[value["cannot_answer"]["reason"]]))]
    units = value["units"]
    return [
        (
            question["text"] if len(units) == 1 else f"{number} · {question['text']}",
            _titles(question, unit[question["id"]]),
        )
        for number, unit in enumerate(units, start=1)
        for question in config["questions"]
        if question["id"] in unit
    ]


def _titles(question: Mapping[str, Any], given: Any) -> str:
    titles = {one["name"]: one.get("title") or one["name"] for one in question.get("labels", [])}
    return in_words(given, titles)


def in_words(given: Any, titles: Mapping[str, str] = {}) -> str:
    """The answer to one question of any kind, short enough for a line: marks are counted by label."""
    rows = given if isinstance(given, list) else [given]
    if rows and all(isinstance(one, Mapping) and "label" in one for one in rows):
        counts = Counter(titles.get(one["label"], str(one["label"])) for one in rows)
        return ", ".join(f"{count} × {label}" for label, count in counts.items())
    if isinstance(given, Mapping) and {"file", "sha256", "licence"} <= given.keys():
        address = reverse("web:contribution", args=[given["file"]])
        return format_html('<a href="{}">{}</a> ({})', address, given["name"] or given["file"], given["licence"])
    if isinstance(given, Mapping):
        return "; ".join(f"{name}: {in_words(value, titles)}" for name, value in given.items())
    if given == []:
        return str(_("none"))
    return ", ".join(titles.get(one, str(one)) if isinstance(one, str) else str(one) for one in rows)
