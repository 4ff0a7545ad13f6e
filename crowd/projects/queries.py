"""Reads worth a name: what a project costs, what it demands, what is kept about a person."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Sum

from crowd.kernel import money
from crowd.projects import pricing
from crowd.projects.models import Project, Report, Requirement, Task, TeamMember, Tier
from crowd.projects.pricing import Price, TierPrice
from crowd.projects.states import ProjectState
from crowd.users.models import User
from qualifications.requirements import Condition


def fee_rate() -> Decimal:
    """The site's fee now; a published project keeps the one it was published with."""
    rate: Decimal = settings.CROWD_FEE_RATE
    return rate


def site_floor(currency: str) -> int:
    """What an hour of work pays at least on this site, in micros; 0: anything."""
    return int(settings.CROWD_PAY_FLOOR.get(currency, 0) * money.MICROS)


def pay_floor(project: Project) -> int:
    """The floor that holds for the project: the higher of its own and the site's, frozen at publish.

    None (0) where nothing is paid, which only a private team may agree to.
    """
    if project.reward_micros == 0:
        return 0
    if project.state != ProjectState.DRAFT:
        return project.pay_floor_micros
    return max(project.pay_floor_micros, site_floor(project.currency))


def price(project: Project, *, gold_answers: int | None = None) -> Price:
    """What publishing this draft costs, in parts (decisions 2 and 3); for a published one, what its slots cost now.

    Redundancies of single tasks are counted exactly. `gold_answers` replaces the estimate.
    """
    slots = Task.objects.filter(project=project, is_gold=False).aggregate(sum=Sum("needed"))["sum"] or 0
    if gold_answers is None:
        gold_answers = pricing.share_answers(slots, project.gold_share) + project.quiz_length * project.quiz_cap
    repeats = pricing.share_answers(slots, project.repeat_share)
    extra = project.extra_budget_micros
    own = price_of(project, slots=slots, gold_answers=gold_answers, repeat_answers=repeats, extra_micros=extra)
    further = Tier.objects.filter(project=project).order_by("number")
    return replace(own, tiers=tuple(tier_price(tier, project) for tier in further))


def price_of(
    project: Project, *, slots: int = 0, gold_answers: int = 0, repeat_answers: int = 0, extra_micros: int = 0
) -> Price:
    """What so many answers of this project cost."""
    is_draft = project.state == ProjectState.DRAFT
    rate = fee_rate() if is_draft else project.fee_rate
    top_up = pricing.top_up(project.reward_micros, pay_floor(project), project.expected_s)
    return Price(
        currency=project.currency,
        reward_micros=project.reward_micros,
        fee_micros=pricing.fee(project.reward_micros, rate) if is_draft else project.fee_micros,
        slots=slots,
        gold_answers=gold_answers,
        repeat_answers=repeat_answers,
        extra_reserve_micros=extra_micros,
        top_up_micros=top_up,
        top_up_fee_micros=pricing.fee(top_up, rate),
    )


def tier_price(tier: Tier, project: Project) -> TierPrice:
    fee = pricing.fee(tier.reward_micros, fee_rate()) if project.state == ProjectState.DRAFT else tier.fee_micros
    return TierPrice(
        number=tier.number,
        name=tier.name,
        each_micros=tier.reward_micros + fee,
        fee_micros=fee,
        reserve_micros=tier.budget_micros,
    )


def conditions(project: Project) -> list[Condition]:
    """What the project demands of workers, as `qualifications.requirements.check` wants it."""
    return demands_of([project.pk]).get((project.pk, 0), [])


def demands_of(project_ids: Sequence[int]) -> dict[tuple[int, ...], list[Condition]]:
    """The same of many, by project id and tier (0: of everybody); what demands nothing is left out."""
    rows = Requirement.objects.filter(project__in=project_ids).select_related("qualification__organisation")
    found: dict[tuple[int, ...], list[Condition]] = {}
    for row in rows.order_by("id"):
        found.setdefault((row.project_id, row.tier), []).append(_condition(row))
    return found


def tiers_of(project_ids: Sequence[int]) -> dict[int, list[Tier]]:
    """The further tiers by project, the lowest first; `left` of each: a task there is free."""
    free = Task.objects.filter(project=OuterRef("project"), tier=OuterRef("number"), open=True)
    found: dict[int, list[Tier]] = {}
    for tier in (
        Tier.objects.filter(project__in=project_ids)
        .select_related("project")
        .annotate(left=Exists(free))
        .order_by("project", "number")
    ):
        found.setdefault(tier.project_id, []).append(tier)
    return found


def _condition(row: Requirement) -> Condition:
    return Condition(
        row.qualification, row.comparator, tuple(row.values), tuple(row.locales), guard=row.guard, group=row.group
    )


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    teams = TeamMember.objects.filter(worker__user=user).order_by("pk")
    reports = Report.objects.filter(worker__user=user).order_by("pk")
    return {
        "teams": list(teams.values("project_id", "joined_at", "removed_at")),
        "reports": list(reports.values("project_id", "kind", "text", "reported_at", "outcome", "handled_at")),
    }
