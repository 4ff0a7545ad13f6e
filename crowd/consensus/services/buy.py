"""Answers bought only as needed (adaptive redundancy): one more where it is worth its price, none where it is not.

A task opens with its `redundancy`. Once those answers are there and merged, it gets one further slot while its
calibrated posterior is under the project's target, the next answer is expected to raise it by more than `least_gain`
(`crowd.quality.ValueOfAnswer`), and the reserve for extra answers pays. A bought slot that nobody holds is closed again
when the posterior reached the target in the meantime; whoever holds the task may finish it and is paid.

The same holds in every further tier that has `most_answers`: a task sent there (`escalate`) begins with that tier's
`redundancy`, further specialists are asked one by one, and the tier's own reserve pays. The target is the project's; a
specialist's answer that costs three times as much as an ordinary one must be expected to add three times as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from crowd.assignments.services import slots
from crowd.consensus.current import noted
from crowd.consensus.models import Consensus
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import reserves
from crowd.projects.states import TaskState

CHUNK = 1000


@dataclass(frozen=True)
class Terms:
    """On which a tier's tasks get further answers (0: the project's own)."""

    tier: int
    room: Q  # of a task that may still get one
    least_gain: Decimal
    pays: bool  # its reserve, for one at the least


def buy(project_id: int) -> int:
    """Ask for further answers where they are worth it, most worth first; the number asked for. Can be repeated."""
    project = Project.objects.filter(id=project_id, state__in=reserves.RUNNING).first()
    return sum(_buy(project, terms) for terms in terms_of(project)) if project else 0


def is_due(project: Project) -> bool:
    """Whether there is money for a further answer and a task that is worth one: a budget was raised, say."""
    return any(terms.pays and worth_asking(project, terms).exists() for terms in terms_of(project))


def terms_of(project: Project) -> list[Terms]:
    """Of the tiers that buy; those with a fixed number of answers are not among them."""
    found, gain = [], project.least_gain
    if project.most_answers is not None:
        pays = project.extra_reserve_micros >= project.price_micros
        found.append(Terms(0, Q(needed__lt=project.most_answers), gain, pays))
    for tier in Tier.objects.filter(project=project, most_answers__isnull=False).order_by("number"):
        assert tier.most_answers is not None
        room, pays = Q(bought__lt=tier.most_answers - tier.redundancy), tier.reserve_micros >= tier.price_micros
        found.append(Terms(tier.number, room, _as_dear(gain, tier, project), pays))
    return found


def worth_asking(project: Project, terms: Terms) -> QuerySet[Consensus, int]:
    """Ids of complete tasks whose consensus is unsure and expected to gain, most gain first.

    A consensus that is not about its task's answers as they stand says nothing.
    """
    unsure = Q(sure__lt=project.target_posterior) & (Q(gain__gt=terms.least_gain) | Q(gain=None))
    return (
        _known(project, _complete(project, terms))
        .filter(unsure)
        .values("task_id")
        .annotate(most=Max(Coalesce("gain", 1.0 - F("sure"))))
        .order_by("-most", "task_id")
        .values_list("task_id", flat=True)
    )


def _buy(project: Project, terms: Terms) -> int:
    _close_idle(project, terms)
    number = 0
    while ids := worth_asking(project, terms)[:CHUNK]:
        bought = _buy_some(project, terms, list(ids))
        number += bought
        if bought < len(ids):  # the reserve is spent, or somebody else was here at the same time
            break
    return number


def _known(project: Project, tasks: QuerySet[Task]) -> QuerySet[Consensus]:
    labeled = F("task__answered") - F("task__cannot_answer_count")
    return Consensus.objects.filter(~noted(), project_id=project.id, task__in=tasks, answers=labeled)


def _there(project: Project, terms: Terms) -> QuerySet[Task]:
    return Task.objects.filter(project=project, state=TaskState.LIVE, is_gold=False, tier=terms.tier)


def _complete(project: Project, terms: Terms) -> QuerySet[Task]:
    return _there(project, terms).filter(terms.room, answered__gte=F("needed"))


def _buy_some(project: Project, terms: Terms, ids: Sequence[int]) -> int:
    """What is known is asked once more under the locks: an answer may have been taken out meanwhile."""
    with transaction.atomic(durable=True):
        locked = reserves.lock(project.pk)
        tasks = {task.id: task for task in _locked(_complete(project, terms), ids)}
        known = set(_known(project, Task.objects.filter(id__in=tasks)).values_list("task_id", flat=True))
        wanted = [tasks[id] for id in ids if id in known]
        paid = reserves.spend_extra(locked, len(wanted), tier=terms.tier)
        for task in wanted[:paid]:
            slots.buy(task)
        return paid


def _close_idle(project: Project, terms: Terms) -> None:
    """Close bought slots that are free and no longer wanted; asked again under the locks, as when they are bought."""
    idle = _there(project, terms).filter(bought__gt=0, filled__lt=F("needed"))
    ids = list(_sure(project, idle)[:CHUNK])
    if not ids:
        return
    with transaction.atomic(durable=True):
        locked = reserves.lock(project.id)
        tasks = _locked(idle, ids)
        sure = set(_sure(project, Task.objects.filter(id__in=[task.id for task in tasks])))
        closed = [task for task in tasks if task.id in sure]
        for task in closed:
            slots.unbuy(task)
        reserves.return_extra(locked, len(closed), tier=terms.tier)


def _sure(project: Project, tasks: QuerySet[Task]) -> QuerySet[Consensus, int]:
    """Ids of those whose consensus is sure enough, and about their answers as they stand."""
    return (
        _known(project, tasks)
        .values("task_id")
        .annotate(least=Min("sure"))
        .filter(least__gte=project.target_posterior)
        .order_by("task_id")
        .values_list("task_id", flat=True)
    )


def _locked(tasks: QuerySet[Task], ids: Sequence[int]) -> list[Task]:
    return list(tasks.select_for_update(no_key=True).filter(id__in=ids).order_by("id"))


def _as_dear(least_gain: Decimal, tier: Tier, project: Project) -> Decimal:
    """The same gain for the same money; where the project's own answers cost nothing, the same for each answer."""
    return least_gain * tier.price_micros / project.price_micros if project.price_micros else least_gain
