"""Another label config for a project that is being answered: version n + 1, and what becomes of the answers to n.

1. The gate is taken alone: nobody submits meanwhile, so that every answer is either old or under the new version.
2. Labels are renamed, merged, dropped or added by a mapping (crowd.labeling.changes). Answers stay as they were given
   and keep their version; consensus, gold and pay read them through the mapping.
3. Known answers and decisions are rewritten in the new words. A known answer that would say nothing any more stops the
   change and is named; a decision that says nothing is void, and the answers speak again.
4. A task is asked again only where an answer that counts does not say any more what the new version must know: its
   label was dropped, or a required question was added. Such an answer stops counting, is paid as usual and counts
   against nobody; its slot is paid for in the same transaction, or nothing happens. So it is, where that was asked
   for, with tasks whose merged answer is one of some labels: for labels that were added beside them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from crowd.assignments import configs
from crowd.assignments.services import slots
from crowd.consensus.models import Consensus, Decision
from crowd.consensus.services.wanted import want_merge
from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput, Conflict
from crowd.labeling.answers import read
from crowd.labeling.changes import ConfigChange, carried, read_change
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.gold_keys import ANY_OF, GoldKey, Solution, parse_gold
from crowd.projects import trees
from crowd.projects.access import locked_for, project_for
from crowd.projects.errors import BadRows
from crowd.projects.models import ConfigVersion, Item, Project, Task
from crowd.projects.services import budget, reserves
from crowd.projects.services.config import changed_guidelines, checked_guidelines, next_config
from crowd.projects.services.draft import refuse_while_importing
from crowd.users.models import User

Units = list[dict[str, Any]]
SHOWN_FAULTS = 100
SHOWN_TASKS = 50
ANSWERS = """
SELECT s.id, s.task_id, a.value -> 'units', a.config_id
FROM assignments_assignment s
JOIN projects_task t ON t.id = s.task_id
JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
WHERE s.project_id = %(project)s AND t.state = 'live' AND NOT t.is_gold AND t.tier = 0
  AND s.state IN ('submitted', 'accepted') AND s.counts AND a.cannot_answer = ''
  AND NOT EXISTS (
    SELECT 1 FROM consensus_decision d
    WHERE d.project_id = t.project_id AND d.task_id = t.id AND d.id <> ALL(%(void)s))
"""
STOP = """
WITH stopped AS (
    UPDATE assignments_assignment SET counts = false WHERE id = ANY(%(assignments)s) RETURNING task_id)
SELECT task_id, count(*), 0 FROM stopped GROUP BY 1 -- none of them is a report
"""
SLOTS = """
WITH a_task AS (
    SELECT task_id, count(*) AS answers FROM assignments_assignment WHERE id = ANY(%(assignments)s) GROUP BY 1)
SELECT coalesce(sum(answers - least(t.bought, answers)), 0)
FROM a_task JOIN projects_task t ON t.id = a_task.task_id
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The new config; `mapping` says what becomes of its labels, question by question; tasks whose merged answer to a
    question is one of `ask_again`'s labels are asked again too."""

    config: Mapping[str, Any]
    mapping: Mapping[str, Any] = field(default_factory=dict)
    ask_again: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ConfigPlan:
    """So many tasks lose so many answers to it; `slots` are asked again, for `price_micros`.

    `touched` answers read otherwise in the new version, or say nothing there; `first` are some of the tasks, by id.
    """

    tasks: int
    answers: int
    slots: int
    price_micros: int
    touched: int
    first: tuple[int, ...]


def plan(*, actor: User, project_id: int, wanted: Wanted) -> ConfigPlan:
    """What the change would ask again, and cost, now. Reads only. Raises NotFound, BadInput."""
    project = project_for(actor, project_id)
    return _plan(project, _read(project, wanted), wanted)[0]


def reconfigure(
    *,
    actor: User,
    project_id: int,
    wanted: Wanted,
    at_most_micros: int | None = None,
    guidelines: str | None = None,
) -> tuple[ConfigVersion, ConfigPlan]:
    """Do it, all or nothing. `at_most_micros`: what the requester was shown. `guidelines`: the new ones, if any.

    Raises NotFound, BadInput with the place, BadRows for known answers that would say nothing, WrongState, BudgetShort,
    ImportUnderWay, Conflict where it costs more than that.
    """
    project_for(actor, project_id)
    text = None if guidelines is None else checked_guidelines(guidelines)
    with transaction.atomic(durable=True):
        locks.exclusive(locks.Gate.PROJECT, project_id)
        project = locked_for(actor, project_id, *reserves.RUNNING)
        refuse_while_importing(project)  # its known answers are being read in the words of now
        change, now = _read(project, wanted), clock.now()
        found, assignments = _plan(project, change, wanted)
        if at_most_micros is not None and found.price_micros > at_most_micros:
            raise Conflict(_("Meanwhile it has become more than you were shown. Look at it again."))
        old_id = project.config_id
        assert old_id is not None
        _rewrite_keys(project, configs.parsed(old_id), change)
        _rewrite_decisions(project, change)
        version = next_config(project, change.new, actor, now, mapping=change.labels.to_json())
        if text is not None:
            changed_guidelines(project, text=text, parts={}, actor=actor, now=now)
        _reopen(project, assignments, found, actor, now, key=f"config:{version.version}")
        Consensus.objects.filter(project=project).exclude(question__in=change.new.ids).delete()
        want_merge(project.pk)
    return version, found


@dataclass(frozen=True)
class _Change:
    new: LabelConfig
    labels: ConfigChange
    old_id: int


def _read(project: Project, wanted: Wanted) -> _Change:
    if project.config_id is None:
        raise BadInput(_("The project asks nothing yet."))
    try:
        new = trees.resolved(parse(wanted.config), project.pk)
        labels = read_change(wanted.mapping, configs.parsed(project.config_id), new)
    except ConfigError as error:
        raise BadInput.of(error, "config") from error
    for id, named in wanted.ask_again.items():
        _check_named(new, id, named)
    return _Change(new, labels, project.config_id)


def _check_named(new: LabelConfig, id: str, named: Sequence[str]) -> None:
    if id not in new.ids:
        raise BadInput(errors={f"ask_again.{id}": _("There is no such question.")})
    for label in named:
        if label not in new.question(id).label_names:
            raise BadInput(errors={f"ask_again.{id}": _("%(label)s is no label.") % {"label": label}})


def _plan(project: Project, change: _Change, wanted: Wanted) -> tuple[ConfigPlan, list[int]]:
    """What is asked again, and the assignments whose answers stop counting for it."""
    again = _tasks_again(project, change, wanted)
    lost, touched = dict[int, int](), 0
    for id, task, before, units in _answers(project, change):
        touched += before != units
        if task in again or not _complete(change, units):
            lost[id] = task
    with connection.cursor() as cursor:
        cursor.execute(SLOTS, {"assignments": list(lost)})
        slots = int(cursor.fetchone()[0])
    tasks = sorted(set(lost.values()))
    found = ConfigPlan(
        tasks=len(tasks),
        answers=len(lost),
        slots=slots,
        price_micros=slots * project.price_micros,
        touched=touched,
        first=tuple(tasks[:SHOWN_TASKS]),
    )
    return found, sorted(lost)


def _answers(project: Project, change: _Change) -> Iterator[tuple[int, int, Units, Units]]:
    """Assignment, task and units of every answer that counts, in the words of the version in force and of the new."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, {"project": project.pk, "void": _void(project, change)})
        rows = cursor.fetchall()
    for id, task, units, config_id in rows:
        before = [configs.unit_as(unit, old_id=config_id, new_id=change.old_id) for unit in _json(units)]
        yield id, task, before, [_carried(unit, change) for unit in before]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _carried(unit: Mapping[str, Any], change: _Change) -> dict[str, Any]:
    found = {
        question.id: carried(question, unit[question.id], change.labels)
        for question in change.new.questions
        if question.id in unit
    }
    return {id: value for id, value in found.items() if value is not None}


def _complete(change: _Change, units: Sequence[Mapping[str, Any]]) -> bool:
    try:
        read(change.new, {"units": list(units)}, len(units), partly=False)
    except AnswerError:
        return False
    return True


def _tasks_again(project: Project, change: _Change, wanted: Wanted) -> set[int]:
    found: set[int] = set()
    for id, labels in wanted.ask_again.items():
        question = change.new.question(id)
        for row in Consensus.objects.filter(project=project, question=id).only("task_id", "value"):
            if set(question.labels_in(carried(question, row.value, change.labels))) & set(labels):
                found.add(row.task_id)
    return found


def _decided(project: Project, change: _Change) -> Iterator[tuple[Decision, Any]]:
    """What the requester decided, each with its value in the new words; None where it says nothing any more."""
    for row in Decision.objects.filter(project=project).order_by("id"):
        known = row.question in change.new.ids
        yield row, carried(change.new.question(row.question), row.value, change.labels) if known else None


def _void(project: Project, change: _Change) -> list[int]:
    return [row.pk for row, value in _decided(project, change) if value is None]


def _rewrite_decisions(project: Project, change: _Change) -> None:
    Decision.objects.filter(id__in=_void(project, change)).delete()
    for row, value in _decided(project, change):
        if value != row.value:
            row.value = value
            row.save(update_fields=["value"])


def _rewrite_keys(project: Project, old: LabelConfig, change: _Change) -> None:
    """Known answers of tasks and items, in the new words. Raises BadRows naming those that would say nothing."""
    faults: list[dict[str, Any]] = []
    items = Item.objects.filter(project=project, gold__isnull=False)
    tasks = Task.objects.filter(project=project, gold__isnull=False)
    rows: list[Task | Item] = [*tasks.order_by("id"), *items.order_by("id")]
    for row in rows:
        units = row.units if isinstance(row, Task) else _units(row.gold)
        try:
            row.gold = _key(parse_gold(old, row.gold, units), change, units)
        except AnswerError as error:
            item = row.item_id if isinstance(row, Task) else row.pk
            faults.append({"row": item, "key": "", "column": "gold", "reason": error.sentence})
            continue
        row.save(update_fields=["gold"])
    if faults:
        message = _("%(n)s known answers would say nothing any more. Correct or retire them first.")
        raise BadRows(message % {"n": len(faults)}, rows=faults[:SHOWN_FAULTS])


def _key(key: GoldKey, change: _Change, units: int) -> dict[str, Any]:
    solutions = [
        Solution(value=read(change.new, _wire(one, change), units, partly=True), weight=one.weight)
        for one in key.solutions
    ]
    return parse_gold(change.new, GoldKey(tuple(solutions)).to_json(), units).to_json()


def _units(gold: Any) -> int:
    """How many units an item's known answer is about: all its solutions that are answers have as many."""
    return max((len(one["units"]) for one in (gold, *gold.get(ANY_OF, ())) if "units" in one), default=1)


def _wire(one: Solution, change: _Change) -> dict[str, Any]:
    if one.value.cannot_answer is not None:
        return one.value.to_json()
    return {"units": [_carried(unit, change) for unit in one.value.units]}


def _reopen(
    project: Project, assignments: list[int], found: ConfigPlan, actor: User, now: datetime, *, key: str
) -> None:
    if not assignments:
        return
    budget.reserve_reopened(project, found.slots, key=key, actor=actor, now=now)
    with connection.cursor() as cursor:
        cursor.execute(STOP, {"assignments": assignments})
        slots.stop_many(cursor.fetchall(), ruled_at=None)
