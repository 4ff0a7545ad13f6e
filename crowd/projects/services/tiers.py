"""The further tiers of a project: which specialists there are, what they earn, and what sends a task to them.

A draft's tiers are replaced as a whole. Once it is published, what was promised to workers stays (reward, number of
answers to begin with) and no tier goes; names, causes, requirements and up to how many answers are bought may change,
and further tiers may be put on top, paid for at once. A tier's reserve is raised like any other (`budget.add_budget`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.labeling.config import parse
from crowd.projects import fields, pricing, queries
from crowd.projects.access import locked_for
from crowd.projects.errors import Fixed
from crowd.projects.models import Project, Requirement, Tier
from crowd.projects.pricing import Price
from crowd.projects.services import budget, requirements
from crowd.projects.services.record import record
from crowd.projects.states import ProjectState, Workforce
from crowd.users.models import User
from qualifications.requirements import validate

MOST = 5
CAUSES = ("below_posterior", "above_disagreement", "expert_calls")
TERMS = ("name", "reward_micros", "redundancy", "most_answers", *CAUSES)
SAID = (*TERMS, "budget_micros")
PROMISED = ("reward_micros", "redundancy")


def set_tiers(*, actor: User, project_id: int, tiers: Sequence[Mapping[str, Any]]) -> list[Tier]:
    """The further tiers from the lowest on, each the TERMS above, `budget_micros` and `conditions` (of Condition).

    Members may. Raises BadInput with `errors` by place ("tiers.0.reward_micros"), Fixed, BudgetShort, NotFound for
    a qualification that is not theirs to demand, WrongState.
    """
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, *requirements.CHANGEABLE)
        wanted = _read(project, tiers)
        there = list(Tier.objects.filter(project=project).order_by("number"))
        if project.state != ProjectState.DRAFT:
            _refuse_unfair(there, wanted)
        before, now = _said(project, there), clock.now()
        kept = _store(project, there, wanted)
        if project.state != ProjectState.DRAFT:
            _pay_new(project, kept[len(there) :], actor=actor, now=now)
        _demand(project, tiers)
        after = {"tiers": _said(project, kept)}
        record(actor, project, "project.tiers", now=now, before={"tiers": before}, after=after)
    return kept


def what_is_missing(project: Project) -> list[str]:
    """What keeps a draft with these tiers from being published, in sentences."""
    tiers, sentences = list(Tier.objects.filter(project=project).order_by("number")), []
    prices = {one.number: one for one in queries.price(project).tiers}
    for tier in tiers:
        if tier.reward_micros == 0 and project.workforce != Workforce.TEAM:  # it was a team's when the tier was set
            sentences.append(
                _("“%(name)s” pays nothing: only a private team may work for a reward of 0.") % {"name": tier.name}
            )
        if tier.budget_micros < tier.redundancy * prices[tier.number].each_micros:
            sentences.append(_pays_for_none(tier))
    by_posterior = any(one.below_posterior is not None or one.most_answers is not None for one in tiers)
    if by_posterior and not can_be_sure(project):
        sentences.append(
            _(
                "Nothing here tells how sure a merged answer is: opinions and long texts do not, a number only with a "
                "tolerance. Send tasks up by disagreement, and ask for a fixed number of answers there."
            )
        )
    return sentences


def can_be_sure(project: Project) -> bool:
    """Whether the answers to one of its questions tell when enough of them are there."""
    return project.config is not None and any(one.settles for one in parse(project.config.config).questions)


def reserve_at_publish(project: Project, price: Price) -> None:
    """The reserves that the price paid for. Inner: needs the project's row."""
    for one in price.tiers:
        Tier.objects.filter(project=project, number=one.number).update(
            fee_micros=one.fee_micros, reserve_micros=one.reserve_micros
        )


def _read(project: Project, tiers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(tiers) > MOST:
        raise BadInput(_("There may be at most %(most)s further tiers.") % {"most": MOST})
    errors: dict[str, str] = {}
    for number, one in enumerate(tiers):
        faults = _faults(one, project, [earlier.get("name") for earlier in tiers[:number]])
        errors |= {f"tiers.{number}.{place}": sentence for place, sentence in faults.items()}
    fields.refuse(errors)
    return [_values(one) for one in tiers]


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    given = {"budget_micros": 0, **given}
    return fields.read({name: given.get(name) for name in fields.OF_TIER}, fields.OF_TIER)


def _faults(given: Mapping[str, Any], project: Project, earlier: Collection[Any]) -> dict[str, str]:
    """By place within the tier."""
    try:
        values = _values(given)
        validate(given.get("conditions", ()))
    except BadInput as error:
        return error.places
    free, causes = values["reward_micros"] == 0, any(values[name] is not None for name in CAUSES)
    most = values["most_answers"]
    faults = {
        "name": (values["name"] in earlier, _("Two tiers have this name.")),
        "reward_micros": (
            free and project.workforce != Workforce.TEAM,
            _("Only a private team may work for a reward of 0."),
        ),
        "most_answers": (
            most is not None and most <= values["redundancy"],
            _("This must be more than the answers that each task begins with."),
        ),
        "budget_micros": (free and values["budget_micros"], _("Where the reward is 0, no money is set aside.")),
        "below_posterior": (not causes, _("Say what sends a task to this tier.")),
        "conditions": (
            not given.get("conditions"),
            _("Say what makes a specialist: a tier needs a requirement."),
        ),
    }
    return {place: sentence for place, (is_so, sentence) in faults.items() if is_so}


def _refuse_unfair(there: Sequence[Tier], wanted: Sequence[Mapping[str, Any]]) -> None:
    if len(wanted) < len(there):
        raise Fixed(_("Tiers of a published project cannot be taken away."))
    errors = {
        f"tiers.{place}.{name}": _("This is fixed once a project is published.")
        for place, (tier, one) in enumerate(zip(there, wanted, strict=False))
        for name in PROMISED
        if getattr(tier, name) != one[name]
    }
    if errors:
        raise Fixed(" ".join(f"{name}: {reason}" for name, reason in errors.items()), errors=errors)


def _store(project: Project, there: Sequence[Tier], wanted: Sequence[Mapping[str, Any]]) -> list[Tier]:
    """Rows are kept by number; in a draft those that are wanted no more go."""
    for gone in there[len(wanted) :]:
        gone.delete()
    for tier, one in zip(there, wanted, strict=False):
        budget_too = () if project.state != ProjectState.DRAFT else ("budget_micros",)
        for name in (*TERMS, *budget_too):
            setattr(tier, name, one[name])
        tier.through_run = 0  # what sends a task there may be another cause now
        tier.save()
    first = len(there) + 1
    new = [Tier(project=project, number=n, **one) for n, one in enumerate(wanted[len(there) :], first)]
    Tier.objects.bulk_create(new)
    return [*there[: len(wanted)], *new]


def _pay_new(project: Project, new: Sequence[Tier], *, actor: User, now: datetime) -> None:
    """At the fee that the project was published with."""
    for tier in new:
        tier.fee_micros = pricing.fee(tier.reward_micros, project.fee_rate)
        if tier.budget_micros < tier.task_micros:
            fields.refuse({f"tiers.{tier.number - 1}.budget_micros": _pays_for_none(tier)})
        price = Price(
            currency=project.currency,
            reward_micros=project.reward_micros,
            fee_micros=project.fee_micros,
            tiers=(queries.tier_price(tier, project),),
        )
        budget.move_in(project, price, key=f"tier:{tier.number}", actor=actor, now=now)
        tier.reserve_micros = tier.budget_micros
        tier.save(update_fields=["fee_micros", "reserve_micros"])


def _pays_for_none(tier: Tier) -> str:
    return _("What is set aside for “%(name)s” pays for no task there.") % {"name": tier.name}


def _demand(project: Project, tiers: Sequence[Mapping[str, Any]]) -> None:
    """Every worker is checked anew when he takes his next task; whoever holds one keeps it."""
    for number in range(1, MOST + 1):
        conditions = tiers[number - 1]["conditions"] if number <= len(tiers) else ()
        requirements.check_reach(project, conditions)
        requirements.replace(project, conditions, tier=number)
    project.requirements_version += 1
    project.save(update_fields=["requirements_version"])


def _said(project: Project, tiers: Sequence[Tier]) -> list[dict[str, Any]]:
    """For the audit log: what was set of each, and what it demands."""
    demands: dict[int, list[dict[str, Any]]] = {}
    for row in Requirement.objects.filter(project=project, tier__gt=0).order_by("id"):
        demands.setdefault(row.tier, []).append(requirements.said(row))
    return [
        {name: value if isinstance(value := getattr(one, name), int | None) else str(value) for name in SAID}
        | {"requirements": demands.get(one.number, [])}
        for one in tiers
    ]
