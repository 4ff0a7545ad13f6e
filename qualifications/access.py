"""The doors to qualifications."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from crowd.kernel.errors import NotFound
from crowd.users.access import acts_as_staff, is_member, require_staff
from crowd.users.models import Organisation, User
from qualifications.errors import SystemQualification
from qualifications.models import Qualification


def qualification_for(user: User, qualification_id: int) -> Qualification:
    """To look at: the site's and public ones for everybody, others for members of their organisation and for staff.

    Raises NotFound.
    """
    found = Qualification.objects.select_related("organisation").filter(pk=qualification_id).first()
    if found is None or not _may_see(user, found):
        raise NotFound(_("There is no such qualification."))
    return found


def managed_qualification(user: User, qualification_id: int) -> Qualification:
    """To grant, edit or test: an organisation's for its members and for staff, the site's for staff.

    Raises NotFound (for strangers, also of public ones' insides), NotAllowed, SystemQualification.
    """
    found = qualification_for(user, qualification_id)
    if found.measured:
        raise SystemQualification
    if acts_as_staff(user):
        return found
    if found.organisation is None:
        require_staff(user)
    elif not is_member(user, found.organisation):
        raise NotFound(_("Your organisation has no such qualification."))
    return found


def usable_by(organisation: Organisation, qualification_ids: Iterable[int]) -> dict[int, Qualification]:
    """Those that a project of the organisation may ask for: the site's (system ones too) and its own. Raises NotFound.

    Not those of others, public or not: what one organisation thinks of a worker is not another one's business.
    """
    wanted = set(qualification_ids)
    usable = Q(organisation=None) | Q(organisation=organisation)
    found = {one.pk: one for one in Qualification.objects.filter(usable, pk__in=wanted)}
    if missing := sorted(wanted - found.keys()):
        raise NotFound(_("There is no qualification %(id)s for you to ask for.") % {"id": missing[0]}, missing=missing)
    return found


def _may_see(user: User, qualification: Qualification) -> bool:
    if qualification.organisation is None or qualification.public or acts_as_staff(user):
        return True
    return is_member(user, qualification.organisation)
