"""What is read about guidelines: questions with their answers, and what each version changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from crowd.guidance.models import Doubt
from crowd.projects.models import GuidelinesVersion, Project
from crowd.quality.accuracy import BetaAccuracy
from crowd.users.models import User
from workers.models import Worker

EFFECTS = """
SELECT s.guidelines_id, count(*) FILTER (WHERE s.gold_passed), count(*) FILTER (WHERE NOT s.gold_passed),
       count(*) FILTER (WHERE s.state <> 'rejected' AND NOT s.is_gold AND NOT s.is_repeat)
FROM assignments_assignment s
WHERE s.project_id = %(project)s AND s.state IN ('submitted', 'accepted', 'rejected')
GROUP BY s.guidelines_id
"""
LABELS = """
SELECT s.guidelines_id, said.question, said.label #>> '{}', count(*)
FROM assignments_assignment s
JOIN assignments_answer a ON a.project_id = s.project_id AND a.assignment_id = s.id AND a.attempt = s.attempt
CROSS JOIN LATERAL jsonb_array_elements(a.value -> 'units') AS unit(value)
CROSS JOIN LATERAL jsonb_each(unit.value) AS said(question, label)
WHERE s.project_id = %(project)s AND s.state IN ('submitted', 'accepted') AND NOT s.is_gold AND NOT s.is_repeat
  AND said.question = ANY(%(questions)s) AND jsonb_typeof(said.label) = 'string'
GROUP BY 1, 2, 3 ORDER BY 2, 4 DESC, 3
"""


@dataclass(frozen=True)
class Effect:
    """Answers given under one version (None: before there were guidelines): gold accuracy, and who said what.

    `labels`: question, label, and its share of the answers to that question.
    """

    version: GuidelinesVersion | None
    answers: int
    gold_right: int
    gold_wrong: int
    labels: Sequence[tuple[str, str, float]]

    @property
    def gold_accuracy(self) -> float | None:
        total = self.gold_right + self.gold_wrong
        return self.gold_right / total if total else None

    @property
    def gold_interval(self) -> tuple[float, float] | None:
        """Holds the true accuracy in 95 of 100 cases."""
        return BetaAccuracy(self.gold_right, self.gold_wrong).interval() if self.gold_accuracy is not None else None


def effects(project: Project, *, questions: Sequence[str]) -> list[Effect]:
    """By version, the newest first; `questions`: the closed ones, whose labels are counted."""
    parameters: dict[str, Any] = {"project": project.pk, "questions": list(questions)}
    with connection.cursor() as cursor:
        cursor.execute(EFFECTS, parameters)
        tallies = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(LABELS, parameters)
        said = cursor.fetchall()
    versions = {one.pk: one for one in GuidelinesVersion.objects.filter(project=project)}
    found = [
        Effect(versions.get(id), answers, right, wrong, _shares(id, said))
        for id, (right, wrong, answers) in tallies.items()
    ]
    return sorted(found, key=lambda one: -(one.version.version if one.version else 0))


def _shares(id: int | None, said: Sequence[tuple[Any, ...]]) -> list[tuple[str, str, float]]:
    mine = [(question, label, number) for version, question, label, number in said if version == id]
    totals: dict[str, int] = {}
    for question, _label, number in mine:
        totals[question] = totals.get(question, 0) + number
    return [(question, label, number / totals[question]) for question, label, number in mine]


def published(project: Project) -> QuerySet[Doubt]:
    """Questions that were answered: for everybody who works here."""
    return Doubt.objects.filter(project=project, answered_at__isnull=False).order_by("-answered_at")


def waiting(project: Project) -> QuerySet[Doubt]:
    return Doubt.objects.filter(project=project, answered_at=None).order_by("pk")


def of_worker(worker: Worker, project: Project) -> QuerySet[Doubt]:
    """His own, answered or not."""
    return Doubt.objects.filter(project=project, worker=worker).order_by("-pk")


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    mine = Doubt.objects.filter(worker__user=user).order_by("pk")
    return {"questions": list(mine.values("project_id", "quote", "text", "asked_at", "answer", "answered_at"))}
