"""How a unit of a task is shown and its questions are asked, and what a form says that came back.

One home for all who ask: the task page, qualification tests, reviews, the requester's preview and walk. What a person
sees of it is in `templates/web/tools` and `templates/web/worker/_question.html`.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString

from crowd.labeling import documents, strict_json
from crowd.labeling.conditions import conditions_of, is_asked
from crowd.labeling.config import LabelConfig
from crowd.labeling.documents import Turn
from crowd.labeling.errors import AnswerError
from crowd.labeling.kinds import KINDS
from crowd.labeling.predictions import predicted
from crowd.labeling.scene import scene_of
from crowd.projects import shown
from crowd.web import markdown
from crowd.web.tools import MARKS, MASKS, Tool, tool_for

TAKEN_KEYS = set("grbc?")  # they open the guidelines, return, unblur, report, explain
LABEL_COLOURS = 10  # in tokens.css
PLAIN = {"choice", "multi-choice", "number", "rating", "transcript", "text"}  # their fields do not depend on the item
MORE_KEYS = "1234567890qwertyuiopasdfhjklzxvnm"


@dataclass(frozen=True)
class Choice:
    name: str
    title: str
    key: str
    colour: str
    help: str
    tone: str  # as CSS: its own colour, or the next of the label colours


@dataclass(frozen=True)
class Asked:
    """One question of one unit, as the form asks it; `field` is the name of its inputs.

    `facts` is its config object, `scene` what it is asked about (docs/labeling.md). Most is worked out only where a
    template asks for it: a page of closed questions needs neither.
    """

    field: str
    facts: Mapping[str, Any]
    scene: Mapping[str, Any]
    seed: str
    choices: Sequence[Choice]

    @property
    def kind(self) -> str:
        return str(self.facts["kind"])

    @property
    def text(self) -> str:
        return str(self.facts["text"])

    @property
    def help(self) -> str:
        return str(self.facts.get("help", ""))

    @property
    def required(self) -> bool:
        return bool(self.facts.get("required", True))

    @property
    def when(self) -> str:
        """JSON of its conditions; empty: it is always asked."""
        conditions = self.facts.get("when") or []
        return json.dumps(conditions, ensure_ascii=False) if conditions else ""

    @property
    def tool(self) -> Tool | None:
        return tool_for(self.kind, self.scene["kind"])

    @property
    def settings(self) -> str:
        """JSON for the tool: the config object, each label with the key and the colour that it has on this page."""
        labels = [{"name": one.name, "title": one.title, "key": one.key, "colour": one.tone} for one in self.choices]
        return json.dumps({**self.facts, "labels": labels}, ensure_ascii=False)

    @property
    def about(self) -> str:
        """JSON for the tool: the scene."""
        return json.dumps(self.scene, ensure_ascii=False)

    @property
    def steps(self) -> list[tuple[int, str]]:
        """Of a rating: each step and its word; with two words only the ends have one."""
        low, high = int(self.facts["lowest"]), int(self.facts["highest"])
        words = list(self.facts["words"])
        if len(words) == 2:
            words = [words[0], *[""] * (high - low - 1), words[1]]
        return [(step, str(words[step - low]) if words else "") for step in range(low, high + 1)]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Of a record: its fields, each with its title and what the item says already."""
        row = self.scene["columns"]
        return [
            {**one, "title": one["title"] or one["name"], "given": row.get(one["column"], "")}
            for one in self.facts["fields"]
        ]

    @property
    def columns(self) -> list[str]:
        """Of flags: the cells that may be flagged."""
        return list(self.facts["columns"] or self.scene["columns"])

    @property
    def compared(self) -> list[dict[str, Any]]:
        """What is compared, in an order drawn for each task, so that no place in it is an advantage."""
        row = self.scene["columns"]
        is_row = self.scene["kind"] == "row"  # else what is compared is in sight already
        things = [
            {"name": one.name, "title": one.title, **_thing(row.get(one.name) if is_row else None)}
            for one in self.choices
        ]
        Random(f"{self.seed} {self.field}").shuffle(things)  # noqa: S311 (no secret)
        return things

    @property
    def longest(self) -> int:
        """Characters of its longest answer: so wide is each where several stand in a line."""
        return max((len(one.title) for one in self.choices), default=1)

    @property
    def limits(self) -> tuple[int, int] | None:
        """Of labels that are chosen: how few and how many, where not any number of them will do."""
        least, most = self.facts.get("at_least") or 0, self.facts.get("at_most")
        return (least, most or len(self.choices)) if least > 1 or most else None

    @property
    def short(self) -> bool:
        """Whether all answers are a few characters: digits, letters, yes and no."""
        return len(self.choices) > 5 and all(len(one.title) <= 3 for one in self.choices)


@dataclass(frozen=True)
class Unit:
    number: int
    kind: str
    format: str  # of a text
    text: str  # its source
    shown: Any
    media: str
    copy: str  # of a large picture a smaller one; "": there is none
    width: int | None  # natural pixels, where they are known
    height: int | None
    columns: Sequence[tuple[str, Any]]
    questions: Sequence[Asked]
    clip: tuple[float, float] | None = None  # of a recording that was cut: from when to when, in seconds of the whole
    pair: Sequence[
        Mapping[str, Any]
    ] = ()  # of two pictures each its column, addresses and size, in an order of its own

    @property
    def files(self) -> list[str]:
        """What the page loads of it first."""
        pictured = self.pair or [{"media": self.media, "copy": self.copy}]
        return [one["copy"] or one["media"] for one in pictured if one["media"]]

    @property
    def is_drawn_on(self) -> bool:
        """Whether the picture is the ground of a tool, which zooms it then."""
        return not self.pair and any(one.tool in (MARKS, MASKS) for one in self.questions)

    @property
    def plain(self) -> bool:
        """Whether the questions of every item look alike."""
        return all(one.kind in PLAIN for one in self.questions)

    @property
    def html(self) -> SafeString:
        """Of a Markdown text; its headings stand below the page's own."""
        return markdown.render(self.text, deepest=1)

    @property
    def turns(self) -> list[tuple[Turn, str]]:
        """Of a chat: each turn, and the colour of who speaks; the first labels have others."""
        turns = documents.turns(self.shown)
        return [(one, f"var(--label-{(one.speaker + LABEL_COLOURS // 2) % LABEL_COLOURS})") for one in turns]


def unit(number: int, columns: Mapping[str, Any], config: Mapping[str, Any], seed: str = "") -> Unit:
    """One unit of a task's payload, its files as signed addresses. `seed` is what an order of things is drawn from."""
    data = config["data"]
    if data.get("prediction"):  # it stands in the fields, and is nothing to look at
        columns = {name: one for name, one in columns.items() if name != data["prediction"]}
    value = columns.get(data["field"])
    file = value if isinstance(value, Mapping) else {}
    media = file.get("media", "") or (value if data["kind"] in shown.MEDIA_KINDS and not file else "")
    scene = _scene(data, columns, str(media or ""))
    return Unit(
        number=number,
        kind=data["kind"],
        format=scene["format"] if scene["text"] else documents.PLAIN,
        text=scene["text"] or "",
        shown=value,
        media=str(media or ""),
        copy=file.get("copy", ""),
        width=file.get("width"),
        height=file.get("height"),
        columns=list(columns.items()) if data["kind"] == "row" else [],
        questions=[
            Asked(
                f"u{number}.{one['id']}",
                one,
                scene,
                seed,
                _choices(one.get("labels", []), tool_for(one["kind"], data["kind"])),
            )
            for one in config["questions"]
        ],
        clip=_clip(scene, file.get("seconds")),
        pair=_pair(data, columns, f"{seed} {number}"),
    )


def _clip(scene: Mapping[str, Any], plays: float | None) -> tuple[float, float] | None:
    is_whole = not scene["start"] and (scene["end"] is None or scene["end"] == plays)
    return None if scene["kind"] not in ("audio", "video") or is_whole else (scene["start"], scene["end"])


def _pair(data: Mapping[str, Any], columns: Mapping[str, Any], seed: str) -> list[dict[str, Any]]:
    """Neither picture of a pair has an advantage by its place."""
    if not data.get("beside"):
        return []
    names = [data["field"], data["beside"]]
    Random(seed).shuffle(names)  # noqa: S311 (no secret)
    return [{"column": name, **_thing(columns.get(name)), **_seen(columns.get(name))} for name in names]


def _seen(value: Any) -> dict[str, Any]:
    known = value if isinstance(value, Mapping) else {}
    return {"copy": known.get("copy", ""), "width": known.get("width"), "height": known.get("height")}


def read_form(config: Mapping[str, Any], units: int, post: QueryDict) -> dict[str, Any]:
    """The answer's wire form from the page's form; what is wrong with it is the service's to say."""
    if "cannot_answer" in post:
        return {"cannot_answer": {"reason": post.get("reason", ""), "comment": post.get("comment", "").strip()}}
    return {"units": [read_unit(number, config["questions"], post) for number in range(units)]}


def read_unit(number: int, questions: Sequence[Mapping[str, Any]], post: QueryDict) -> dict[str, Any]:
    """What was filled in, without what stands in questions that are not asked after these answers."""
    read: dict[str, Any] = {}
    kinds = {one["id"]: KINDS[one["kind"]] for one in questions}
    for one in questions:
        value = _read(one["kind"], post.getlist(f"u{number}.{one['id']}"))
        if value is not None and is_asked(conditions_of(one, kinds), read):
            read[one["id"]] = value
    return read


def started(config: LabelConfig, units: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What stands in the form's fields before anybody typed: what a model answered."""
    fields: dict[str, list[str]] = {}
    if not config.data.prediction:
        return fields
    questions = config.to_json()["questions"]
    for number, unit in enumerate(units):
        with suppress(AnswerError):  # an earlier version allowed it
            fields |= filled(number, questions, predicted(config, unit))
    return fields


def filled(number: int, questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """What stands in the form's fields where these are a unit's answers: `read_unit` reads the same from it."""
    return {
        f"u{number}.{one['id']}": _written(one["kind"], answers[one["id"]]) for one in questions if one["id"] in answers
    }


def _written(kind: str, value: Any) -> list[str]:
    if kind == "multi-choice":
        return list(value)
    if kind in ("choice", "text", "transcript"):
        return [value]
    return [f"{value:.15g}" if kind == "number" else json.dumps(value, ensure_ascii=False)]


def _read(kind: str, given: Sequence[str]) -> Any:
    if kind == "multi-choice":
        return [value for value in given if value]
    value = given[0] if given else ""
    if value.strip() == "":
        return None
    if kind in ("choice", "text", "transcript"):
        return value
    return _number(value) if kind == "number" else _json(value)


def _number(text: str) -> Any:
    """A number, also with a decimal comma; else the text itself, for the service to refuse."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text


def _json(text: str) -> Any:
    """What a tool wrote into its field; else the text itself, for the service to refuse with the reason."""
    try:
        return strict_json.loads(text)
    except strict_json.JsonError as error:
        return strict_json.NotJson.of(text, error) if text.lstrip()[:1] in ("[", "{") else text


def _thing(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"media": value.get("media", ""), "shown": ""}
    return {"media": "", "shown": "" if value is None else value}


def _scene(data: Mapping[str, Any], columns: Mapping[str, Any], media: str) -> dict[str, Any]:
    """What tools draw on, as docs/labeling.md says."""
    scene = scene_of(data["kind"], data["field"], columns)
    shown = {"kind": data["kind"], "format": data.get("format", documents.PLAIN), "media": media, "columns": columns}
    return shown | {name: value for name, value in vars(scene).items() if name != "columns"}


def _choices(labels: Sequence[Mapping[str, Any]], tool: Tool | None) -> list[Choice]:
    """Each label's own key, else the digit that it is, else the next one that is free here."""
    named = [
        one.get("key", "").casefold() or (one["name"] if one["name"] in set("0123456789") else "") for one in labels
    ]
    taken = TAKEN_KEYS.union(named, tool.keys if tool else "")
    spare = iter([key for key in MORE_KEYS if key not in taken])
    keys = [key or next(spare, "") for key in named]
    words = ("name", "title", "colour", "description")
    rows = [[str(one.get(word, "")) for word in words] for one in labels]
    return [
        Choice(name, title or name, key, colour, text, colour or f"var(--label-{place % LABEL_COLOURS})")
        for place, ((name, title, colour, text), key) in enumerate(zip(rows, keys, strict=True))
    ]
