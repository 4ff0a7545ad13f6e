"""Sums over a project's answers, read from the database in the same few statements, however large it is."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from crowd.assignments.configs import labels_as, parsed
from crowd.assignments.states import AssignmentState
from crowd.consensus.bias.statements import (
    ALL,
    ANSWERS_OF,
    BY_GOLD_AND_LABEL,
    BY_ITEM,
    BY_PERIOD,
    BY_PERIOD_AND_LABEL,
    BY_WORKER,
    KEYS_OF,
    MERGED_OF,
)
from crowd.consensus.bias.subject import Subject
from crowd.projects.models import Project
from crowd.quality.accuracy import BetaAccuracy
from crowd.quality.tables import rounded, rounding_step

MOST_GROUPS = 20
NORMAL_95 = 1.959964
Labels = Mapping[tuple[Any, str], int]

PEOPLE = "SELECT id, country, languages FROM workers_worker WHERE in_reports AND id = ANY(%(workers)s)"
COLUMNS = """
SELECT DISTINCT name FROM (SELECT data FROM projects_item WHERE project_id = %(project)s ORDER BY id LIMIT 1000) i,
    jsonb_object_keys(data) name ORDER BY name
"""
SEEN = [str(AssignmentState.SUBMITTED), str(AssignmentState.ACCEPTED)]


@dataclass(frozen=True)
class Differences:
    """Of so many ratings the sum of how far each is off something (above it is positive), and of the squares; the mean
    may be off by `blur`, where the sum is rounded."""

    count: int = 0
    total: int = 0
    squares: float = 0
    blur: float = 0.0

    def __add__(self, other: "Differences") -> "Differences":
        count, total, squares = self.count + other.count, self.total + other.total, self.squares + other.squares
        return Differences(count, total, squares, max(self.blur, other.blur))

    def rough(self, count: int) -> "Differences":
        """Of so many, which are rounded already: mean and spread about it as they are, each rounded by itself.

        No mean is farther off than a rating can be: the root of the mean square, rounded up, is none that cannot be.
        """
        if not self.count or not count:
            return Differences()
        most = count * math.ceil(math.sqrt(self.squares / self.count))
        total = max(-most, min(rounded(round(self.total * count / self.count)), most))
        spread = math.ceil((self.squares - self.total**2 / self.count) * count / self.count - 1e-9)
        kept = max(rounded(spread), 5) if spread > 0 else 0
        return Differences(count, total, kept + total**2 / count, rounding_step(total) / 2 / count)

    def line(self) -> dict[str, float] | None:
        """The mean with its 95 % interval, as if it were normal, widened by the blur; None of fewer than two."""
        if self.count < 2:
            return None
        mean = self.total / self.count
        variance = max(self.squares - self.total * mean, 0.0) / (self.count - 1)
        reach = NORMAL_95 * math.sqrt(variance / self.count) + self.blur
        return {"mean": mean, "low": mean - reach, "high": mean + reach}


@dataclass(frozen=True)
class Sums:
    """Of some answers: how many, how many of them can be compared and agree, the sum of their disagreement, and how
    many answered gold, how many of those rightly; of ratings, how far they are off the merged ones and the keys."""

    answers: int = 0
    compared: int = 0
    agree: int = 0
    differ: float = 0.0
    gold: int = 0
    right: int = 0
    off: Differences = Differences()
    off_key: Differences = Differences()

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(mine + his for mine, his in zip(vars(self).values(), vars(other).values(), strict=True)))

    def of_agreement(self) -> "Sums":
        """What is compared alone. Each count is rounded by itself and the rest follows from these, so that nothing
        that is made of them (a share, an interval, a test) tells more than they do."""
        agree = rounded(self.agree)
        compared = agree + rounded(self.compared - self.agree)
        differ = min(rounded(round(self.differ)), compared)
        off = self.off.rough(compared)
        return Sums(answers=compared, compared=compared, agree=agree, differ=float(differ), off=off)

    def of_accuracy(self) -> "Sums":
        """What was answered on gold alone, rounded likewise."""
        right = rounded(self.right)
        gold = right + rounded(self.gold - self.right)
        return Sums(answers=gold, gold=gold, right=right, off_key=self.off_key.rough(gold))

    def line(self, group: Any) -> dict[str, Any]:
        """As it is shown: shares with their 95 % intervals; None where there is nothing."""
        return {
            "group": group,
            "answers": self.answers,
            "compared": self.compared,
            "agreement": _share(self.agree, self.compared),
            "disagreement": self.differ / self.compared if self.compared else None,
            "gold": self.gold,
            "accuracy": _share(self.right, self.gold),
            "difference": self.off.line(),
            "gold_difference": self.off_key.line(),
        }


@dataclass(frozen=True)
class Counted:
    """What one pass over the answers gave. Item group None: the further ones, and items without a value."""

    whole: Sums = Sums()
    workers: Mapping[int, Sums] = field(default_factory=dict)
    items: Mapping[str | None, Sums] = field(default_factory=dict)
    periods: Mapping[datetime, Sums] = field(default_factory=dict)
    labels_by_period: Labels = field(default_factory=dict)
    labels_by_gold: Labels = field(default_factory=dict)  # (is gold with a key in force, label) -> answers


def columns(project: Project) -> list[str]:
    """What items can be grouped by: the columns of the first thousand."""
    return [name for (name,) in _rows(COLUMNS, {"project": project.pk})]


def of_answers(project: Project, *, subject: Subject, column: str, each: str) -> Counted:
    """`each`: "day" or "week", the periods of drift."""
    assert project.config_id is not None
    config = {"pass_mark": parsed(project.config_id).pass_mark, "scored": subject.question.scored}
    wanted = _wanted(project, subject, column) | config | {"each": each, "seen": SEEN}
    return _count(_rows(ANSWERS_OF[subject.question.kind], wanted))


def of_merged(project: Project, *, subject: Subject, column: str) -> Labels:
    """(item group, label) -> merged answers of ordinary tasks."""
    found = _rows(MERGED_OF[subject.question.kind], _wanted(project, subject, column))
    return {(group, label): count for group, label, count in found}


def of_keys(project: Project, *, subject: Subject) -> Mapping[str, int]:
    """Label -> gold keys in force whose best answer it is."""
    return dict(_rows(KEYS_OF[subject.question.kind], _wanted(project, subject, "")))


def people(workers: Iterable[int]) -> list[tuple[int, str, list[str]]]:
    """Id, country and languages of those of them who agreed to be in reports."""
    return _rows(PEOPLE, {"workers": sorted(workers)})


def _wanted(project: Project, subject: Subject, column: str) -> dict[str, Any]:
    assert project.config_id is not None
    meant = [row for row in labels_as(subject.question.id, project.config_id) if subject.label in ("", row[2])]
    columns = {name: [row[place] for row in meant] for place, name in enumerate(("configs", "said", "labels"))}
    which = {"project": project.pk, "question": subject.question.id, "label": subject.label}
    return columns | which | {"column": column, "most": MOST_GROUPS, "tolerance": subject.tolerance}


def _count(rows: Iterable[tuple[Any, ...]]) -> Counted:
    sets: dict[int, dict[Any, Sums]] = defaultdict(dict)
    keys: dict[int, Callable[..., Any]] = {
        BY_WORKER: lambda worker, item, period, label, gold: worker,
        BY_ITEM: lambda worker, item, period, label, gold: item,
        BY_PERIOD: lambda worker, item, period, label, gold: period,
        BY_PERIOD_AND_LABEL: lambda worker, item, period, label, gold: (period, label),
        BY_GOLD_AND_LABEL: lambda worker, item, period, label, on_key: (on_key, label),
        ALL: lambda *_none: None,
    }
    for grouping, worker, item, period, label, gold, *sums in rows:
        off, off_key = Differences(*sums[6:9]), Differences(*sums[9:12])
        sets[grouping][keys[grouping](worker, item, period, label, gold)] = replace(
            Sums(*sums[:6]), off=off, off_key=off_key
        )
    return Counted(
        whole=sets[ALL].get(None, Sums()),
        workers=sets[BY_WORKER],
        items=sets[BY_ITEM],
        periods=sets[BY_PERIOD],
        labels_by_period={key: one.answers for key, one in sets[BY_PERIOD_AND_LABEL].items()},
        labels_by_gold={key: one.answers for key, one in sets[BY_GOLD_AND_LABEL].items()},
    )


def _share(of: int, all: int) -> dict[str, float] | None:
    if not all:
        return None
    low, high = BetaAccuracy(of, all - of).interval()
    return {"share": of / all, "low": min(low, of / all), "high": max(high, of / all)}


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
