"""What a worker will see of a task, for its requester's eyes: units with their item and questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import MultiChoice, Number, Question
from crowd.projects import media
from crowd.projects.imports.options import MEDIA_KINDS
from crowd.projects.models import MediaFile, Project, Task
from crowd.users.models import User
from crowd.web.requester.setup.steps import staged_of


@dataclass(frozen=True)
class Shown:
    """One unit: `kind` and `value` of what is looked at, the other columns, and its questions with their inputs."""

    number: int
    kind: str
    value: Any
    address: str  # of the media, signed; empty for texts and rows
    columns: Sequence[tuple[str, Any]]
    questions: Sequence[tuple[str, Question]]  # name of the input, question


def shown_units(config: LabelConfig, units: Sequence[Mapping[str, Any]], user: User, project: Project) -> list[Shown]:
    return [_shown(config, number, unit, user, project) for number, unit in enumerate(units)]


def sample_units(project: Project) -> list[dict[str, Any]]:
    """The first task's units; before there are tasks, the first row of the file that waits."""
    task = Task.objects.filter(project=project).order_by("pk").first()
    if task:
        return list(task.payload["units"])
    staged = staged_of(project)
    if staged is None:
        return [{}]
    hidden = {value for name, value in staged.chosen.get("options", {}).items() if name.endswith("_column")}
    return [{name: value for name, value in staged.sample[0].items() if name not in hidden}]


def answer_from(config: LabelConfig, given: QueryDict, units: int) -> dict[str, Any]:
    """What was filled in, in the wire form of an answer; still to be validated."""
    if given.get("cannot_answer"):
        return {"cannot_answer": {"reason": given.get("reason", ""), "comment": given.get("comment", "")}}
    return {"units": [_unit(config, given, number) for number in range(units)]}


def _unit(config: LabelConfig, given: QueryDict, number: int) -> dict[str, Any]:
    found = {question.id: _value(question, given, f"u{number}-{question.id}") for question in config.questions}
    return {id: value for id, value in found.items() if value is not None}


def _value(question: Question, given: QueryDict, name: str) -> Any:
    if isinstance(question, MultiChoice):
        return given.getlist(name)
    text = given.get(name, "")
    if not text:
        return None
    if isinstance(question, Number):
        try:
            return float(text)
        except ValueError:
            return text  # refused by the validation, which says why
    return text


def _shown(config: LabelConfig, number: int, unit: Mapping[str, Any], user: User, project: Project) -> Shown:
    field = config.data.field
    value = unit.get(field, "") if field else ""
    address = _address(value, user, project) if config.data.kind in MEDIA_KINDS else ""
    columns = [(name, one) for name, one in unit.items() if name != field or config.data.kind == "row"]
    questions = [(f"u{number}-{question.id}", question) for question in config.questions]
    return Shown(number, config.data.kind, value, address, columns, questions)


def _address(value: Any, user: User, project: Project) -> str:
    """Of a file of the same project, signed for this person; an address on the web is not fetched into our page."""
    if not isinstance(value, Mapping):
        return ""
    file = MediaFile.objects.filter(project=project, pk=value.get("media")).first()
    return reverse("api:media", kwargs={"token": media.sign(file, user)}) if file else ""
