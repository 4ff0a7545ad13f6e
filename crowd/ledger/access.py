"""The doors to money that people move by hand: who may see a movement, and who may decide about it."""

from typing import TypeVar

from django.conf import settings

from crowd.kernel.errors import NotFound
from crowd.ledger.errors import OwnAccount, SecondPersonNeeded
from crowd.ledger.models import Account, Movement
from crowd.ledger.states import Holder
from crowd.users.models import Membership, User

M = TypeVar("M", bound=Movement)


def locked_or_not(model: type[M], movement_id: int, *, lock: bool = True) -> M:
    """The movement, its row locked until the end of the transaction if so wanted. Raises NotFound."""
    rows = model._default_manager.select_for_update(of=("self",), no_key=True) if lock else model._default_manager.all()
    found = rows.filter(pk=movement_id).first()
    if found is None:
        raise NotFound
    return found


def require_second_person(actor: User, first_id: int) -> None:
    """Raises SecondPersonNeeded when `actor` is the one who began it, unless CROWD_TWO_PERSON_RULE is off."""
    if settings.CROWD_TWO_PERSON_RULE and actor.pk == first_id:
        raise SecondPersonNeeded


def require_no_member(actor: User, organisation_id: int) -> None:
    """Raises OwnAccount: nobody decides about money of an organisation that he is a member of."""
    if Membership.objects.filter(user=actor.pk, organisation=organisation_id).exists():
        raise OwnAccount


def require_not_his(actor: User, account: Account) -> None:
    """Raises OwnAccount when the account is the actor's own as a worker, or his organisation's."""
    if account.holder == Holder.ORGANISATION:
        require_no_member(actor, account.holder_id)
    # Which worker a login is stands in a layer above; all that is asked of it is the id, through Django's relation.
    worker = getattr(actor, "worker", None)
    if account.holder == Holder.WORKER and worker is not None and worker.pk == account.holder_id:
        raise OwnAccount
