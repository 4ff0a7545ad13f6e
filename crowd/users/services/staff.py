"""Who runs the site. Only superusers, who are made at the server, make staff."""

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import NotAllowed, NotFound
from crowd.users.access import require_superuser
from crowd.users.errors import AccountClosed
from crowd.users.models import User
from crowd.users.services import audit


def grant_staff(*, actor: User, user_id: int, reason: str) -> User:
    """Raises NotAllowed, NotFound, AccountClosed."""
    return _set(actor=actor, user_id=user_id, is_staff=True, reason=reason)


def withdraw_staff(*, actor: User, user_id: int, reason: str) -> User:
    """Works at once, for his sessions and keys too: every door asks. Nobody withdraws his own."""
    if actor.pk == user_id:
        raise NotAllowed(_("Somebody else must do this."))
    return _set(actor=actor, user_id=user_id, is_staff=False, reason=reason)


def _set(*, actor: User, user_id: int, is_staff: bool, reason: str) -> User:
    require_superuser(actor)
    with transaction.atomic(durable=True):
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id, erased_at=None).first()
        if user is None:
            raise NotFound(_("There is no such person."))
        if is_staff and (user.closed_at is not None or not user.is_active):
            raise AccountClosed
        if user.is_staff != is_staff:
            user.is_staff = is_staff
            user.save(update_fields=["is_staff"])
            action = "grant_staff" if is_staff else "withdraw_staff"
            audit.record(actor=actor, action=action, subject=user, now=clock.now(), reason=reason)
    return user
