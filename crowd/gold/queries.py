"""Looking at gold: which keys are doubtful, known or contested, and which tasks would make good gold."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q

from crowd.assignments.configs import parsed
from crowd.assignments.models import Answer, Participation
from crowd.consensus.models import Consensus
from crowd.gold.models import Contest, Revision
from crowd.gold.states import ContestState
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project, Task
from crowd.projects.states import TaskState
from crowd.quality.accuracy import BetaAccuracy
from crowd.quality.gold_audit import Doubt, GoldAnswer, doubt, leak_score
from crowd.users.models import User

DOUBTFUL = 0.5
LEAKED = 3.0
SURE = 0.95  # of a calibrated posterior
FEWEST = 3  # independent answers behind a proposal
MANY_ANSWERS = 10  # as many "labels" where a question has none: two wrong answers are seldom the same
NEWEST = 100_000  # answers to gold that an audit looks at


@dataclass(frozen=True)
class Audited:
    """One gold task: `shown` of the project's workers have answered it, `missed` of them by its key."""

    task: Task
    shown: int
    missed: int
    exposure: float  # share of the project's workers who know it
    doubt: Doubt
    instead: Any  # the answer that accurate workers give, as answers are written; None without one
    leak: float
    contests: int

    @property
    def flags(self) -> list[str]:
        found = {"doubtful": self.doubt.probability >= DOUBTFUL, "leaked": self.leak >= LEAKED}
        return [name for name, is_so in (found | {"contested": self.contests > 0}).items() if is_so]


@dataclass(frozen=True)
class Proposed:
    """An ordinary task whose consensus is so sure that it would do as gold; `key` as answers are written."""

    task: Task
    key: dict[str, Any]
    posterior: float
    answers: int


def audit(project: Project) -> list[Audited]:
    """Every gold task that is in use, those with the most reason to look first."""
    answers, labels = _answers(project), _labels(project)
    workers = Participation.objects.filter(project=project, submitted_count__gt=0).count()
    contests = dict(
        Contest.objects.filter(project=project, state=ContestState.OPEN).values_list("task_id").annotate(n=Count("id"))
    )
    tasks = Task.objects.filter(project=project, is_gold=True).exclude(state=TaskState.RETIRED).order_by("id")
    lines = [_audited(task, answers.get(task.pk, []), labels, workers, contests.get(task.pk, 0)) for task in tasks]
    return sorted(lines, key=lambda one: (-len(one.flags), -one.doubt.probability, -one.missed, one.task.pk))


def audit_of(project: Project, task: Task) -> Audited:
    """One gold task."""
    contests = Contest.objects.filter(project=project, task=task, state=ContestState.OPEN).count()
    workers = Participation.objects.filter(project=project, submitted_count__gt=0).count()
    return _audited(task, _answers(project, task).get(task.pk, []), _labels(project), workers, contests)


def proposed(project: Project, *, most: int = 50) -> list[Proposed]:
    """Complete tasks of one unit on whose scored questions with labels everybody agreed, calibrated and sure."""
    if project.config_id is None:
        return []
    questions = [one.id for one in parsed(project.config_id).questions if isinstance(one, Choice) and one.scored]
    sure = Q(consensus__question__in=questions, consensus__posterior__gte=SURE, consensus__agreement=1.0)
    tasks = Task.objects.filter(project=project, is_gold=False, state=TaskState.LIVE, units=1)
    complete = tasks.filter(answered__gte=FEWEST, filled=F("answered"), answered=F("needed"), cannot_answer_count=0)
    agreed = complete.annotate(sure=Count("consensus", filter=sure)).filter(sure=len(questions), sure__gt=0)
    found = list(agreed.select_related("item").order_by("id")[:most])
    rows: dict[int, list[Consensus]] = defaultdict(list)
    for row in Consensus.objects.filter(project=project, task__in=found, question__in=questions):
        rows[row.task_id].append(row)
    return [_proposed(task, rows[task.pk]) for task in found]


def revisions(project: Project, *, most: int = 50) -> Sequence[Revision]:
    """The newest changes of keys, with what was put right."""
    return list(Revision.objects.filter(project=project).select_related("task__item").order_by("-id")[:most])


def _proposed(task: Task, rows: Sequence[Consensus]) -> Proposed:
    return Proposed(
        task,
        {"units": [{row.question: row.value for row in rows}]},
        min(row.posterior or 0.0 for row in rows),
        min(row.answers for row in rows),
    )


def _audited(task: Task, answers: Sequence[GoldAnswer], labels: int, workers: int, contests: int) -> Audited:
    found = doubt(answers, labels)
    return Audited(
        task=task,
        shown=len(answers),
        missed=sum(not one.right for one in answers),
        exposure=len(answers) / workers if workers else 0.0,
        doubt=found,
        instead=json.loads(str(found.instead)) if found.instead is not None else None,
        leak=leak_score(answers),
        contests=contests,
    )


def _answers(project: Project, task: Task | None = None) -> dict[int, list[GoldAnswer]]:
    """Answers to each gold task in the order of time, each with its worker's accuracy on all other gold."""
    given = Answer.objects.filter(
        project_id=project.pk,
        attempt=F("assignment__attempt"),
        assignment__is_gold=True,
        assignment__gold_passed__isnull=False,
    )
    if task is not None:
        given = given.filter(task_id=task.pk)
    columns = ("task_id", "worker_id", "assignment__gold_passed", "value")
    rows = list(given.order_by("-id").values_list(*columns)[:NEWEST])
    tallies = {
        worker: (right, wrong)
        for worker, right, wrong in Participation.objects.filter(
            project=project, worker__in={row[1] for row in rows}
        ).values_list("worker_id", "gold_right", "gold_wrong")
    }
    found: dict[int, list[GoldAnswer]] = defaultdict(list)
    for task_id, worker, right, value in reversed(rows):
        found[task_id].append(GoldAnswer(_written(value), right, _accuracy_elsewhere(*tallies[worker], right=right)))
    return found


def _accuracy_elsewhere(right_in_all: int, wrong_in_all: int, *, right: bool) -> float:
    return BetaAccuracy(max(0, right_in_all - right), max(0, wrong_in_all - (not right))).mean


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _labels(project: Project) -> int:
    """How many answers there are to choose from."""
    questions: Iterable[Any] = parsed(project.config_id).questions if project.config_id else []
    asked = [one for one in questions if one.scored]
    if len(asked) == 1 and isinstance(asked[0], Choice):
        return len(asked[0].labels)
    return MANY_ANSWERS


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    mine = Contest.objects.filter(assignment__worker__user=user).order_by("pk")
    return {"gold_contests": list(mine.values("project_id", "task_id", "text", "contested_at", "state", "reply"))}
