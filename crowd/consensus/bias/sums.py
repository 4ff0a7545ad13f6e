"""Sums over a project's answers, read from the database in the same few statements, however large it is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from crowd.assignments.configs import labels_as, parsed
from crowd.assignments.states import AssignmentState
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project
from crowd.quality.accuracy import BetaAccuracy
from crowd.quality.tables import rounded

MOST_GROUPS = 20
Labels = Mapping[tuple[Any, str], int]

# What a label of an earlier version of the config means in the one in force.
MEANT = """
SELECT * FROM unnest(%(configs)s::bigint[], %(said)s::text[], %(labels)s::text[]) AS meant (config_id, said, label)
"""
TOP = """
SELECT left(data ->> %(column)s, 100) AS name FROM projects_item
WHERE project_id = %(project)s AND data ->> %(column)s <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %(most)s
"""
# One pass over the answers that a model learns from (crowd.consensus.answers), but for rejected ones. `others` are the
# further answers to the same unit, `differ` the share of them that say something else. An answer to a gold task is
# right or wrong by what its key says of this question and unit; where it counts neither way (`gold_passed` is null), it
# does not here.
ANSWERS = f"""
WITH top AS MATERIALIZED ({TOP}), meant AS MATERIALIZED ({MEANT}), key AS MATERIALIZED (
    SELECT t.id AS task_id, unit.place, coalesce(array_agg(unit.value ->> %(question)s)
           FILTER (WHERE coalesce((solution ->> 'weight')::float, 1) >= %(pass_mark)s), '{{}}') AS labels
    FROM projects_task t
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(t.gold -> 'any_of', jsonb_build_array(t.gold))) solution
    CROSS JOIN LATERAL jsonb_array_elements(solution -> 'units') WITH ORDINALITY AS unit (value, place)
    WHERE t.project_id = %(project)s AND t.is_gold AND unit.value ? %(question)s GROUP BY 1, 2
), answer AS (
    SELECT s.task_id, (unit.place - 1)::int AS unit, s.worker_id, meant.label, a.submitted_at, s.is_gold,
           s.is_gold AND t.state <> 'retired' AS on_key,
           CASE WHEN %(scored)s AND s.gold_passed IS NOT NULL THEN meant.label = ANY (key.labels) END AS passed,
           coalesce((t.source -> 'items' ->> (unit.place - 1)::int)::bigint, t.item_id) AS item_id
    FROM assignments_assignment s
    JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
    JOIN projects_task t ON t.id = s.task_id
    CROSS JOIN LATERAL jsonb_array_elements(a.value -> 'units') WITH ORDINALITY AS unit (value, place)
    JOIN meant ON meant.config_id = a.config_id AND meant.said = unit.value ->> %(question)s
    LEFT JOIN key ON key.task_id = s.task_id AND key.place = unit.place
    LEFT JOIN consensus_decision d ON d.project_id = s.project_id AND d.task_id = s.task_id
        AND d.unit = unit.place - 1 AND d.question = %(question)s
    WHERE s.project_id = %(project)s AND s.state = ANY (%(seen)s) AND NOT s.corrected AND a.cannot_answer = ''
      AND NOT s.is_repeat AND (s.counts OR t.ruled_at IS NULL OR s.taken_at > t.ruled_at)
      AND coalesce(s.taken_at > d.decided_at, true)
), beside AS (
    SELECT answer.*, count(*) OVER (PARTITION BY task_id, unit) - 1 AS others,
           count(*) OVER (PARTITION BY task_id, unit, label) - 1 AS alike
    FROM answer
), seen AS (
    SELECT b.worker_id, top.name AS item_group, b.on_key, b.label, b.passed, c.id IS NOT NULL AS compared,
           meant.label IS NOT DISTINCT FROM b.label AS agrees,
           (b.others - b.alike)::float / nullif(b.others, 0) AS differ,
           date_trunc(%(each)s, b.submitted_at AT TIME ZONE 'UTC') AS period
    FROM beside b
    JOIN projects_item i ON i.id = b.item_id
    LEFT JOIN top ON top.name = left(i.data ->> %(column)s, 100)
    LEFT JOIN consensus_consensus c ON c.project_id = %(project)s AND c.task_id = b.task_id AND c.unit = b.unit
        AND c.question = %(question)s AND NOT b.is_gold AND b.others > 0
    LEFT JOIN meant ON meant.config_id = c.config_id AND meant.said = c.value #>> '{{}}'
)
SELECT grouping(worker_id, item_group, period, label, on_key), worker_id, item_group, period, label, on_key,
       count(*), count(*) FILTER (WHERE compared), count(*) FILTER (WHERE compared AND agrees),
       coalesce(sum(differ) FILTER (WHERE compared), 0), count(passed), count(*) FILTER (WHERE passed)
FROM seen GROUP BY GROUPING SETS ((), (worker_id), (item_group), (period), (period, label), (on_key, label))
"""  # noqa: S608
BY_WORKER, BY_ITEM, BY_PERIOD, BY_PERIOD_AND_LABEL, BY_GOLD_AND_LABEL, ALL = 15, 23, 27, 25, 28, 31

MERGED = f"""
WITH top AS MATERIALIZED ({TOP}), meant AS MATERIALIZED ({MEANT})
SELECT top.name, meant.label, count(*)
FROM consensus_consensus c
JOIN meant ON meant.config_id = c.config_id AND meant.said = c.value #>> '{{}}'
JOIN projects_task t ON t.id = c.task_id AND NOT t.is_gold
JOIN projects_item i ON i.id = coalesce((t.source -> 'items' ->> c.unit::int)::bigint, t.item_id)
LEFT JOIN top ON top.name = left(i.data ->> %(column)s, 100)
WHERE c.project_id = %(project)s AND c.question = %(question)s GROUP BY 1, 2
"""  # noqa: S608
KEYS = """
SELECT unit ->> %(question)s, count(*)
FROM projects_task t
CROSS JOIN LATERAL jsonb_array_elements(coalesce(t.gold -> 'any_of' -> 0 -> 'units', t.gold -> 'units')) AS unit
WHERE t.project_id = %(project)s AND t.is_gold AND t.state <> 'retired' AND unit ? %(question)s GROUP BY 1
"""
PEOPLE = "SELECT id, country, languages FROM workers_worker WHERE in_reports AND id = ANY(%(workers)s)"
COLUMNS = """
SELECT DISTINCT name FROM (SELECT data FROM projects_item WHERE project_id = %(project)s ORDER BY id LIMIT 1000) i,
    jsonb_object_keys(data) name ORDER BY name
"""
SEEN = [str(AssignmentState.SUBMITTED), str(AssignmentState.ACCEPTED)]


@dataclass(frozen=True)
class Sums:
    """Of some answers: how many, how many of them can be compared and agree, the sum of their disagreement, and how
    many answered gold, how many of those rightly."""

    answers: int = 0
    compared: int = 0
    agree: int = 0
    differ: float = 0.0
    gold: int = 0
    right: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(mine + his for mine, his in zip(vars(self).values(), vars(other).values(), strict=True)))

    def of_agreement(self) -> "Sums":
        """What is compared alone. Each count is rounded by itself and the rest follows from these, so that nothing
        that is made of them (a share, an interval, a test) tells more than they do."""
        agree = rounded(self.agree)
        compared = agree + rounded(self.compared - self.agree)
        differ = min(rounded(round(self.differ)), compared)
        return Sums(answers=compared, compared=compared, agree=agree, differ=float(differ))

    def of_accuracy(self) -> "Sums":
        """What was answered on gold alone, rounded likewise."""
        right = rounded(self.right)
        gold = right + rounded(self.gold - self.right)
        return Sums(answers=gold, gold=gold, right=right)

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


def of_answers(project: Project, *, question: Choice, column: str, each: str) -> Counted:
    """`each`: "day" or "week", the periods of drift."""
    assert project.config_id is not None
    config = {"pass_mark": parsed(project.config_id).pass_mark, "scored": question.scored}
    return _count(_rows(ANSWERS, _wanted(project, question, column) | config | {"each": each, "seen": SEEN}))


def of_merged(project: Project, *, question: Choice, column: str) -> Labels:
    """(item group, label) -> merged answers of ordinary tasks."""
    found = _rows(MERGED, _wanted(project, question, column))
    return {(group, label): count for group, label, count in found}


def of_keys(project: Project, *, question: str) -> Mapping[str, int]:
    """Label -> gold keys in force whose best answer it is."""
    return dict(_rows(KEYS, {"project": project.pk, "question": question}))


def people(workers: Iterable[int]) -> list[tuple[int, str, list[str]]]:
    """Id, country and languages of those of them who agreed to be in reports."""
    return _rows(PEOPLE, {"workers": sorted(workers)})


def _wanted(project: Project, question: Choice, column: str) -> dict[str, Any]:
    assert project.config_id is not None
    meant = labels_as(question.id, project.config_id)
    columns = {name: [row[place] for row in meant] for place, name in enumerate(("configs", "said", "labels"))}
    return columns | {"project": project.pk, "question": question.id, "column": column, "most": MOST_GROUPS}


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
        sets[grouping][keys[grouping](worker, item, period, label, gold)] = Sums(*sums)
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
