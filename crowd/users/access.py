"""The doors to what belongs to people: a view gets an organisation or a staff right only through here."""

from django.utils.translation import gettext as _

from crowd.kernel import second_factor
from crowd.kernel.errors import NotAllowed, NotFound
from crowd.users.errors import SecondFactorNeeded
from crowd.users.models import Membership, Organisation, User
from crowd.users.states import Role


def organisation_for(user: User, organisation_id: int, *, owner: bool = False) -> Organisation:
    """The organisation, for its members; with `owner`, for its owners only.

    Raises NotFound for strangers (that it exists is not their business), NotAllowed for members who are no owners.
    """
    membership = (
        Membership.objects.select_related("organisation")
        .filter(organisation=organisation_id, user=user.pk, user__is_active=True)
        .first()
    )
    if membership is None:
        raise NotFound(_("There is no such organisation, or you are not a member of it."))
    if owner and membership.role != Role.OWNER:
        raise NotAllowed(_("Only an owner of the organisation may do this."))
    return membership.organisation


def is_member(user: User, organisation: Organisation) -> bool:
    return Membership.objects.filter(organisation=organisation, user=user.pk, user__is_active=True).exists()


def acts_as_staff(user: User) -> bool:
    """Staff, active, and with a second factor where one is needed: who may look at what is everybody's."""
    return user.is_active and user.is_staff and not second_factor.is_missing(user)


def require_staff(user: User) -> None:
    """Raises NotAllowed unless the login is staff and active; SecondFactorNeeded without one, outside the demo."""
    if not (user.is_active and user.is_staff):
        raise NotAllowed(_("Only staff may do this."))
    if second_factor.is_missing(user):
        raise SecondFactorNeeded


def require_superuser(user: User) -> None:
    """Raises NotAllowed. Superusers are made at the server (`manage.py createsuperuser`) and make staff."""
    if not (user.is_active and user.is_superuser):
        raise NotAllowed(_("Only a superuser may do this."))
