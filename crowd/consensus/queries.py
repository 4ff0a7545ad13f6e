"""What a requester reads about a project that runs: how far, how sure, and by whom; where the money is, says
`spending`.

Reads only; the caller has passed the project's door. Money is in micros of the project's currency.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connections
from django.db.models import Avg, Count, F, Q, QuerySet, Sum

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.queries import Progress
from crowd.assignments.repeats import Steadiness, steadiness
from crowd.assignments.states import AssignmentState
from crowd.consensus.models import AggregationRun, Consensus, WorkerScore
from crowd.consensus.spending import Spend
from crowd.consensus.states import RunState
from crowd.kernel import replica
from crowd.labeling.kinds import Question
from crowd.projects.models import Project, Task
from crowd.projects.states import ProjectState
from crowd.quality.accuracy import BetaAccuracy
from crowd.users.models import User

EDGES = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0]  # most posteriors are high: the bins are finer there
RECENT = timedelta(hours=1)
MOST_STEPS = 72
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

HISTOGRAM = """
SELECT width_bucket(posterior::float8, %(inner)s::float8[]), count(*) FROM consensus_consensus
WHERE project_id = %(project)s AND question = %(question)s AND posterior IS NOT NULL GROUP BY 1
"""
LABELS = """
SELECT one.v #>> '{}', count(*) FROM consensus_consensus c
CROSS JOIN LATERAL jsonb_array_elements(
    CASE jsonb_typeof(c.value) WHEN 'array' THEN c.value ELSE jsonb_build_array(c.value) END) AS one(v)
WHERE c.project_id = %(project)s AND c.question = %(question)s
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(most)s
"""
STEPS = """
SELECT date_bin(%(step)s, submitted_at, %(start)s), count(*) FROM assignments_answer
WHERE project_id = %(project)s AND submitted_at >= %(start)s GROUP BY 1
"""


@dataclass(frozen=True)
class Bin:
    """How many merged answers have a posterior from `low` to `high`, both in [0, 1]."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Step:
    """Answers that came in the hour, or day, that begins at `at`."""

    at: datetime
    count: int


@dataclass(frozen=True)
class Speed:
    """Answers over time: `each` an hour or a day; `per_hour` is the pace of the last hour of work."""

    steps: Sequence[Step]
    each: timedelta
    per_hour: float


@dataclass(frozen=True)
class Forecast:
    """When the last answer is there at the present pace, and what all will have cost; None where nobody works."""

    finish: datetime | None
    left: int
    cost_micros: int


@dataclass(frozen=True)
class WorkerLine:
    """One worker of a project: `worker_id` is for finding the pseudonym, never for showing."""

    participation: Participation
    scores: Sequence[WorkerScore]
    paid_micros: int
    gold_mean: float | None
    gold_interval: tuple[float, float] | None
    steadiness: Steadiness | None  # his agreement with himself

    @property
    def worker_id(self) -> int:
        return self.participation.worker_id

    @property
    def gold_shown(self) -> int:
        return self.participation.gold_right + self.participation.gold_wrong


@dataclass(frozen=True)
class GoldLine:
    """One gold task: to how many it was shown, how many missed it. Many misses mean a wrong key or an unfair task."""

    task: Task
    shown: int
    missed: int

    @property
    def miss_rate(self) -> float:
        return self.missed / self.shown if self.shown else 0.0


def histogram(project: Project, question: str) -> list[Bin]:
    """Posteriors of the merged answers between EDGES; [] where the kind of question has none."""
    parameters = {"project": project.pk, "question": question, "inner": EDGES[1:-1]}
    found = dict(_rows(HISTOGRAM, parameters))
    if not found:
        return []
    return [Bin(low, high, found.get(number, 0)) for number, (low, high) in enumerate(pairwise(EDGES))]


def labels(project: Project, question: str, *, most: int = 30) -> list[tuple[str, int]]:
    """How often each label of a choice was the merged answer, or in it; the commonest first."""
    return list(_rows(LABELS, {"project": project.pk, "question": question, "most": most}))


def labels_held(project: Project, question: Question) -> list[str]:
    """The labels that merged answers hold, of whatever form those are; the commonest first."""
    values = Consensus.objects.filter(project=project, question=question.id).values_list("value", flat=True)
    counts = Counter(name for value in values.iterator() for name in set(question.labels_in(value)))
    return sorted(counts, key=lambda name: (-counts[name], name))


def mean_agreement(project: Project, question: str) -> float | None:
    """Mean share of a task's counting answers that equal the merged one; None before the first run."""
    rows = Consensus.objects.filter(project=project, question=question, answers__gt=1)
    mean: float | None = rows.aggregate(mean=Avg("agreement"))["mean"]
    return mean


def last_run(project: Project) -> AggregationRun | None:
    return AggregationRun.objects.filter(project=project, state=RunState.DONE).order_by("-id").first()


def speed(project: Project, *, now: datetime) -> Speed:
    """Answers an hour since the first one; a day where that would be more than MOST_STEPS steps."""
    first = Answer.objects.filter(project=project).order_by("id").values_list("submitted_at", flat=True).first()
    if first is None:
        return Speed([], HOUR, 0.0)
    each = HOUR if now - first < MOST_STEPS * HOUR else DAY
    start = first.replace(minute=0, second=0, microsecond=0)
    start = max(start, now - MOST_STEPS * each) if each == DAY else start
    found = dict(_rows(STEPS, {"project": project.pk, "step": each, "start": start}))
    steps = [Step(start + n * each, found.get(start + n * each, 0)) for n in range(int((now - start) / each) + 1)]
    return Speed(steps, each, _pace(project, first, now))


def forecast(project: Project, progress: Progress, spend: Spend, pace: Speed, *, now: datetime) -> Forecast:
    """At the pace of the last hour of work, as if it went on; gold answers come on top in their share."""
    left = max(progress.slots - progress.answered, 0)
    cost = spend.total_micros - spend.rest_micros + min(left * project.price_micros, spend.rest_micros)
    if not left or not pace.per_hour or project.state != ProjectState.OPEN:
        return Forecast(None, left, cost)
    return Forecast(now + timedelta(hours=left / pace.per_hour), left, cost)


def paid(project: Project) -> dict[int, int]:
    """Rewards of accepted answers, in micros, by worker id."""
    accepted = Assignment.objects.filter(project=project, state=AssignmentState.ACCEPTED)
    return dict(accepted.values_list("worker").annotate(paid=Sum("reward_micros")))


def worker_lines(
    project: Project, participations: Sequence[Participation], *, paid: Mapping[int, int]
) -> list[WorkerLine]:
    """These participations with scores, what they were `paid`, accuracy on gold and repeats, each in one query."""
    ids = [one.worker_id for one in participations]
    scores = list(WorkerScore.objects.filter(project=project, worker__in=ids).order_by("question"))
    steady = steadiness(project, ids) if project.repeat_share else {}
    return [
        WorkerLine(
            participation=one,
            scores=[score for score in scores if score.worker_id == one.worker_id],
            paid_micros=paid.get(one.worker_id, 0),
            gold_mean=None if (gold := _gold(one)) is None else gold.mean,
            gold_interval=None if gold is None else gold.interval(),
            steadiness=steady.get(one.worker_id),
        )
        for one in participations
    ]


def gold_accuracy(project: Project) -> tuple[float, tuple[float, float]] | None:
    """Of all workers together on gold: the posterior mean and its 95 % interval; None before the first gold answer."""
    sums = Participation.objects.filter(project=project).aggregate(
        right=Sum("gold_right", default=0), wrong=Sum("gold_wrong", default=0)
    )
    if not sums["right"] + sums["wrong"]:
        return None
    accuracy = BetaAccuracy(sums["right"], sums["wrong"])
    return accuracy.mean, accuracy.interval()


def gold_lines(project: Project, *, most: int = 50) -> list[GoldLine]:
    """Gold tasks, those that are missed most first."""
    answered = Q(assignments__gold_passed__isnull=False)
    rows = (
        Task.objects.filter(project=project, is_gold=True)
        .annotate(
            shown=Count("assignments", filter=answered),
            missed=Count("assignments", filter=Q(assignments__gold_passed=False)),
        )
        .order_by(F("missed").desc(), "id")[:most]
    )
    lines = [GoldLine(row, row.shown, row.missed) for row in rows]
    return sorted(lines, key=lambda line: (-line.miss_rate, -line.shown, line.task.pk))


def hardest(project: Project, *, most: int = 10) -> QuerySet[Consensus]:
    """Merged answers that we are least sure of, or that workers agree least on."""
    rows = Consensus.objects.filter(project=project, answers__gt=0).select_related("task__item")
    return rows.order_by(F("posterior").asc(nulls_last=True), "agreement", "task", "unit")[:most]


def merged(
    project: Project,
    *,
    label: str = "",
    question: str = "",
    at_least: float | None = None,
    at_most: float | None = None,
    disagreement: bool = False,
    key: str = "",
    worker_id: int | None = None,
) -> QuerySet[Consensus]:
    """Merged answers that fit all of these. `disagreement`: counting answers differ; `worker_id` answered the task."""
    rows = Consensus.objects.filter(project=project).select_related("task__item")
    wanted = {"question": question, "task__item__key": key}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if label:
        rows = rows.filter(Q(value=label) | Q(value__contains=[label]))
    if at_least is not None:
        rows = rows.filter(posterior__gte=at_least)
    if at_most is not None:
        rows = rows.filter(posterior__lte=at_most)
    if disagreement:
        rows = rows.filter(agreement__lt=1)
    if worker_id is not None:
        mine = Assignment.objects.filter(project=project, worker=worker_id, submitted_at__isnull=False)
        rows = rows.filter(task__in=mine.values("task"))
    return rows


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export: what is reckoned from his answers."""
    scores = WorkerScore.objects.filter(worker__user=user).order_by("pk")
    return {"scores": list(scores.values("project_id", "question", "answers", "accuracy", "agreement"))}


def _gold(one: Participation) -> BetaAccuracy | None:
    return BetaAccuracy(one.gold_right, one.gold_wrong) if one.gold_right + one.gold_wrong else None


def _pace(project: Project, first: datetime, now: datetime) -> float:
    """Answers an hour over the last hour, or since the first answer where that is less."""
    since = max(first, now - RECENT)
    count = Answer.objects.filter(project=project, submitted_at__gte=since).count()
    hours = max((now - since).total_seconds(), 60.0) / 3600
    return count / hours


def _rows(sql: str, parameters: dict[str, Any]) -> list[Any]:
    with connections[replica.alias()].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
