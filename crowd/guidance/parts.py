"""Guidelines label by label: definition, examples, counter-examples, edge cases; put together as the text that workers
read, so that versions, differences and confirmations are those of the text. Plain data, no database.

    {"intro": "...", "labels": [{"question": "mood", "label": "good", "definition": "...",
                                 "examples": ["..."], "counter_examples": [], "edge_cases": []}]}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import Choice, MultiChoice

LISTS = ("examples", "counter_examples", "edge_cases")
MOST_LINES = 50
MOST_TEXT = 5000


def read(data: Mapping[str, Any], config: LabelConfig) -> dict[str, Any]:
    """The parts in their full form. Raises BadInput, which names the place ("labels[0].examples")."""
    faults: dict[str, str] = {}
    known = {(one.id, label.name) for one in closed(config) for label in one.labels}
    given = data.get("labels") or []
    if not isinstance(given, list | tuple):
        raise BadInput(errors={"labels": _("This is a list.")})
    labels = [_label(one, f"labels[{place}]", known, faults) for place, one in enumerate(given)]
    if faults:
        raise BadInput(errors=faults)
    return {"intro": _text(data.get("intro"), "intro", faults), "labels": [one for one in labels if _says(one)]}


def compose(parts: Mapping[str, Any]) -> str:
    """As Markdown: the introduction, then a section for each label that says something."""
    heads = {
        "examples": _("Examples"),
        "counter_examples": _("Not this label"),
        "edge_cases": _("Edge cases"),
    }
    sections = [parts.get("intro", "").strip()]
    for one in parts.get("labels", ()):
        lines = [f"## {one['label']}", one["definition"].strip()]
        lines += [f"**{heads[name]}**\n\n" + _bullets(one[name]) for name in LISTS if one[name]]
        sections.append("\n\n".join(line for line in lines if line))
    return "\n\n".join(section for section in sections if section)


def with_case(parts: Mapping[str, Any], *, question: str, label: str, case: str) -> dict[str, Any]:
    """The same parts with one more edge case of a label."""
    labels = [dict(one) for one in parts.get("labels", ())]
    found = next((one for one in labels if (one["question"], one["label"]) == (question, label)), None)
    if found is None:
        found = {"question": question, "label": label, "definition": "", **{name: [] for name in LISTS}}
        labels.append(found)
    found["edge_cases"] = [*found["edge_cases"], case]
    return {"intro": parts.get("intro", ""), "labels": labels}


def closed(config: LabelConfig) -> Sequence[Choice | MultiChoice]:
    return [one for one in config.questions if isinstance(one, Choice | MultiChoice)]


def _label(given: Any, place: str, known: set[tuple[str, str]], faults: dict[str, str]) -> dict[str, Any]:
    given = given if isinstance(given, Mapping) else {}
    question, label = str(given.get("question", "")), str(given.get("label", ""))
    if (question, label) not in known:
        faults[f"{place}.label"] = _("There is no such label in this project.")
    read: dict[str, Any] = {"question": question, "label": label}
    read["definition"] = _text(given.get("definition"), f"{place}.definition", faults)
    for name in LISTS:
        lines = given.get(name) or []
        if not isinstance(lines, list | tuple) or len(lines) > MOST_LINES:
            faults[f"{place}.{name}"] = _("Up to %(most)d lines.") % {"most": MOST_LINES}
            lines = []
        read[name] = [text for line in lines if (text := _text(line, f"{place}.{name}", faults))]
    return read


def _text(given: Any, place: str, faults: dict[str, str]) -> str:
    text = given.replace("\r\n", "\n").strip() if isinstance(given, str) else ""
    if len(text) > MOST_TEXT or "\x00" in text:
        faults[place] = _("At most %(most)d characters.") % {"most": MOST_TEXT}
    return text


def _says(one: Mapping[str, Any]) -> bool:
    return bool(one["definition"] or any(one[name] for name in LISTS))


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join("- " + line.replace("\n", "\n  ") for line in lines)
