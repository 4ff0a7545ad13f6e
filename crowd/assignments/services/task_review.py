"""A task that was reported or rejected too often, or whose last slot paid for a leaving, waits for the requester.

He asks workers again or closes it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.services import slots
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger.errors import NotEnoughMoney
from crowd.ledger.queries import balance
from crowd.projects.access import locked_for
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.projects.services.record import record
from crowd.projects.services.reserves import available
from crowd.projects.states import TASK, TaskState
from crowd.users.models import User

MAX_REASON = 1_000


def ask_again(*, actor: User, project_id: int, task_id: int, reason: str) -> Task:
    """Nothing is wrong with the task, or no longer: workers get it again, and its rejections are counted anew.

    The answers that are missing are paid for from the surplus, then from the organisation's available money.
    Raises BadInput, NotFound, WrongState, NotEnoughMoney.
    """
    with transaction.atomic(durable=True):
        project, task, now = _locked(actor, project_id, task_id, reason)
        TASK.check(task.state, TaskState.LIVE)
        count = slots.missing(task)
        _reserve(project, task, count, actor=actor, now=now)
        task.state, task.rejected_count = TaskState.LIVE, 0
        task.save(update_fields=["rejected_count"])
        slots.add_slots(task, count)
        record(actor, project, "task.ask_again", now=now, after={"task": task.id, "slots": count}, reason=reason)
    return task


def close(*, actor: User, project_id: int, task_id: int, reason: str) -> Task:
    """Nobody is asked any more. What was answered stays and is paid; who holds the task may finish.

    The price of its free slots goes to the surplus. Raises BadInput, NotFound, WrongState.
    """
    with transaction.atomic(durable=True):
        project, task, now = _locked(actor, project_id, task_id, reason)
        TASK.check(task.state, TaskState.RETIRED)
        free = task.needed - task.filled
        if free:
            reserves.to_surplus(project, free * reserves.slot_price(project, task.tier))
        task.state = TaskState.RETIRED
        slots.withdraw(task, free)
        record(actor, project, "task.close", now=now, after={"task": task.id, "slots": -free}, reason=reason)
    return task


def _locked(actor: User, project_id: int, task_id: int, reason: str) -> tuple[Project, Task, datetime]:
    if not reason.strip():
        raise BadInput(errors={"reason": _("Please say why.")})
    project = locked_for(actor, project_id, *reserves.RUNNING)
    task = Task.objects.select_for_update(no_key=True).filter(project=project, id=task_id, is_gold=False).first()
    if task is None:
        raise NotFound
    # From any other state these are not the requester's to ask for: a live task is not closed under its workers.
    if task.state != TaskState.REVIEW:
        raise WrongState(_("This task does not wait for you."), state=task.state)
    return project, task, clock.now()


def _reserve(project: Project, task: Task, count: int, *, actor: User, now: datetime) -> None:
    """All of it or nothing. The lock makes the moment, and the transfer's key with it, the only one."""
    there = project.surplus_micros + balance(available(project))
    wanted = count * reserves.slot_price(project, task.tier)
    key = f"task:{task.id}:again:{now.isoformat()}"
    if count and reserves.reserve_slots(project, count, tier=task.tier, key=key, now=now, actor=actor) < count:
        raise NotEnoughMoney(available_micros=there, wanted_micros=wanted, currency=project.currency)
