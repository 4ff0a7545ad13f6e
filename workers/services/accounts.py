"""Closing an account, which stops work at once, and erasing it, once nothing is left to pay."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from crowd.kernel import clock
from crowd.kernel.errors import NotAllowed
from crowd.notices.services import reading
from crowd.users.access import acts_as_staff
from crowd.users.models import User
from crowd.users.services import accounts
from workers.models import PayoutProfile, Worker
from workers.services.eligibility import bump
from workers.states import WORKER, WorkerState

Check = Callable[[User], None]


def close_account(*, user: User) -> None:
    """No work from now on, no API keys; signing in for earnings stays. Again: nothing happens.

    What he holds at the moment runs out by itself. A closed account is not opened again.
    """
    with transaction.atomic(durable=True):
        _close(user, actor=user, now=clock.now())


def erase(
    *,
    actor: User,
    user: User,
    nothing_left: Check,
    forget: Sequence[Callable[[User], None]] = (),
    keep_payouts_until: datetime | None = None,
) -> None:
    """Take the person out of the data; numbers, answers and transfers stay. He himself or staff; again: nothing.

    `nothing_left` is called under the worker's lock and raises (SomethingLeft) while anything is pending, held or
    available; it is the business of layers that know money and work. `forget`: what upper layers do with what they
    know of him, in the same transaction. `keep_payouts_until`: until when law wants the
    records of his payouts. Raises LastOwner while others depend on him.
    """
    if actor.pk != user.pk and not acts_as_staff(actor):
        raise NotAllowed
    with transaction.atomic(durable=True):
        now = clock.now()
        login = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if login.erased_at is not None:
            return
        _close(login, actor=actor, now=now)
        nothing_left(login)
        _forget_worker(login)
        reading.forget(login)
        for each in forget:
            each(login)
        accounts.erase(login, actor=actor, now=now, keep_payouts_until=keep_payouts_until)


def _close(user: User, *, actor: User, now: datetime) -> None:
    accounts.close(user, actor=actor, now=now)
    worker = Worker.objects.select_for_update(no_key=True).filter(user=user).first()
    if worker is None or worker.state == WorkerState.CLOSED:
        return
    WORKER.check(worker.state, WorkerState.CLOSED)
    worker.state = WorkerState.CLOSED
    worker.save(update_fields=["state"])
    bump([worker.pk])


def _forget_worker(user: User) -> None:
    Worker.objects.filter(user=user).update(country="", subdivision="", languages=[])
    PayoutProfile.objects.filter(worker__user=user).delete()
