"""Money into a project's escrow: at publish, with items that are added, and when the requester raises a reserve."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, hints
from crowd.kernel.errors import BadInput
from crowd.ledger.errors import NotEnoughMoney
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Kind
from crowd.projects import fields, pricing, queries
from crowd.projects.access import locked_for
from crowd.projects.errors import BudgetShort
from crowd.projects.models import Project, Tier
from crowd.projects.pricing import Price
from crowd.projects.services import reserves
from crowd.projects.services.cut import Cut
from crowd.projects.services.record import record
from crowd.users.models import User

RESERVES = {
    "gold": "gold_reserve_micros",
    "repeats": "repeat_reserve_micros",
    "extra": "extra_reserve_micros",
    "review": "review_reserve_micros",
    "floor": "floor_reserve_micros",
}
# What is owed towards the pay floor can be paid in also while the project closes: it waits for that.
STATES = {"floor": reserves.WORKING}
WANTED = {"floor": "pay_floor_micros", "repeats": "repeat_share"}  # the setting without which nothing is paid from it
TOP_UP_JOB = "assignments.top_up"
MAX_KEY = 40


def add_budget(*, actor: User, project_id: int, reserve: str, amount_micros: int, key: str = "") -> Project:
    """Raise a reserve of a published project: `gold` (gold answers), `repeats`, `extra` (extra answers),
    `review` (reviews and rework), `floor` (topping up to the pay floor), or `tier-1`, `tier-2` and so on (specialists).

    `key` is the caller's and makes it happen once; the same key with another amount is a KeyConflict. Members may.
    Raises BadInput, BudgetShort, WrongState.
    """
    _check(amount_micros, key)
    with transaction.atomic(durable=True):
        now = clock.now()
        project = locked_for(actor, project_id, *STATES.get(reserve, reserves.RUNNING))
        held = _holder(project, reserve)
        price = Price(
            currency=project.currency,
            reward_micros=project.reward_micros,
            fee_micros=project.fee_micros,
            extra_reserve_micros=amount_micros,
        )
        if move_in(project, price, key=f"budget:{reserve}:{key or uuid4().hex}", actor=actor, now=now):
            before = held.add(amount_micros)
            place = held.column if held.row is project else f"{reserve}.{held.column}"
            record(
                actor, project, "project.budget", now=now, before={place: before}, after={place: before + amount_micros}
            )
        if reserve == "floor":
            hints.after_commit(TOP_UP_JOB, project_id)
    return project


@dataclass(frozen=True)
class _Held:
    """A reserve: where its amount stands."""

    row: Project | Tier
    column: str

    def add(self, micros: int) -> int:
        """What there was before."""
        before: int = getattr(self.row, self.column)
        setattr(self.row, self.column, before + micros)
        self.row.save(update_fields=[self.column])
        return before


def raisable(project: Project) -> list[str]:
    """Reserves that can be raised now and may be needed: something is paid from them, in this state of the project."""
    rows = {name: where if isinstance(where, Tier) else project for name, where in _reserves(project).items()}
    return [
        name
        for name, row in rows.items()
        if row.price_micros
        and project.state in STATES.get(name, reserves.RUNNING)
        and (name not in WANTED or getattr(project, WANTED[name]))
    ]


def _reserves(project: Project) -> dict[str, str | Tier]:
    """By name: the project's column, or the tier."""
    tiers = Tier.objects.filter(project=project).order_by("number")
    return {**RESERVES, **{f"tier-{one.number}": one for one in tiers}}


def _holder(project: Project, reserve: str) -> _Held:
    """Raises BadInput where there is no such reserve, or nothing to be paid from it."""
    names = _reserves(project)
    where = names.get(reserve)
    if where is None:
        raise BadInput(_("The reserve is one of %(names)s.") % {"names": ", ".join(names)})
    row = where if isinstance(where, Tier) else project
    if row.price_micros == 0:
        raise BadInput(_("Nothing is paid in this project: its reward is 0."))
    if isinstance(where, Tier):
        where.told_at = None  # when it is used up again, the requester hears again
        where.through_run = 0
        where.save(update_fields=["told_at", "through_run"])
        return _Held(where, "reserve_micros")
    return _Held(project, where)


def reserve_addition(project: Project, added: Cut, *, key: str, actor: User, now: datetime) -> Price:
    """Pay for tasks that were added to a published project. Inner: the caller holds the project's row.

    Raises BudgetShort; then the caller's whole transaction must fall.
    """
    gold, repeats = (
        pricing.added_answers(project.planned_slots, added.slots, share)
        for share in (project.gold_share, project.repeat_share)
    )
    price = queries.price_of(project, slots=added.slots, gold_answers=gold, repeat_answers=repeats)
    move_in(project, price, key=key, actor=actor, now=now)
    project.planned_slots += added.slots
    project.gold_reserve_micros += price.gold_reserve_micros
    project.repeat_reserve_micros += price.repeat_reserve_micros
    project.floor_reserve_micros += price.floor_reserve_micros
    columns = ["planned_slots", "gold_reserve_micros", "repeat_reserve_micros", "floor_reserve_micros"]
    project.save(update_fields=columns)
    return price


def reserve_reopened(project: Project, slots: int, *, key: str, actor: User, now: datetime) -> None:
    """The price of so many slots that are asked again: out of the surplus, the rest out of available money; or nothing.

    Inner: the caller holds the project's row. Raises BudgetShort; then the caller's whole transaction must fall.
    """
    covered = min(slots * project.price_micros, whole_slots_of_surplus(project))
    project.surplus_micros -= covered
    project.save(update_fields=["surplus_micros"])
    each = project.price_micros
    rest = Price(
        currency=project.currency,
        reward_micros=project.reward_micros,
        fee_micros=project.fee_micros,
        slots=slots - covered // each if each else 0,
    )
    move_in(project, rest, key=key, actor=actor, now=now)


def whole_slots_of_surplus(project: Project) -> int:
    """The part of the surplus that pays for whole slots, in micros."""
    each = project.price_micros
    return project.surplus_micros // each * each if each else 0


def move_in(project: Project, price: Price, *, key: str, actor: User, now: datetime) -> bool:
    """The price from the organisation's available money to the project's escrow; False when the key did it before.

    Inner. Nothing moves, and no account is opened, where nothing is paid. Raises BudgetShort with the parts.
    """
    if price.total_micros == 0:
        return False
    posting = Posting(
        key=f"project:{project.pk}:{key}",
        kind=Kind.RESERVE,
        debit=reserves.available(project),
        credit=reserves.escrow(project),
        amount_micros=price.total_micros,
        project_ref=project.pk,
        actor=actor,
    )
    try:
        return post([posting], now=now) > 0
    except NotEnoughMoney as error:
        raise BudgetShort(
            available_micros=error.available_micros,
            wanted_micros=error.wanted_micros,
            currency=error.currency,
            parts=price.parts(),
        ) from error


def _check(amount_micros: int, key: str) -> None:
    if len(key) > MAX_KEY:
        raise BadInput(_("This key is too long."))
    amount = fields.read({"extra_budget_micros": amount_micros})["extra_budget_micros"]
    if amount == 0:
        raise BadInput(_("An amount must be above zero."))
