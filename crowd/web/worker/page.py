"""What the task page shows: the item, the questions with their keys, the guidelines, the draft."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from crowd.assignments import configs, offers
from crowd.assignments.models import Assignment, Draft, Participation
from crowd.assignments.services import drafts
from crowd.assignments.states import ReturnReason
from crowd.kernel import clock
from crowd.labeling import strict_json
from crowd.labeling.answers import REASONS
from crowd.labeling.conditions import conditions_of, is_asked
from crowd.labeling.scene import scene_of
from crowd.projects import shown
from crowd.projects.models import Tier
from crowd.review import queries as reviews
from crowd.web import markdown
from crowd.web.tools import Tool, tool_for
from crowd.web.worker.words import REASON_WORDS
from workers.models import Worker

TAKEN_KEYS = set("grbc?")  # they open the guidelines, return, unblur, report, explain
LABEL_COLOURS = 10  # in tokens.css
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
    """One question of one unit, as the form asks it; `field` is the name of its inputs."""

    field: str
    kind: str
    text: str
    help: str
    required: bool
    choices: Sequence[Choice]
    facts: Mapping[str, Any]
    settings: str  # the question as its config object, and what it is asked about: JSON for the tool (docs/labeling.md)
    scene: str
    when: str

    data: str  # the kind of data it is asked about
    row: Mapping[str, Any]  # the columns of the unit

    @property
    def tool(self) -> Tool | None:
        return tool_for(self.kind, self.data)

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
        return [
            {**one, "title": one["title"] or one["name"], "given": self.row.get(one["column"], "")}
            for one in self.facts["fields"]
        ]

    @property
    def columns(self) -> list[str]:
        """Of flags: the cells that may be flagged."""
        return list(self.facts["columns"] or self.row)

    @property
    def compared(self) -> list[dict[str, Any]]:
        """What is compared, in an order of its own for each item, which the hand that wrote the config cannot sway."""
        things = [{"name": one.name, "title": one.title, **_thing(self.row.get(one.name))} for one in self.choices]
        return sorted(things, key=lambda one: crc32(f"{one['name']} {self.scene}".encode()))

    @property
    def short(self) -> bool:
        """Whether all answers are a few characters: digits, letters, yes and no."""
        return len(self.choices) > 5 and all(len(one.title) <= 3 for one in self.choices)


@dataclass(frozen=True)
class Unit:
    number: int
    kind: str
    shown: Any
    media: str
    width: int | None  # natural pixels, where they are known
    height: int | None
    columns: Sequence[tuple[str, Any]]
    questions: Sequence[Asked]


def context(assignment: Assignment, worker: Worker, inside: Participation | None = None) -> dict[str, Any]:
    """For templates/web/worker/task.html; `assignment` with project and task.

    `inside` is his participation, given where the task was opened this moment: then less has to be asked.
    """
    project, config = assignment.project, configs.raw(assignment.config_id)
    now = assignment.opened_at if inside else clock.now()
    found = shown.payload(assignment.task, config=config, user=worker.user, address=_media_address, now=now)
    is_new = inside is not None and assignment.attempt == 1  # nobody can have typed anything here
    tiers = inside.tiers if inside else tiers_of(assignment)
    return {
        "assignment": assignment,
        "project": project,
        "rework_reason": reviews.why_sent_back(assignment),
        "units": [unit(number, one, config) for number, one in enumerate(found["units"])],
        "cannot_answer": [(reason, REASON_WORDS[reason]) for reason in REASONS] if config["cannot_answer"] else [],
        "guidelines": _guidelines(assignment),
        "has_media": config["data"]["kind"] in shown.MEDIA_KINDS,
        "warned": bool(project.content_warnings),
        "pace": offers.pace(project),
        "left": offers.tasks_left({project.pk: tiers}).get(project.pk, 0),
        "tier": Tier.objects.filter(project=project, number=assignment.tier).first() if assignment.tier else None,
        "most": offers.MOST,
        "now": now,
        "draft": _draft(None if is_new else drafts.draft_of(assignment)),
        "return_reasons": ReturnReason.choices,
    }


def tiers_of(assignment: Assignment) -> list[int]:
    """Those of which he is given tasks in this project."""
    inside = Participation.objects.filter(project=assignment.project_id, worker=assignment.worker_id)
    return inside.values_list("tiers", flat=True).get()


def media(assignment: Assignment, worker: Worker) -> list[str]:
    """The addresses of the files that a task will show, the same ones that its page will have."""
    config = configs.raw(assignment.config_id)
    found = shown.payload(assignment.task, config=config, user=worker.user, address=_media_address)
    units = [unit(number, one, config) for number, one in enumerate(found["units"])]
    return [one.media for one in units if one.media]


def read_form(config: Mapping[str, Any], units: int, post: QueryDict) -> dict[str, Any]:
    """The answer's wire form from the page's form; what is wrong with it is the service's to say."""
    if "cannot_answer" in post:
        return {"cannot_answer": {"reason": post.get("reason", ""), "comment": post.get("comment", "").strip()}}
    return {"units": [read_unit(number, config["questions"], post) for number in range(units)]}


def read_unit(number: int, questions: Sequence[Mapping[str, Any]], post: QueryDict) -> dict[str, Any]:
    """What was filled in, without what stands in questions that are not asked after these answers."""
    read: dict[str, Any] = {}
    for one in questions:
        value = _read(one["kind"], post.getlist(f"u{number}.{one['id']}"))
        if value is not None and is_asked(conditions_of(one), read):
            read[one["id"]] = value
    return read


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
    """What a tool wrote into its field; else the text itself, for the service to refuse."""
    try:
        return strict_json.loads(text)
    except strict_json.JsonError:
        return text


def _media_address(token: str) -> str:
    return reverse("api:media", args=[token])


def unit(number: int, columns: Mapping[str, Any], config: Mapping[str, Any]) -> Unit:
    data = config["data"]
    value = columns.get(data["field"])
    file = value if isinstance(value, Mapping) else {}
    media = file.get("media", "") or (value if data["kind"] in shown.MEDIA_KINDS and not file else "")
    return Unit(
        number=number,
        kind=data["kind"],
        shown=value,
        media=str(media or ""),
        width=file.get("width"),
        height=file.get("height"),
        columns=list(columns.items()) if data["kind"] == "row" else [],
        questions=[_asked(number, one, _scene(data, columns, str(media or ""))) for one in config["questions"]],
    )


def _thing(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"media": value.get("media", ""), "shown": ""}
    return {"media": "", "shown": "" if value is None else value}


def _scene(data: Mapping[str, Any], columns: Mapping[str, Any], media: str) -> dict[str, Any]:
    """What tools draw on, as docs/labeling.md says."""
    scene = scene_of(data["kind"], data["field"], columns)
    shown = {"kind": data["kind"], "format": data.get("format", "plain"), "media": media, "columns": columns}
    return shown | {name: value for name, value in vars(scene).items() if name != "columns"}


def _asked(number: int, question: Mapping[str, Any], scene: Mapping[str, Any]) -> Asked:
    own = {"labels", "id", "kind", "text", "help", "required", "scored"}
    choices = _choices(question.get("labels", []))
    labels = [{"name": one.name, "title": one.title, "key": one.key, "colour": one.tone} for one in choices]
    return Asked(
        field=f"u{number}.{question['id']}",
        kind=question["kind"],
        text=question["text"],
        help=question.get("help", ""),
        required=question.get("required", True),
        choices=choices,
        facts={name: value for name, value in question.items() if name not in own},
        settings=json.dumps({**question, "labels": labels}, ensure_ascii=False),
        scene=json.dumps(scene, ensure_ascii=False),
        when=json.dumps(question.get("when") or [], ensure_ascii=False),
        data=str(scene["kind"]),
        row=scene["columns"],
    )


def _choices(labels: Sequence[Mapping[str, Any]]) -> list[Choice]:
    """Each label's own key, else the digit that it is, else the next free one."""
    named = [
        one.get("key", "").casefold() or (one["name"] if one["name"] in set("0123456789") else "") for one in labels
    ]
    spare = iter([key for key in MORE_KEYS if key not in named and key not in TAKEN_KEYS])
    keys = [key or next(spare, "") for key in named]
    words = ("name", "title", "colour", "description")
    rows = [[str(one.get(word, "")) for word in words] for one in labels]
    return [
        Choice(name, title or name, key, colour, text, colour or f"var(--label-{place % LABEL_COLOURS})")
        for place, ((name, title, colour, text), key) in enumerate(zip(rows, keys, strict=True))
    ]


def _guidelines(assignment: Assignment) -> dict[str, Any] | None:
    """The text as it stood when the task was taken."""
    version = configs.guidelines(assignment.guidelines_id) if assignment.guidelines_id else None
    if version is None or not version.text.strip():
        return None
    return {"version": version.version, "html": _as_html(version.text)}


@lru_cache(maxsize=64)
def _as_html(text: str) -> SafeString:
    return markdown.render(text, deepest=2)


def _draft(draft: Draft | None) -> dict[str, Any]:
    if draft is None:
        return {"fields": {}, "revision": 0, "active_ms": 0}
    return {"fields": draft.value, "revision": draft.revision, "active_ms": draft.active_ms}
