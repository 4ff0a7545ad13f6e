"""The parts of a project's escrow that move while it runs (docs/money.md, ARCHITECTURE's decision 3).

Every function needs the lock of the project's row (`lock`), which jobs and requesters take and no take or submit does.
"""

from datetime import datetime

from crowd.kernel.errors import NotFound
from crowd.ledger.errors import KeyConflict, NotEnoughMoney
from crowd.ledger.models import Account
from crowd.ledger.services import accounts, movements
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.projects.models import Project, Tier
from crowd.projects.states import ProjectState
from crowd.users.models import User

RUNNING = (ProjectState.OPEN, ProjectState.PAUSED)
WORKING = (*RUNNING, ProjectState.CLOSING)  # something may still be decided and paid


def lock(project_id: int) -> Project:
    project = Project.objects.select_for_update(no_key=True).filter(id=project_id).first()
    if project is None:
        raise NotFound
    return project


def slot_price(project: Project, tier: int) -> int:
    """What an answer costs to a task that stands in this tier (0: the project's own terms)."""
    return Tier.objects.get(project=project, number=tier).price_micros if tier else project.price_micros


def reserve_slots(
    project: Project, count: int, *, tier: int = 0, key: str, now: datetime, actor: User | None = None
) -> int:
    """Find the price of up to `count` reopened slots: in the surplus, then in the organisation's available money.

    The number of slots that are paid for now; those that are not stay closed. `key` makes the transfers happen once.
    Nothing is asked any more in a project that is closing.
    """
    if project.state not in RUNNING:
        return 0
    price = slot_price(project, tier)
    if price == 0:
        return count
    from_surplus = min(count, project.surplus_micros // price)
    project.surplus_micros -= from_surplus * price
    project.save(update_fields=["surplus_micros"])
    wanted = count - from_surplus
    while wanted and not _draw(project, wanted * price, key=key, now=now, actor=actor):
        wanted //= 2  # as many as the organisation can pay, near enough: the rest waits for the next call
    return from_surplus + wanted


def find(project: Project, micros: int, *, key: str, now: datetime) -> bool:
    """What must be paid at once beside all that is promised: out of the surplus, else out of the organisation's
    available money. False where neither holds it, or the project asks for nothing more. `key` as above."""
    if project.surplus_micros >= micros:
        to_surplus(project, -micros)
        return True
    return project.state in RUNNING and _draw(project, micros, key=key, now=now, actor=None)


def spend_extra(project: Project, count: int, *, tier: int = 0) -> int:
    """Slots for further answers out of the extra-answer reserve, or that of the further tier; how many it pays for."""
    if project.state not in RUNNING:
        return 0
    row, name = _extra(project, tier)
    price = row.price_micros
    if price == 0:
        return count
    paid: int = min(count, getattr(row, name) // price)
    _add(row, name, -paid * price)
    return paid


def return_extra(project: Project, count: int, *, tier: int = 0) -> None:
    """The price of so many slots that were bought and are no longer wanted, back into the reserve that paid."""
    row, name = _extra(project, tier)
    _add(row, name, count * row.price_micros)


def _extra(project: Project, tier: int) -> tuple[Project | Tier, str]:
    if tier:
        return Tier.objects.get(project=project, number=tier), "reserve_micros"
    return project, "extra_reserve_micros"


def _add(row: Project | Tier, name: str, micros: int) -> None:
    setattr(row, name, getattr(row, name) + micros)
    row.save(update_fields=[name])


def spend_tier(tier: Tier, count: int) -> None:
    """The price of so many tasks sent to this tier, out of its reserve, which the caller has seen to hold it."""
    tier.reserve_micros -= count * tier.task_micros
    tier.save(update_fields=["reserve_micros"])


def to_surplus(project: Project, micros: int) -> None:
    """Escrow that nothing claims any more: it pays for reopened slots, and returns when the project closes."""
    project.surplus_micros += micros
    project.save(update_fields=["surplus_micros"])


def to_corrections(project: Project, micros: int) -> None:
    """A reward that is finally withheld over gold: kept while the project runs, to repay it if the key was wrong."""
    project.corrections_reserve_micros += micros
    project.save(update_fields=["corrections_reserve_micros"])


def from_corrections(project: Project, micros: int) -> bool:
    """Take a price out of the reserve for corrections, else out of the surplus; False where neither holds it."""
    if project.state == ProjectState.CLOSED:
        return False
    for name in ("corrections_reserve_micros", "surplus_micros"):
        if getattr(project, name) >= micros:
            setattr(project, name, getattr(project, name) - micros)
            project.save(update_fields=[name])
            return True
    return False


def return_to_owner(project: Project, micros: int, *, key: str, now: datetime) -> None:
    """Out of a closed project's escrow, once by its key: nothing there will want it any more."""
    posting = Posting(
        key=key,
        kind=Kind.RELEASE,
        debit=escrow(project),
        credit=available(project),
        amount_micros=micros,
        project_ref=project.id,
    )
    post([posting], now=now)


def _draw(project: Project, micros: int, *, key: str, now: datetime, actor: User | None) -> bool:
    """False where there is not so much. Raises KeyConflict for a key that was used: no slot is paid for by that."""
    posting = Posting(
        key=key,
        kind=Kind.RESERVE,
        debit=available(project),
        credit=escrow(project),
        amount_micros=micros,
        project_ref=project.id,
        actor=actor,
    )
    try:
        if not post([posting], now=now):
            raise KeyConflict(key=key)
    except NotEnoughMoney:
        return False
    return True


def available(project: Project) -> Account:
    """The money of the organisation whose project it is."""
    return movements.available(project.organisation_id, project.currency)


def escrow(project: Project) -> Account:
    return accounts.open(holder=Holder.PROJECT, holder_id=project.id, purpose=Purpose.ESCROW, currency=project.currency)
