"""Hard tasks go to specialists: what a tier's workers could not settle is sent to the next one (projects.Tier).

A task goes up once the answers of its own tier are there and merged, and it is still unsure or disputed; or as soon as
enough of its workers said that it needs an expert: then its free slots are closed at once, and it goes when nobody
holds it any more, so that whatever comes back costs what its tier pays. The slots it gets are paid from the tier's
reserve, and so are further ones there, bought one by one (`buy`) before a task that is still in doubt goes on. Where
that is used up the task stays where it is, and the requester is told once.
"""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import slots
from crowd.consensus.current import noted
from crowd.consensus.models import AggregationRun, Consensus, Decision
from crowd.consensus.states import RunState
from crowd.kernel import clock
from crowd.labeling.answers import NEEDS_EXPERT
from crowd.notices.services.notify import notify_members
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import reserves
from crowd.projects.states import TaskState

CHUNK = 500
LOOKING = -1  # stands in Tier.through_run meanwhile, unless something changes (slots.look_again)
CALLABLE = (TaskState.LIVE, TaskState.REVIEW)  # calls are reports, which may have put it before the requester


def escalate(project_id: int) -> int:
    """Send up what is due, as far as the reserves pay, from the lowest tier on; the number sent. Can be repeated."""
    if not Project.objects.filter(id=project_id, state__in=reserves.RUNNING).exists():
        return 0
    run, tiers = _newest_run(project_id), Tier.objects.filter(project=project_id).order_by("number")
    tiers.update(through_run=LOOKING)
    sent = sum(_send(tier, waits) for tier in tiers for waits in (called, in_doubt))
    seen_through = [tier.id for tier in tiers if not in_doubt(tier).exists()]
    tiers.filter(id__in=seen_through, through_run=LOOKING).update(through_run=run)
    return sent


def is_due(project: Project) -> bool:
    """Whether a task may have to go up and can, or the requester does not know yet that it cannot.

    Doubt comes with an aggregation, or with a task that is complete without a new answer: nothing is looked through
    twice for the same (`Tier.through_run`). Calls come at any time, and are quickly found.
    """
    run = _newest_run(project.pk)
    return any(
        (tier.told_at is None or tier.reserve_micros >= tier.task_micros)
        and (tier.through_run != run or called(tier).exists())
        for tier in Tier.objects.filter(project=project)
    )


def _newest_run(project_id: int) -> int:
    done = AggregationRun.objects.filter(project=project_id, state=RunState.DONE)
    return done.order_by("-id").values_list("id", flat=True).first() or 0


def called(tier: Tier) -> QuerySet[Task]:
    """Tasks right below this tier of which enough workers there said that they need an expert.

    While somebody holds one it waits, but is given to nobody else.
    """
    below = _below(tier).filter(state__in=CALLABLE, cannot_answer_count__gte=tier.expert_calls or 0)
    said = Answer.objects.filter(
        project_id=OuterRef("project_id"),
        assignment_id=OuterRef("id"),
        attempt=OuterRef("attempt"),
        cannot_answer=NEEDS_EXPERT,
    )
    there = Assignment.objects.filter(
        Exists(said), project_id=tier.project_id, task_id=OuterRef("id"), tier=tier.number - 1, counts=True
    )
    calls = there.order_by().values("task_id").annotate(n=Count("id")).values("n")
    if tier.expert_calls is None:
        return below.none()
    held = Q(filled__gt=F("answered"))
    return below.annotate(calls=Subquery(calls)).filter(~held | Q(open=True), calls__gte=tier.expert_calls)


def in_doubt(tier: Tier) -> QuerySet[Task]:
    """Tasks right below this tier whose answers are all there and merged, and leave doubt or dispute."""
    doubt = Q(pk__in=[])
    if tier.below_posterior is not None:
        doubt |= Q(sure__lt=tier.below_posterior)
    if tier.above_disagreement is not None:
        doubt |= Q(agreement__lt=1 - tier.above_disagreement)
    labeled = OuterRef("answered") - OuterRef("cannot_answer_count")
    decided = Decision.objects.filter(
        project=tier.project_id, task=OuterRef("task_id"), unit=OuterRef("unit"), question=OuterRef("question")
    )
    merged = Consensus.objects.filter(
        doubt, ~Exists(decided), ~noted(), project_id=tier.project_id, task_id=OuterRef("id"), answers=labeled
    )
    complete = Q(state=TaskState.LIVE, answered__gt=0, answered__gte=F("needed"))
    return _below(tier).filter(complete, Exists(merged))


def _below(tier: Tier) -> QuerySet[Task]:
    return Task.objects.filter(project=tier.project_id, tier=tier.number - 1, is_gold=False).order_by("id")


def _send(tier: Tier, waits: Callable[[Tier], QuerySet[Task]]) -> int:
    number = 0
    while ids := list(waits(tier).values_list("id", flat=True)[:CHUNK]):
        sent = _send_some(tier, waits, ids)
        number += sent
        if sent < len(ids):  # the reserve is used up, somebody holds one, or somebody else was here at the same time
            return number
    return number


def _send_some(tier: Tier, waits: Callable[[Tier], QuerySet[Task]], ids: Sequence[int]) -> int:
    """What is due is looked at once more under the locks: an answer may have come, or been taken out, meanwhile."""
    with transaction.atomic(durable=True):
        project = reserves.lock(tier.project_id)
        if project.state not in reserves.RUNNING:
            return 0
        locked = Tier.objects.get(id=tier.id)
        list(Task.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"))
        due = list(waits(locked).filter(id__in=ids))
        paid = due[: _pays_for(locked, len(due))]
        sent = [task for task in paid if _send_one(task, locked, project)]
        reserves.spend_tier(locked, len(sent))
        if len(paid) < len(due) and locked.told_at is None:
            _tell(locked, project)
        return len(sent)


def _send_one(task: Task, tier: Tier, project: Project) -> bool:
    """Its free slots are closed; unless somebody holds it, it goes."""
    free = task.needed - task.filled
    if free:
        reserves.to_surplus(project, free * reserves.slot_price(project, task.tier))
        slots.withdraw(task, free)
    if task.filled > task.answered:
        return False
    slots.send_up(task, tier=tier.number, count=tier.redundancy)
    return True


def _pays_for(tier: Tier, wanted: int) -> int:
    return min(wanted, tier.reserve_micros // tier.task_micros) if tier.task_micros else wanted


def _tell(tier: Tier, project: Project) -> None:
    tier.told_at = clock.now()
    tier.save(update_fields=["told_at"])
    data = {"project": project.title, "tier": tier.name}
    link = f"/requester/projects/{project.id}/money/"
    notify_members(
        organisation=project.organisation, kind="tier_reserve_used_up", data=data, link=link, now=tier.told_at
    )
