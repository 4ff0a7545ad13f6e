"""A test as staff read it: what is asked, what is right and worth how much, what a try gets of it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.web.requester.setup.setting_words import GROUPS, WORDS, WORDS_OF
from crowd.web.staff.kit import Cell, Row, Table
from crowd.web.templatetags.crowd_web import duration
from crowd.web.worker import words
from qualifications.models import Test

KINDS = {kind: name for _group, _data, kinds in GROUPS for kind, name in kinds}
SHARED = {"id", "kind", "text", "help", "required", "scored", "asks", "weight", "when"}  # by all kinds of questions
ORDER = {name: place for place, name in enumerate(WORDS)}
LONGEST = 300
MOST_ITEMS = 200


def facts(test: Test) -> list[tuple[str, Any]]:
    """How it is taken and marked."""
    version = _("version %(number)s, %(items)s items") % {"number": test.version, "items": len(test.items)}
    return [
        (_("Test"), f"{version} · {_('training')}" if test.training else version),
        (_("Each try asks"), _drawn(test)),
        (_("Passed from"), test.pass_mark),
        (_("Points become a value"), _mapping(test.mapping)),
        (_("Time"), duration(test.time_limit_s)),
        (_("Again after"), duration(test.retry_delay_s) if test.retry_delay_s is not None else _("never")),
    ]


def tables(test: Test) -> list[Table]:
    return [questions(test.config, _("What its test asks")), _items(test)]


def questions(config: Mapping[str, Any], title: str) -> Table:
    head = [_("Question"), _("Answered by"), _("What may be said"), _("Help")]
    asked = config.get("questions", [])
    rows = [
        Row([one["text"], str(KINDS.get(one["kind"], one["kind"])), _lines(_allowed(one)), one.get("help") or "–"])
        for one in asked
    ]
    return Table(head, rows, title, _("Nothing yet."))


def written(test: Test) -> dict[str, str]:
    """The test as programs read it."""
    whole = {"config": test.config, "items": test.items, "mapping": test.mapping, "draw": test.draw}
    return {"title": _("The test as JSON"), "body": json.dumps(whole, indent=2, ensure_ascii=False)}


def _drawn(test: Test) -> str:
    if not test.draw:
        return _("all items, in order")
    there = Counter(item.get("pool", "") for item in test.items)
    return ", ".join(
        _("%(drawn)s of the %(all)s of “%(pool)s”") % {"drawn": drawn, "all": there[pool], "pool": pool}
        if pool
        else _("%(drawn)s of the %(all)s") % {"drawn": drawn, "all": there[pool]}
        for pool, drawn in test.draw.items()
    )


def _mapping(mapping: Mapping[str, Any]) -> str:
    kind = mapping.get("kind")
    if kind == "sum":
        return _("as they are")
    if kind == "percentage":
        return _("in per cent of %(maximum)s") % mapping
    if kind == "scale":
        return _("times %(multiplier)s") % mapping
    if kind == "range":
        steps = [_("%(from)s to %(to)s: %(value)s") % one for one in mapping["ranges"]]
        return ", ".join([*steps, _("else %(value)s") % {"value": mapping["otherwise"]}])
    return _("in per cent of all that can be reached")


def _allowed(question: Mapping[str, Any]) -> Iterator[str]:
    """Its labels; then its other settings, each in a line, in the order in which the question form has them."""
    settings = {name: value for name, value in question.items() if name not in SHARED and _is_set(value)}
    if labels := settings.pop("labels", []):
        yield ", ".join(one.get("title") or one["name"] for one in labels)
    for name in sorted(settings, key=lambda name: ORDER.get(name, len(ORDER))):
        yield f"{_setting(question['kind'], name)}: {_value(settings[name])}"


def _is_set(value: Any) -> bool:
    return value is not False and value not in ("", [], None)


def _value(value: Any) -> str:
    return _("yes") if value is True else words.in_words(value)


def _setting(kind: str, name: str) -> str:
    return str((WORDS_OF.get((kind, name)) or WORDS.get(name) or (name,))[0])


def _items(test: Test) -> Table:
    head = ["##", _("What is shown"), _("What is right"), _("Points#"), _("Pool"), _("Explanation")]
    rows = [
        Row(
            [
                str(number),
                _lines(line[:LONGEST] for line in _shown(item)),
                _lines(_right(test, item)),
                item.get("points", "–"),
                item.get("pool") or "–",
                item.get("explanation") or "–",
            ]
        )
        for number, item in enumerate(test.items[:MOST_ITEMS], start=1)
    ]
    more = len(test.items) - len(rows)
    title = _("Items and their keys")
    if more:
        title += " " + ngettext("(%(count)s more in the JSON)", "(%(count)s more in the JSON)", more) % {"count": more}
    return Table(head, rows, title)


def _shown(item: Mapping[str, Any]) -> Iterator[str]:
    units = item["payload"]["units"]
    for number, unit in enumerate(units, start=1):
        text = words.in_words(unit["text"] if [*unit] == ["text"] else unit)
        yield text if len(units) == 1 else f"{number} · {text}"


def _right(test: Test, item: Mapping[str, Any]) -> Iterator[str]:
    """Each answer that is right; of a key with scores, each answer with its points."""
    if "scores" in item:
        yield from _scored(test, item["scores"])
        return
    for place, solution in enumerate(item["key"].get("any_of", [item["key"]])):
        if place:
            weight = solution.get("weight", 1)
            yield _("or, worth %(weight)s of it:") % {"weight": weight} if weight != 1 else _("or:")
        pairs = words.said(test.config, solution)
        alone = len(pairs) == 1 and "units" in solution
        yield from (str(answer) if alone else f"{question} {answer}" for question, answer in pairs)


def _scored(test: Test, scores: Mapping[str, Any]) -> Iterator[str]:
    for question in test.config["questions"]:
        if key := scores.get(question["id"]):
            said = [(words.said(test.config, _alone(question, one["answer"])), one["score"]) for one in key["options"]]
            options = [f"{pairs[0][1]}: {score}" for pairs, score in said]
            yield f"{question['text']} {'; '.join([*options, _('else %(value)s') % {'value': key['default']}])}"


def _alone(question: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    return {"units": [{question["id"]: answer}]}


def _lines(lines: Iterable[str]) -> Cell:
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "–"
