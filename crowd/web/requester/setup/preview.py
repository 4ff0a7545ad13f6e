"""What a worker will see of a task, for its requester's eyes: drawn by the parts of the worker's own page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from crowd.labeling.config import LabelConfig
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.models import MediaFile, Project, Task
from crowd.projects.shown import links
from crowd.users.models import User
from crowd.web import asking
from crowd.web.asking import Unit
from crowd.web.files import media_address
from crowd.web.requester import gallery
from crowd.web.requester.setup.steps import staged_of


def shown_units(config: LabelConfig, units: Sequence[Mapping[str, Any]], user: User, project: Project) -> list[Unit]:
    raw = config.to_json()
    return [asking.unit(number, _signed(config, unit, user, project), raw) for number, unit in enumerate(units)]


def preview_of(config: LabelConfig, project: Project, user: User) -> dict[str, Any]:
    """What the worker's page shows: the first task's units; before there are tasks, the first row of the file that
    waits; where that has no media of ours yet, or there is no file, the gallery's sample of such data (`is_sample`)."""
    searched = {"labels_at": reverse("web:requester:setup-labels", args=[project.pk])}
    task = Task.objects.filter(project=project).order_by("pk").first()
    if task:
        return searched | {"units": shown_units(config, list(task.payload["units"]), user, project)}
    row = _staged_row(project)
    if row is not None and config.data.kind not in MEDIA_KINDS:
        return searched | {"units": shown_units(config, [row], user, project)}
    return searched | {"units": [asking.unit(0, gallery.sample(config), config.to_json())], "is_sample": True}


def _staged_row(project: Project) -> dict[str, Any] | None:
    staged = staged_of(project)
    if staged is None:
        return None
    hidden = {value for name, value in staged.chosen.get("options", {}).items() if name.endswith("_column")}
    return {name: value for name, value in staged.sample[0].items() if name not in hidden}


def pictures(tasks: Iterable[Task], user: User, project: Project) -> dict[int, str]:
    """The picture that each task shows first, where it shows pictures, at an address signed for this person."""
    data = project.config.config["data"] if project.config else {}
    if data.get("kind") != "image":
        return {}
    units = {one.pk: (one.payload.get("units") or [{}])[0].get(data["field"]) for one in tasks}
    shown = {task: value for task, value in units.items() if isinstance(value, Mapping) and "media" in value}
    files = MediaFile.objects.filter(project=project).in_bulk({value["media"] for value in shown.values()})
    found = ((task, files.get(value["media"]), value) for task, value in shown.items())
    linked = {task: links(file, value, user=user, address=media_address) for task, file, value in found if file}
    return {task: one.get("copy", one["media"]) for task, one in linked.items()}


def answer_from(config: LabelConfig, given: QueryDict, units: int) -> dict[str, Any]:
    """What was filled in, in the wire form of an answer; still to be validated."""
    if given.get("cannot_answer"):
        return {"cannot_answer": {"reason": given.get("reason", ""), "comment": given.get("comment", "")}}
    questions = config.to_json()["questions"]
    return {"units": [asking.read_unit(number, questions, given) for number in range(units)]}


def _signed(config: LabelConfig, unit: Mapping[str, Any], user: User, project: Project) -> dict[str, Any]:
    """Media by an address signed for this person; one that is still on the web is not loaded into our page."""
    if config.data.kind not in MEDIA_KINDS:
        return dict(unit)
    return {**unit, **{name: _file(unit.get(name), user, project) for name in config.data.pictured}}


def _file(value: Any, user: User, project: Project) -> dict[str, Any]:
    known = value if isinstance(value, Mapping) else {}
    number = known.get("media")
    file = MediaFile.objects.filter(project=project, pk=number).first() if isinstance(number, int) else None
    linked = links(file, known, user=user, address=media_address) if file else {"media": ""}
    return {**known, **linked, "still": value}
