"""The next task for a page whose script has drawn one like it: only what differs is sent.

A shell is the HTML of a task with holes where tasks of a project differ: in their number, their times, how many
are left, what it shows. It is drawn by the page's own template, kept by each process while it is in use, and named by
what it says, so that all processes call it alike. The page's script keeps the last one and names it with its submit
(`X-Task-Shell`); then the answer has the fill alone. What cannot be told apart so cleanly (drafts, rework, warnings,
tools that draw on the item) comes as a whole.

Holes are named by numbers of 22 digits that nobody can guess, so that no requester's text can pretend to be one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.html import escape
from django.utils.translation import get_language

from crowd.assignments import configs, offers
from crowd.assignments.models import Assignment, Participation
from crowd.labeling import documents
from crowd.projects import shown
from crowd.projects.models import Project
from crowd.web import asking
from crowd.web.worker import page
from workers.models import Worker

HEADER = "HTTP_X_TASK_SHELL"
TEMPLATE = "web/worker/_task.html"
NUMBER, DEADLINE, NOW, LEFT, TOKEN = range(5)  # holes of every task; the script has the token. Then those of its units
MEDIA_FACTS = ("media", "copy", "width", "height")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """All that a shell is drawn from. `units`: of each the facts of its file that are known; "" is a text."""

    language: str | None
    project_id: int
    title: str
    currency: str
    config_id: int
    guidelines_id: int | None
    reward_micros: int
    takes: str
    tier: str
    units: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Shell:
    """`mark` names it, and with two digits more each of its holes."""

    mark: str
    html: str


def fitting(assignment: Assignment, worker: Worker, inside: Participation) -> tuple[Shell, list[str]] | None:
    """The shell of a task that was opened this moment and what fills its holes, as HTML; None: it has to be drawn."""
    project, config = assignment.project, configs.raw(assignment.config_id)
    if project.content_warnings or assignment.attempt != 1 or not _is_plain(assignment.config_id):
        return None
    units = [_facts(one, config["data"]) for one in page.payload(assignment, worker, assignment.opened_at)["units"]]
    tier = page.tier_of(assignment)
    if not all(units):
        return None
    shape = Shape(
        language=get_language(),
        project_id=project.pk,
        title=project.title,
        currency=project.currency,
        config_id=assignment.config_id,
        guidelines_id=assignment.guidelines_id,
        reward_micros=assignment.reward_micros,
        takes=page.takes(project),
        tier=tier.name if tier else "",
        units=tuple(tuple(one) for one in units),
    )
    left = page.left_words(offers.tasks_left_in(project.pk, inside.tiers))
    times = [assignment.deadline.isoformat(), page.iso(assignment.opened_at)]
    told = [str(assignment.pk), *times, escape(left), "", *(escape(str(v)) for one in units for v in one.values())]
    return _shell(shape), told


@lru_cache(maxsize=512)
def _is_plain(config_id: int) -> bool:
    """Whether items differ in nothing but one text, or one file."""
    data, questions = configs.raw(config_id)["data"], configs.raw(config_id)["questions"]
    by_file = data["kind"] in shown.MEDIA_KINDS and not data.get("beside")
    by_text = data["kind"] == "text" and data.get("format", documents.PLAIN) == documents.PLAIN
    return (by_file or by_text) and not data.get("prediction") and all(one["kind"] in asking.PLAIN for one in questions)


def _facts(columns: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What fills the holes of a unit, by name; empty where it has nothing to show."""
    value = columns.get(data["field"])
    if isinstance(value, Mapping):
        if "start" in columns or "end" in columns:  # a clip: its times are drawn too
            return {}
        return {name: value[name] for name in MEDIA_FACTS if value.get(name)}
    return {"": value} if value and isinstance(value, str) else {}


@lru_cache(maxsize=256)
def _shell(shape: Shape) -> Shell:
    secret = _digits(salted_hmac(__name__, "holes").digest())
    html = _drawn(shape, partial("{}{:02}".format, secret))
    mark = _digits(salted_hmac(__name__, sha256(html.encode()).hexdigest()).digest())
    return Shell(mark, html.replace(secret, mark))


def _digits(digest: bytes) -> str:
    return f"9{int.from_bytes(digest[:12]) % 10**21:021}"


def _drawn(shape: Shape, hole: Callable[[int], str]) -> str:
    """By the page's template, for an assignment that says holes."""
    config = configs.raw(shape.config_id)
    number = TOKEN
    columns = []
    for names in shape.units:
        values = {name: hole(number := number + 1) for name in names}
        columns.append({config["data"]["field"]: values.get("", values)})
    project = Project(pk=shape.project_id, title=shape.title, currency=shape.currency)
    assignment = Assignment(
        pk=int(hole(NUMBER)),
        attempt=1,
        project=project,
        config_id=shape.config_id,
        guidelines_id=shape.guidelines_id,
        reward_micros=shape.reward_micros,
    )
    context = page.frame(assignment, {"units": columns}) | {
        "deadline": hole(DEADLINE),
        "now": hole(NOW),
        "left": hole(LEFT),
        "csrf_token": hole(TOKEN),
        "takes": shape.takes,
        "tier": {"name": shape.tier} if shape.tier else None,
        "draft": page.NO_DRAFT,
        "LANGUAGE_CODE": shape.language,
    }
    return render_to_string(TEMPLATE, context)
