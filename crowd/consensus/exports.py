"""A project's results as rows, streamed: for files that are read by people, spreadsheets and training scripts.

Of items: each unit of each ordinary task with the requester's own columns, the merged answers, and how many said, for
which reason, that it cannot be answered. Of answers: each counting answer, its worker by pseudonym only, and beside it,
as `repeat`, what he said when he was given the same task again: no vote of it is in the merged answers. A rejected
answer is in no export: who does not pay for it does not get it. Marks in a piece of an item (a tile, a part of a text)
are told in places of the whole, and of items each thing once that several pieces show (`wholes`). Rows are nested for
JSON Lines; `flat` makes columns of them, with prefixes that keep the requester's names apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from django.db import connections
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from crowd.assignments.configs import parsed
from crowd.assignments.models import Answer, Assignment
from crowd.assignments.states import AssignmentState
from crowd.consensus.models import Consensus
from crowd.consensus.wholes import are_placed, told
from crowd.kernel import replica
from crowd.kernel.errors import BadInput
from crowd.kernel.paging import pages
from crowd.labeling.answers import REASONS
from crowd.labeling.config import LabelConfig
from crowd.labeling.formats import csv_rows, json_lines
from crowd.labeling.kinds import Question
from crowd.labeling.wholes import on_whole
from crowd.projects.models import Item, Project, Task
from workers.services.pseudonyms import pseudonyms_for

OF = ("items", "answers")
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
ROWS = 500  # read at a time
LARGE = 20_000  # rows; more of them are written by a job (services.exporting)
FACTS = ("value", "posterior", "agreement", "answers", "tied")
SPREAD = ("distribution", "intervals")  # of an opinion, beside them
ANSWER_FACTS = (
    "assignment",
    "task",
    "unit",
    "item",
    "key",
    "worker",
    "state",
    "gold",
    "repeat",
    "config",
    "submitted_at",
    "elapsed_ms",
)
# What is read of an assignment with its task, and of an answer: whole rows would cost as much again to build.
ASSIGNED = (
    *("pk", "attempt", "state", "is_gold", "is_repeat", "worker_id"),
    *("task_id", "task__source", "task__item_id", "task__item__key"),
)
GIVEN = ("assignment_id", "attempt", "config_id", "value", "submitted_at", "elapsed_ms", "active_ms")
COUNTING = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)
COLUMNS = "SELECT DISTINCT name FROM projects_item, jsonb_object_keys(data) name WHERE project_id = %s ORDER BY name"


def lines(project: Project, kind: str, format: str, *, patience_s: float | None = None) -> Iterator[bytes]:
    """The file of "items" or "answers" as "csv" or "jsonl", a piece a row. Raises BadInput. In constant memory,
    but for "items" whose pieces are put together: then the rows of one item are held.

    Read from the replica where there is one that knows all that was committed when it was asked for: it is waited for
    `patience_s` (None: as long as a page waits)."""
    rows, columns = replica.read(lambda: of(project, kind, flat=format == "csv"), patience_s)
    return replica.streamed(csv_rows.lines(rows, columns) if format == "csv" else json_lines.lines(rows), patience_s)


def filename(project: Project, kind: str, format: str) -> str:
    return f"project-{project.pk}-{kind}.{format}"


def wanted(project: Project) -> QuerySet[Task]:
    """Tasks whose merged answer the requester wants: ordinary ones, those that were made gold meanwhile included."""
    merged = Consensus.objects.filter(project_id=project.pk, task=OuterRef("pk"))
    return Task.objects.filter(Q(is_gold=False) | Exists(merged), project=project)


def size(project: Project, kind: str) -> int:
    """About how many rows the file has: a task that cannot be answered is one row, however many units it has."""
    tasks = wanted(project)
    if kind == "items":
        return int(tasks.aggregate(rows=Sum("units", default=0))["rows"])
    return int(_answered(project).aggregate(rows=Sum("task__units", default=0))["rows"])


def of(project: Project, kind: str, *, flat: bool) -> tuple[Iterator[Mapping[str, Any]], Sequence[str]]:
    """The rows of "items" or "answers", and, when `flat`, their columns. Raises BadInput before there is a config."""
    if project.config_id is None:
        raise BadInput("The project asks nothing yet.")
    config = parsed(project.config_id)
    questions = config.questions
    if kind == "items":
        rows, columns = _items(project, config), _item_columns(project, questions) if flat else []
    else:
        rows, columns = _answers(project), _answer_columns([one.id for one in questions]) if flat else []
    return (map(_flat, rows) if flat else rows), columns


def _items(project: Project, config: LabelConfig) -> Iterator[dict[str, Any]]:
    if not are_placed(config):
        yield from _pieces(project)
        return
    for _item, rows in groupby(_pieces(project), key=lambda row: int(row["item"])):
        yield from _whole(config, list(rows))


def _pieces(project: Project) -> Iterator[dict[str, Any]]:
    """A row a unit, as it was merged; those of one item after each other."""
    for some in pages(wanted(project), size=ROWS):
        merged = _merged(project, some)
        items = _items_of(some)
        reports = _reports(project, [task for task in some if task.cannot_answer_count])
        for task in some:
            for unit in range(task.units):
                item = items[_item_id(task.source, task.item_id, unit)]
                yield {
                    "item": item.pk,
                    "key": item.key,
                    "task": task.pk,
                    "unit": unit,
                    "source": {name: value for name, value in task.source.items() if name != "items"},
                    "data": item.data,
                    "consensus": merged[task.pk, unit],
                    "cannot_answer": reports[task.pk],
                }


def _whole(config: LabelConfig, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The rows of one item, with what was merged about its pieces told of the whole."""
    having = {id: [row for row in rows if id in row["consensus"]] for id in config.ids}
    about = {id: [(row["task"], row["source"], row["consensus"][id]) for row in some] for id, some in having.items()}
    for id, facts in told(config, about).items():
        for row, one in zip(having[id], facts, strict=True):
            row["consensus"][id] = one
    return rows


def _merged(project: Project, tasks: Sequence[Task]) -> dict[tuple[int, int], dict[str, Any]]:
    found: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    for row in Consensus.objects.filter(project=project, task__in=tasks).order_by("task", "unit", "question"):
        found[row.task_id, row.unit][row.question] = {
            name: getattr(row, name)
            for name in (*FACTS, *(SPREAD if row.intervals else ()), *(("details",) if row.details else ()))
        }
    return found


def _reports(project: Project, tasks: Sequence[Task]) -> dict[int, dict[str, int]]:
    """Of each task, how many counting answers say that it cannot be answered, by reason."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    if not tasks:
        return found
    said = Answer.objects.filter(
        project=project, assignment__task__in=tasks, assignment__counts=True, assignment__state__in=COUNTING
    ).exclude(cannot_answer="")
    now = said.filter(attempt=F("assignment__attempt")).values_list("assignment__task_id", "cannot_answer")
    for task, reason, number in now.annotate(Count("pk")).order_by("assignment__task_id", "cannot_answer"):
        found[task][reason] = number
    return found


def _answered(project: Project) -> QuerySet[Assignment]:
    """Those that count, and the repeats of those."""
    standing = Assignment.objects.filter(project=project, state__in=COUNTING)
    first = standing.filter(counts=True, task=OuterRef("task"), worker=OuterRef("worker"))
    return standing.filter(Q(counts=True) | Q(Exists(first), is_repeat=True))


def _answers(project: Project) -> Iterator[dict[str, Any]]:
    versions = dict(project.configs.values_list("id", "version"))
    placed = cache(_placed)
    for some in pages(_answered(project).values_list(*ASSIGNED, named=True), size=ROWS):
        given = Answer.objects.filter(project=project, assignment__in=[one.pk for one in some])
        values = {(one.assignment_id, one.attempt): one for one in given.values_list(*GIVEN, named=True)}
        codes = pseudonyms_for(project.organisation, [one.worker_id for one in some])
        keys = _keys_of(some)
        for one in some:
            answer = values[one.pk, one.attempt]
            asked = placed(answer.config_id)
            for row in _answer(one, answer, codes[one.worker_id], keys, versions[answer.config_id]):
                yield row if asked is None else row | {"answer": _on_whole(asked, row["answer"], one.task__source)}


def _answer(
    one: Any, answer: Any, worker: str, keys: Mapping[int, str | None], version: int
) -> Iterator[dict[str, Any]]:
    """A row a unit; a report that the task cannot be answered is one row. `version`: of the config it was given by."""
    for unit, value in enumerate(answer.value.get("units") or [{}]):
        item = _item_id(one.task__source, one.task__item_id, unit)
        yield {
            "assignment": one.pk,
            "task": one.task_id,
            "unit": unit,
            "item": item,
            "key": keys[item],
            "worker": worker,
            "state": one.state,
            "gold": one.is_gold,
            "repeat": one.is_repeat,
            "config": version,
            "submitted_at": answer.submitted_at.isoformat(),
            "elapsed_ms": answer.elapsed_ms,
            "active_ms": answer.active_ms,
            "answer": value,
            "cannot_answer": answer.value.get("cannot_answer"),
        }


def _placed(config_id: int) -> tuple[str, Mapping[str, str]] | None:
    """What the items of a version were, and the kinds of its questions; None where no answer is a place in them."""
    config = parsed(config_id)
    kinds = {question.id: question.kind for question in config.questions}
    return (config.data.kind, kinds) if are_placed(config) else None


def _on_whole(asked: tuple[str, Mapping[str, str]], said: Mapping[str, Any], source: Mapping[str, Any]) -> Any:
    cut, kinds = asked
    return {id: on_whole(kinds.get(id, ""), cut, value, source) for id, value in said.items()}


def _item_id(source: Mapping[str, Any], item_id: int, unit: int) -> int:
    """A page of rows holds an item a unit; any other task is cut from one."""
    on_page: list[int] = source.get("items", [])
    return on_page[unit] if on_page else item_id


def _keys_of(some: Iterable[Any]) -> dict[int, str | None]:
    known = {one.task__item_id: one.task__item__key for one in some}
    others = {item for one in some for item in one.task__source.get("items", [])} - known.keys()
    return known | dict(Item.objects.filter(pk__in=others).values_list("pk", "key"))


def _items_of(tasks: Iterable[Task]) -> dict[int, Item]:
    return Item.objects.in_bulk(
        {_item_id(task.source, task.item_id, unit) for task in tasks for unit in range(task.units)}
    )


def _item_columns(project: Project, questions: Sequence[Question]) -> list[str]:
    with connections[replica.alias()].cursor() as cursor:
        cursor.execute(COLUMNS, [project.pk])
        own = [f"data.{name}" for (name,) in cursor.fetchall()]
    merged = [
        f"consensus.{question.id}.{fact}"
        for question in questions
        for fact in (
            *FACTS,
            *(SPREAD if question.is_opinion else ()),
            *(("details",) if question.measure == "own" else ()),
        )
    ]
    tiles = [f"source.{name}" for name in ("x", "y", "width", "height", "of")]
    source = tiles if project.split.get("by") == "tiles" else ["source.start", "source.end"]
    return ["item", "key", "task", "unit", *source, *own, *merged, *(f"cannot_answer.{reason}" for reason in REASONS)]


def _answer_columns(questions: Sequence[str]) -> list[str]:
    said = [f"answer.{question}" for question in questions]
    return [*ANSWER_FACTS, "active_ms", *said, "cannot_answer.reason", "cannot_answer.comment"]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if name == "consensus":
            flat |= {f"{name}.{key}.{fact}": one for key, facts in value.items() for fact, one in facts.items()}
        elif name in ("data", "source", "answer", "cannot_answer"):
            flat |= {f"{name}.{inner}": one for inner, one in (value or {}).items()}
        else:
            flat[name] = value
    return flat
