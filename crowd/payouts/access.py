"""The doors to payouts."""

from collections.abc import Iterable

from crowd.kernel.errors import NotFound
from crowd.payouts.errors import OwnPayout
from crowd.payouts.models import Batch, Payout
from crowd.users.access import acts_as_staff, require_staff
from crowd.users.models import User


def payout_for(user: User, payout_id: int) -> Payout:
    """For the worker whose it is, and for staff. Raises NotFound for everybody else."""
    rows = Payout.objects.select_related("worker", "batch").filter(pk=payout_id)
    if not acts_as_staff(user):
        rows = rows.filter(worker__user=user.pk, worker__user__is_active=True)
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def batch_for(user: User, batch_id: int) -> Batch:
    """For staff. Raises NotAllowed, NotFound."""
    require_staff(user)
    found = Batch.objects.filter(pk=batch_id).defer("file").first()
    if found is None:
        raise NotFound
    return found


def require_not_own(actor: User, payouts: Iterable[Payout]) -> None:
    """Raises OwnPayout when one of them (worker loaded) goes to the actor himself."""
    if any(payout.worker.user_id == actor.pk for payout in payouts):
        raise OwnPayout


def lock_batch(batch_id: int) -> Batch:
    """Batch first, then its payouts by id, then accounts: the lock order of this app. Raises NotFound."""
    batch = Batch.objects.select_for_update(no_key=True).defer("file").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound
    return batch


def lock_payouts(**which: object) -> list[Payout]:
    """The payouts that the filter names, in the order of their ids, each with its worker."""
    rows = Payout.objects.select_for_update(of=("self",), no_key=True).select_related("worker__user")
    return list(rows.filter(**which).order_by("pk"))
