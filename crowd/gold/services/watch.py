"""After an aggregation: who is below a project's minimum by gold and by what the other workers say, together.

Gold alone is asked at every gold answer (crowd.assignments). With two labels half of a guesser's answers are right, and
little gold says little; his other answers say it sooner. They hasten a pause and never cause one (crowd.quality).
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import F, Q

from crowd.assignments.configs import parsed
from crowd.assignments.models import Answer, Participation
from crowd.assignments.services import gate, pause
from crowd.assignments.states import AssignmentState, ParticipationState
from crowd.consensus.models import AggregationRun, Consensus, WorkerScore
from crowd.consensus.states import RunState
from crowd.gold.models import Watch
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project
from crowd.projects.states import ProjectState
from crowd.quality.accuracy import Others

MOST_ANSWERS = 400  # of a worker, the newest
CHUNK = 1000


def due() -> list[int]:
    """Projects with a minimum and an aggregation that was not looked at yet: for the sweep."""
    found = []
    projects = Project.objects.filter(state=ProjectState.OPEN, minimum_accuracy__gt=0)
    seen = dict(Watch.objects.filter(project__in=projects).values_list("project_id", "run_id"))
    for id in projects.order_by("id").values_list("id", flat=True):
        run = _newest(id)
        if run is not None and seen.get(id, 0) < run.pk:
            found.append(id)
    return found


def watch(project_id: int) -> int:
    """Look at whom gold speaks against; the number of workers paused. Each run is looked at once."""
    project, run = Project.objects.get(id=project_id), _newest(project_id)
    question = _question(project)
    if run is None or question is None or project.minimum_accuracy is None:
        return 0
    if Watch.objects.filter(project=project, run_id__gte=run.pk).exists():
        return 0
    paused = sum(_look(project, worker_id, question, run) for worker_id in _suspects(project))
    Watch.objects.update_or_create(project=project, defaults={"run": run})
    return paused


def others_about(project: Project, worker_id: int, question: Choice, run: AggregationRun) -> Others:
    """How right his answers are by the answers of the others: his own vote is divided out of each posterior.

    p(k | others) ~ p(k | all) / C[k, said], with his confusion C as the same aggregation estimated it. Only tasks that
    somebody else answered, and only what that aggregation knew.
    """
    score = WorkerScore.objects.filter(project_id=project.id, worker_id=worker_id, question=question.id).first()
    if score is None or not score.confusion:
        return Others.of([], len(question.labels))
    order, chances = list(question.order), []
    for merged, said in _compared(project, worker_id, question, run):
        place = order.index(said)
        without = [
            merged.get(name, 0.0) / max(row[place], 1e-6) for name, row in zip(order, score.confusion, strict=True)
        ]
        chances.append(without[place] / sum(without))
    return Others.of(chances, len(order))


def _compared(
    project: Project, worker_id: int, question: Choice, run: AggregationRun
) -> Iterable[tuple[Mapping[str, float], str]]:
    """The posterior of each of his answers' keys, and what he said."""
    said = _said(project, worker_id, question, run)
    for start in range(0, len(said), CHUNK):
        some = dict(said[start : start + CHUNK])
        rows = Consensus.objects.filter(
            project_id=project.id, task_id__in={task for task, _unit in some}, question=question.id, answers__gte=2
        )
        for row in rows:
            if (row.task_id, row.unit) in some and sum(row.distribution.values()) > 0:
                yield row.distribution, some[row.task_id, row.unit]


def _said(
    project: Project, worker_id: int, question: Choice, run: AggregationRun
) -> Sequence[tuple[tuple[int, int], str]]:
    answers = Answer.objects.filter(
        project_id=project.id,
        worker_id=worker_id,
        submitted_at__lte=run.started_at,
        assignment__is_gold=False,
        assignment__is_repeat=False,
        assignment__attempt=F("attempt"),
        assignment__state__in=(AssignmentState.SUBMITTED, AssignmentState.ACCEPTED),
    ).order_by("-id")
    return [
        ((task, unit), values[question.id])
        for task, value in answers.values_list("task_id", "value")[:MOST_ANSWERS]
        for unit, values in enumerate(value.get("units", []))
        if values.get(question.id) in question.order
    ]


def _suspects(project: Project) -> list[int]:
    """Workers whose share right on gold is below the minimum: nobody else can be paused."""
    gold = F("gold_right") + F("gold_wrong")
    below = Q(gold_wrong__gt=0, gold_right__lt=gold * (project.minimum_accuracy or 0))
    return list(
        Participation.objects.filter(below, project_id=project.id, state=ParticipationState.ACTIVE)
        .order_by("id")
        .values_list("worker_id", flat=True)
    )


def _look(project: Project, worker_id: int, question: Choice, run: AggregationRun) -> bool:
    others = others_about(project, worker_id, question, run)
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project.id, worker_id=worker_id)
        return pause.if_below_minimum(entry.inside, project=project, now=entry.now, others=others)


def _question(project: Project) -> Choice | None:
    """The first scored question with labels: the one that the others are compared on."""
    if project.config_id is None:
        return None
    asked = parsed(project.config_id).questions
    return next((one for one in asked if isinstance(one, Choice) and one.scored), None)


def _newest(project_id: int) -> AggregationRun | None:
    return AggregationRun.objects.filter(project_id=project_id, state=RunState.DONE).order_by("-id").first()
