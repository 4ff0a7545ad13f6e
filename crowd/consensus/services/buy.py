"""Answers bought only as needed (adaptive redundancy): one more where it is worth its price, none where it is not.

A task opens with its `redundancy`. Once those answers are there and merged, it gets one further slot while its
calibrated posterior is under the project's target, the next answer is expected to raise it by more than `least_gain`
(`crowd.quality.ValueOfAnswer`), and the reserve for extra answers pays. A bought slot that nobody holds is closed again
when the posterior reached the target in the meantime; whoever holds the task may finish it and is paid. What went up to
a further tier is not its business: that has a number of answers of its own (`escalate`).
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from crowd.assignments.services import slots
from crowd.consensus.models import Consensus
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import TaskState

CHUNK = 1000


def buy(project_id: int) -> int:
    """Ask for further answers where they are worth it, most worth first; the number asked for. Can be repeated."""
    project = Project.objects.filter(id=project_id).first()
    if project is None or project.most_answers is None or project.state not in reserves.RUNNING:
        return 0
    _close_idle(project)
    number = 0
    while ids := worth_asking(project)[:CHUNK]:
        bought = _buy_some(project_id, list(ids))
        number += bought
        if bought < len(ids):  # the reserve is spent, or somebody else was here at the same time
            return number
    return number


def worth_asking(project: Project) -> QuerySet[Consensus, int]:
    """Ids of complete tasks whose consensus is unsure and expected to gain, most gain first.

    A consensus that does not know all of its task's answers yet says nothing.
    """
    unsure = Q(sure__lt=project.target_posterior) & (Q(gain__gt=project.least_gain) | Q(gain=None))
    return (
        _known(project)
        .filter(unsure, task__needed__lt=project.most_answers, task__answered__gte=F("task__needed"))
        .values("task_id")
        .annotate(most=Max(Coalesce("gain", 1.0 - F("sure"))))
        .order_by("-most", "task_id")
        .values_list("task_id", flat=True)
    )


def _known(project: Project) -> QuerySet[Consensus]:
    labeled = F("task__answered") - F("task__cannot_answer_count")
    live = Q(task__state=TaskState.LIVE, task__is_gold=False, task__tier=0, answers=labeled)
    return Consensus.objects.filter(live, project_id=project.id)


def _buy_some(project_id: int, ids: Sequence[int]) -> int:
    with transaction.atomic(durable=True):
        project = reserves.lock(project_id)
        tasks = {task.id: task for task in _locked(ids) if task.answered >= task.needed}
        wanted = [tasks[id] for id in ids if id in tasks and tasks[id].needed < (project.most_answers or 0)]
        paid = reserves.spend_extra(project, len(wanted))
        for task in wanted[:paid]:
            slots.buy(task)
        return paid


def _close_idle(project: Project) -> None:
    """Close bought slots that are free and no longer wanted."""
    sure = (
        _known(project)
        .filter(task__bought__gt=0, task__filled__lt=F("task__needed"))
        .values("task_id")
        .annotate(least=Min("sure"))
        .filter(least__gte=project.target_posterior)
        .order_by("task_id")
    )
    ids = list(sure.values_list("task_id", flat=True)[:CHUNK])
    if not ids:
        return
    with transaction.atomic(durable=True):
        locked = reserves.lock(project.id)
        idle = [task for task in _locked(ids) if task.bought and task.filled < task.needed]
        for task in idle:
            slots.unbuy(task)
        reserves.return_extra(locked, len(idle))


def _locked(ids: Sequence[int]) -> list[Task]:
    live = Task.objects.select_for_update(no_key=True).filter(id__in=ids, state=TaskState.LIVE, tier=0)
    return list(live.order_by("id"))
