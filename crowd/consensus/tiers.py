"""What a requester reads about the further tiers of a project. The caller has passed the project's door."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from crowd.assignments.models import Assignment
from crowd.assignments.states import AssignmentState
from crowd.consensus.services import escalate
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import reserves

DONE = Q(answered__gte=F("needed"))
UNDER_WAY = (AssignmentState.ACTIVE, AssignmentState.SUBMITTED)


@dataclass(frozen=True)
class TierLine:
    """Tasks that came to a tier or went on from it are not counted twice: `tasks` stand there now, `done` of them have
    their answers; `waiting` should go up to it from below. For those done `not_bought` answers were not bought, of the
    most that each might have had; None where their number is fixed. Money is with the site's fee."""

    tier: Tier
    tasks: int
    done: int
    waiting: int
    not_bought: int | None
    paid_micros: int
    promised_micros: int  # for answers under way, not decided, and still asked for

    @property
    def not_spent_micros(self) -> int:
        return (self.not_bought or 0) * self.tier.price_micros

    @property
    def spent_micros(self) -> int:
        return self.paid_micros + self.promised_micros


def lines(project: Project) -> list[TierLine]:
    tiers = Tier.objects.filter(project=project).select_related("project").order_by("number")
    return [_line(tier, project) for tier in tiers]


def _line(tier: Tier, project: Project) -> TierLine:
    there = Task.objects.filter(project=project, tier=tier.number)
    tasks = there.aggregate(
        all=Count("id"),
        done=Count("id", filter=DONE),
        bought=Sum("bought", filter=DONE, default=0),
        free=Sum(F("needed") - F("filled"), default=0),
    )
    price = F("reward_micros") + F("fee_micros")
    money = Assignment.objects.filter(project=project, tier=tier.number, is_gold=False).aggregate(
        paid=Sum(price, filter=Q(state=AssignmentState.ACCEPTED), default=0),
        promised=Sum(price, filter=Q(state__in=UNDER_WAY), default=0),
    )
    running = project.state in reserves.RUNNING
    waits = [escalate.called(tier).values("id"), escalate.in_doubt(tier).values("id")]
    waiting = Task.objects.filter(Q(pk__in=waits[0]) | Q(pk__in=waits[1]), project=project) if running else None
    return TierLine(
        tier=tier,
        tasks=tasks["all"],
        done=tasks["done"],
        waiting=waiting.count() if waiting is not None else 0,
        not_bought=(tier.most_answers - tier.redundancy) * tasks["done"] - tasks["bought"]
        if tier.most_answers is not None
        else None,
        paid_micros=money["paid"],
        promised_micros=money["promised"] + (tasks["free"] * tier.price_micros if running else 0),
    )
