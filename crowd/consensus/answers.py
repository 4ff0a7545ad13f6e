"""A project's answers to one question as the aggregation methods want them: one row a value, in a fixed order.

Reports that a task cannot be answered are no class. An answer to a task that was taken before the requester said what
is right there (a Decision), or before it was asked anew, is no evidence about anybody.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from crowd.assignments.configs import value_as
from crowd.consensus.models import Decision
from crowd.consensus.parts import COUNTS, SEEN, VOTES, Column, Rows
from crowd.consensus.services import fold
from crowd.projects.models import Project, Task

Key = tuple[int, int]  # task id, unit


@dataclass(frozen=True, eq=False)
class Given:
    """The answers to one question: columns of equal length n, in the order of task, unit and assignment.

    `code` says which of the values in `known` each is. `voting`: it moves the posterior of its task; `counts`: it fills
    a slot of its task; `teaches`: it says something about its worker, and about its task.
    """

    known: tuple[Any, ...]
    task: Column
    unit: Column
    worker: Column
    code: Column
    voting: Column
    counts: Column
    teaches: Column

    def __len__(self) -> int:
        return len(self.task)

    @cached_property
    def place(self) -> Column:
        """(n,): which of `distinct` its key is."""
        if not len(self):
            return np.empty(0, np.int64)
        begins = np.concatenate([[True], (np.diff(self.task) != 0) | (np.diff(self.unit) != 0)])
        return np.cumsum(begins) - 1

    @cached_property
    def distinct(self) -> list[Key]:
        """The keys, in their order."""
        first = np.flatnonzero(np.diff(self.place, prepend=-1))
        return list(zip(self.task[first].tolist(), self.unit[first].tolist(), strict=True))

    @cached_property
    def keys(self) -> list[Key]:
        return list(zip(self.task.tolist(), self.unit.tolist(), strict=True))

    @cached_property
    def workers(self) -> list[int]:
        return list(self.worker.tolist())

    @cached_property
    def values(self) -> list[Any]:
        return [self.known[code] for code in self.code.tolist()]

    def taught(self) -> "Given":
        """Those that a model may see."""
        return self if self.teaches.all() else Given(self.known, *(column[self.teaches] for column in self._columns()))

    def measured(self, measure: Callable[[Any, Any], float], merged: Sequence[Any]) -> Column:
        """(n,): `measure` of each value and the merged one of its key (by place; None: 0), once for equal ones."""
        pair = self.place * max(len(self.known), 1) + self.code
        pairs, which = np.unique(pair, return_inverse=True)
        found = [
            0.0 if merged[place] is None else measure(self.known[code], merged[place])
            for place, code in zip(*(part.tolist() for part in np.divmod(pairs, max(len(self.known), 1))), strict=True)
        ]
        return np.array(found, np.float64)[which.reshape(-1)]

    def _columns(self) -> list[Column]:
        return [self.task, self.unit, self.worker, self.code, self.voting, self.counts, self.teaches]

    def digest(self) -> str:
        """Of everything that goes in: the same answers, the same digest."""
        found = hashlib.sha256(json.dumps(self.known, separators=(",", ":")).encode())
        for column in self._columns():
            found.update(np.ascontiguousarray(column).tobytes())
        return found.hexdigest()


def given(*, project_id: int, question: str, rows: Rows | None = None, config_id: int | None = None) -> Given:
    """As this version of the config reads them, or else the one in force. `rows`: the project's, where they are read
    already (`fold`)."""
    rows = fold.every(project_id) if rows is None else rows
    rows = rows.taken_from(_evidence(rows, project_id))
    configs, version = np.unique(rows["config"], return_inverse=True)
    pairs, which = np.unique(version.reshape(-1) * len(rows.texts) + rows["text"], return_inverse=True)
    now = config_id or Project.objects.values_list("config_id", flat=True).get(pk=project_id)
    said = [
        _read(question, rows.texts[pair % len(rows.texts)], int(configs[pair // len(rows.texts)]), now)
        for pair in pairs.tolist()
    ]
    known, codes = _coded([value for values in said for _unit, value in values])
    number = np.array([len(values) for values in said], np.int64)
    units = np.array([unit for values in said for unit, _value in values], np.int16)
    which = which.reshape(-1)
    row, entry = _spread(number, which)
    columns = {name: rows[name][row] for name in ("task", "worker", "assignment", "taken", "flags")}
    unit, code = units[entry], codes[entry]
    order = np.lexsort((columns["assignment"], unit, columns["task"]))
    columns = {name: column[order] for name, column in columns.items()}
    unit, flags = unit[order], columns["flags"]
    return Given(
        task=columns["task"],
        unit=unit,
        worker=columns["worker"],
        code=code[order],
        voting=(flags & VOTES) > 0,
        counts=(flags & COUNTS) > 0,
        teaches=_teaches(columns["task"], unit, columns["taken"], project_id, question),
        known=known,
    )


def _evidence(rows: Rows, project_id: int) -> Column:
    """Those that stand, less what did not count any more when its task was asked anew."""
    seen = (rows["flags"] & SEEN) > 0
    ruled = Task.objects.filter(project=project_id, ruled_at__isnull=False).values_list("id", "ruled_at")
    if not ruled:
        return seen
    since = _times(rows["task"], {id: at for id, at in ruled if at})
    return seen & ((rows["flags"] & COUNTS > 0) | (rows["taken"] > since))


def _teaches(task: Column, unit: Column, taken: Column, project_id: int, question: str) -> Column:
    decided = Decision.objects.filter(project=project_id, question=question)
    found = np.ones(len(task), bool)
    for one in decided:
        low, high = np.searchsorted(task, [one.task_id, one.task_id + 1])
        here = slice(low, high)
        found[here] &= (unit[here] != one.unit) | (taken[here] > _micros(one.decided_at))
    return found


def _times(task: Column, at: dict[int, datetime]) -> Column:
    """(n,): the moment of each task in microseconds, long ago for those that have none."""
    ids = np.array(sorted(at), np.int64)
    moments = np.array([_micros(at[id]) for id in ids.tolist()], np.int64)
    place = np.minimum(np.searchsorted(ids, task), len(ids) - 1)
    return np.where(ids[place] == task, moments[place], np.iinfo(np.int64).min)


def _micros(at: datetime) -> int:
    return int(np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))


def _read(question: str, text: str, old: int, now: int | None) -> list[tuple[int, Any]]:
    """(unit, value) as the config in force has it, of the units that say something."""
    units = json.loads(text)
    said = [(unit, values[question]) for unit, values in enumerate(units) if question in values]
    if now is not None and old != now:
        said = [(unit, value_as(question, value, old_id=old, new_id=now)) for unit, value in said]
    return [(unit, value) for unit, value in said if value is not None]


def _coded(values: Sequence[Any]) -> tuple[tuple[Any, ...], Column]:
    """Each value once, in the order of its JSON, and the place of each among them."""
    texts = [json.dumps(value, sort_keys=True, separators=(",", ":")) for value in values]
    order = {text: code for code, text in enumerate(sorted(set(texts)))}
    known = dict(zip(texts, values, strict=True))
    return tuple(known[text] for text in order), np.array([order[text] for text in texts], np.int64)


def _spread(number: Column, which: Column) -> tuple[Column, Column]:
    """For rows that say `number[which]` things each: the row, and the place of the thing, of every thing said."""
    first = np.cumsum(number) - number
    many = number[which] if len(number) else np.empty(0, np.int64)
    row = np.repeat(np.arange(len(which)), many)
    inside = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    return row, (first[which[row]] if len(number) else row) + inside
