"""Words of the labeling core, which speaks plain English, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

REASON_WORDS = {
    "media_broken": _("It does not load, or cannot be made out"),
    "unclear": _("The question or the guidelines are unclear"),
    "no_label_fits": _("No answer fits"),
    "harmful": _("It is harmful or illegal"),
    "private_data": _("It shows private data"),
}


def said(config: Mapping[str, Any], value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An answer as (question, answer) in the words of the page, unit after unit."""
    if "cannot_answer" in value:
        return [(str(_("It cannot be answered")), str(REASON_WORDS[value["cannot_answer"]["reason"]]))]
    return [
        (question["text"], _titles(question, unit[question["id"]]))
        for unit in value["units"]
        for question in config["questions"]
        if question["id"] in unit
    ]


def _titles(question: Mapping[str, Any], given: Any) -> str:
    titles = {one["name"]: one.get("title") or one["name"] for one in question.get("labels", [])}
    return ", ".join(titles.get(one, str(one)) for one in (given if isinstance(given, list) else [given]))
