"""Organisations and who belongs to them.

Every change of membership first locks the organisation's row, so that two owners cannot leave at the same time.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.users.access import organisation_for
from crowd.users.errors import AccountClosed, LastOwner
from crowd.users.models import Invitation, Membership, Organisation, User
from crowd.users.services import audit
from crowd.users.states import Role

MAX_NAME = 150


def create_organisation(*, actor: User, name: str) -> Organisation:
    """A new organisation; its creator becomes its owner. Raises BadInput, AccountClosed."""
    name = read_name(name)
    with transaction.atomic(durable=True):
        if User.objects.select_for_update(no_key=True).get(pk=actor.pk).closed_at is not None:
            raise AccountClosed
        organisation = Organisation.objects.create(name=name)
        Membership.objects.create(organisation=organisation, user=actor, role=Role.OWNER)
        audit.record(
            actor=actor,
            action="create",
            subject=organisation,
            organisation=organisation,
            now=clock.now(),
            after={"name": name},
        )
    return organisation


def rename(*, actor: User, organisation_id: int, name: str) -> Organisation:
    """Owners only. Raises BadInput."""
    name = read_name(name)
    with transaction.atomic(durable=True):
        organisation = lock(organisation_for(actor, organisation_id, owner=True))
        before, organisation.name = organisation.name, name
        organisation.save(update_fields=["name"])
        audit.record(
            actor=actor,
            action="rename",
            subject=organisation,
            organisation=organisation,
            now=clock.now(),
            before={"name": before},
            after={"name": name},
        )
    return organisation


def change_role(*, actor: User, organisation_id: int, user_id: int, role: str) -> Membership:
    """Owners make owners of members, and members of owners, but never of the last one: LastOwner."""
    if role not in Role.values:
        raise BadInput(errors={"role": _("The roles are %(roles)s.") % {"roles": ", ".join(Role.values)}})
    with transaction.atomic(durable=True):
        organisation = lock(organisation_for(actor, organisation_id, owner=True))
        membership = _membership(organisation, user_id)
        before = membership.role
        if role != Role.OWNER:
            _keep_an_owner(membership)
            withdraw_invitations(membership, actor=actor, now=clock.now())
        if before != role:
            membership.role = role
            membership.save(update_fields=["role"])
            _record(actor, "change_role", membership, before={"role": before}, after={"role": role})
    return membership


def remove_member(*, actor: User, organisation_id: int, user_id: int) -> None:
    """An owner removes anybody, a member himself; the last owner cannot go: LastOwner.

    The open invitations that he sent end with it, or he would come in again by one of them.
    """
    with transaction.atomic(durable=True):
        organisation = lock(organisation_for(actor, organisation_id, owner=user_id != actor.pk))
        membership = _membership(organisation, user_id)
        _keep_an_owner(membership)
        withdraw_invitations(membership, actor=actor, now=clock.now())
        _record(actor, "remove_member", membership, before={"role": membership.role})
        membership.delete()


def lock(organisation: Organisation) -> Organisation:
    """The organisation's row, locked until the end of the transaction. Inner.

    Not a key lock: projects and transfers may go on pointing at the row meanwhile.
    """
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def withdraw_invitations(membership: Membership, *, actor: User, now: datetime) -> None:
    """The open ones that this person sent, who is an owner no more. Inner: needs the organisation's lock."""
    sent = Invitation.objects.filter(organisation=membership.organisation_id, invited_by=membership.user_id)
    for one in sent.filter(accepted_at=None, revoked_at=None):
        one.revoked_at = now
        one.save(update_fields=["revoked_at"])
        audit.record(
            actor=actor, action="revoke_invitation", subject=one, organisation=membership.organisation, now=now
        )


def read_name(name: str) -> str:
    """Raises BadInput naming the place."""
    name = " ".join(name.split())
    if not name or "\x00" in name:
        raise BadInput(errors={"name": _("A name is needed.")})
    if len(name) > MAX_NAME:
        raise BadInput(errors={"name": _("A name has at most %(most)s characters.") % {"most": MAX_NAME}})
    return name


def _membership(organisation: Organisation, user_id: int) -> Membership:
    found = Membership.objects.filter(organisation=organisation, user=user_id).first()
    if found is None:
        raise NotFound(_("This person is not a member of the organisation."))
    return found


def _keep_an_owner(membership: Membership) -> None:
    """Needs the organisation's lock."""
    others = Membership.objects.filter(organisation=membership.organisation_id, role=Role.OWNER)
    if membership.role == Role.OWNER and not others.exclude(pk=membership.pk).exists():
        raise LastOwner(organisation=membership.organisation_id)


def _record(
    actor: User,
    action: str,
    membership: Membership,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    who: dict[str, object] = {"user": membership.user_id}
    audit.record(
        actor=actor,
        action=action,
        subject=membership.organisation,
        organisation=membership.organisation,
        now=clock.now(),
        before=who | (before or {}),
        after=who | (after or {}),
    )
