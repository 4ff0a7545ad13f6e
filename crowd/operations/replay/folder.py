"""Reading a folder of recorded answers: answers.csv (task,worker,label) and gold.csv (task,label)."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput


@dataclass(frozen=True)
class Recorded:
    """`answers` are (task, worker, label) in the order of the file, repeats included; `gold` maps task to label."""

    name: str
    answers: list[tuple[str, str, str]]
    gold: dict[str, str]

    @cached_property
    def workers_of(self) -> dict[str, list[str]]:
        """The distinct workers of each task, in order of appearance."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for task, worker, _label in self.answers:
            found[task][worker] = None
        return {task: list(workers) for task, workers in found.items()}

    @cached_property
    def workers(self) -> list[str]:
        return list(dict.fromkeys(worker for _task, worker, _label in self.answers))

    @cached_property
    def labels(self) -> list[str]:
        """Those of answers and gold, numbers by value, then text."""
        seen = {label for _task, _worker, label in self.answers} | set(self.gold.values())
        return sorted(seen, key=lambda label: (not label.isdigit(), int(label) if label.isdigit() else 0, label))


def read(folder: Path) -> Recorded:
    """Raises BadInput, which names the file and the row."""
    answers = [
        (task, worker, label) for task, worker, label in _rows(folder / "answers.csv", "task", "worker", "label")
    ]
    gold = {task: label for task, label in _rows(folder / "gold.csv", "task", "label")}  # noqa: C416 (for mypy)
    if not answers:
        raise BadInput(_("%(file)s holds no answers.") % {"file": folder / "answers.csv"})
    if not gold:
        raise BadInput(_("%(file)s holds no gold: without it nothing can be measured.") % {"file": folder / "gold.csv"})
    if gold.keys().isdisjoint(task for task, _worker, _label in answers):
        raise BadInput(_("%(file)s names no task that was answered.") % {"file": folder / "gold.csv"})
    return Recorded(folder.resolve().name, answers, gold)


def _rows(path: Path, *columns: str) -> Iterator[tuple[str, ...]]:
    if not path.is_file():
        raise BadInput(_("%(file)s is missing.") % {"file": path})
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _checked(csv.DictReader(stream, restval=""), path, columns)
    except UnicodeDecodeError as error:
        raise BadInput(_("%(file)s is not UTF-8 (byte %(at)d).") % {"file": path, "at": error.start}) from error
    except csv.Error as error:
        raise BadInput(_("%(file)s is not CSV: %(why)s") % {"file": path, "why": error}) from error


def _checked(reader: "csv.DictReader[str]", path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    missing = [column for column in columns if column not in (reader.fieldnames or [])]
    if missing:
        raise BadInput(_("%(file)s has no column “%(column)s”.") % {"file": path, "column": missing[0]})
    for row in reader:
        values = tuple(row[column] for column in columns)
        if not all(value and value.strip() for value in values):
            raise BadInput(_("%(file)s, line %(line)d: a value is empty.") % {"file": path, "line": reader.line_num})
        yield values
