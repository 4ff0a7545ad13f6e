"""Invitations into an organisation: a link that works once, for a while, for whoever holds it."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, NotFound
from crowd.users.access import organisation_for
from crowd.users.errors import AccountClosed, AlreadyMember, SpentInvitation, UnknownInvitation
from crowd.users.models import Invitation, Membership, Organisation, User
from crowd.users.services import audit, organisations
from crowd.users.states import Role

GOOD_FOR = timedelta(days=7)
LINK = "/invitations/{token}/"


def invite(*, actor: User, organisation_id: int, email: str, role: str = Role.MEMBER) -> tuple[Invitation, str]:
    """Owners invite. Mails the link after the commit and returns its token, which is stored nowhere else.

    Raises BadInput, AlreadyMember.
    """
    email = _read_email(email)
    if role not in Role.values:
        raise BadInput(errors={"role": _("The roles are %(roles)s.") % {"roles": ", ".join(Role.values)}})
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        organisation = organisation_for(actor, organisation_id, owner=True)
        if Membership.objects.filter(organisation=organisation, user__email__iexact=email).exists():
            raise AlreadyMember
        invitation = _store(actor, organisation, email, role, token, clock.now())
        transaction.on_commit(lambda: _mail(invitation, token), robust=True)
    return invitation, token


def revoke(*, actor: User, organisation_id: int, invitation_id: int) -> None:
    """Owners withdraw an invitation that nobody has accepted. Raises NotFound, also when it was accepted before."""
    with transaction.atomic(durable=True):
        organisation = organisation_for(actor, organisation_id, owner=True)
        now = clock.now()
        found = Invitation.objects.filter(pk=invitation_id, organisation=organisation, accepted_at=None)
        if not found.filter(revoked_at=None).update(revoked_at=now):
            raise NotFound(_("There is no open invitation of that number."))
        audit.record(actor=actor, action="revoke_invitation", subject=found.get(), organisation=organisation, now=now)


def accept(*, user: User, token: str) -> Membership:
    """Whoever is signed in and holds the link becomes a member with the role it names.

    Of two people at once one gets in. Again by the same person: his membership, unchanged. Raises UnknownInvitation,
    SpentInvitation, AlreadyMember (the invitation then stays good), AccountClosed.
    """
    with transaction.atomic(durable=True):
        invitation = _find(token)
        account = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # not erased meanwhile
        organisation = organisations.lock(invitation.organisation)
        now = clock.now()
        member = Membership.objects.filter(organisation=organisation, user=user).first()
        if member is not None:
            return _again(member, invitation)
        if account.closed_at is not None:
            raise AccountClosed
        _spend(invitation, user, now)
        member = Membership.objects.create(organisation=organisation, user=user, role=invitation.role)
        audit.record(
            actor=user,
            action="accept_invitation",
            subject=organisation,
            organisation=organisation,
            now=now,
            after={"user": user.pk, "role": invitation.role, "invitation": invitation.pk},
        )
    return member


def describe(token: str, *, now: datetime) -> Invitation:
    """The open invitation behind a link, to be shown before it is accepted. Raises like `accept`."""
    invitation = _find(token)
    if invitation.accepted_at is not None or invitation.expires_at <= now:
        raise SpentInvitation
    return invitation


def _store(actor: User, organisation: Organisation, email: str, role: str, token: str, now: datetime) -> Invitation:
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        token_digest=crypto.digest(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    # The address stands in the invitation's row, where it can be erased, not in the log, where it could not.
    audit.record(
        actor=actor,
        action="invite",
        subject=invitation,
        organisation=organisation,
        now=now,
        after={"role": role},
    )
    return invitation


def _find(token: str) -> Invitation:
    found = Invitation.objects.filter(token_digest=crypto.digest(token), revoked_at=None)
    invitation = found.select_related("organisation").first()
    if invitation is None:
        raise UnknownInvitation
    return invitation


def _again(member: Membership, invitation: Invitation) -> Membership:
    invitation.refresh_from_db()
    if invitation.accepted_by_id != member.user_id:
        raise AlreadyMember
    return member


def _spend(invitation: Invitation, user: User, now: datetime) -> None:
    """Compare and set: whoever touches no row was not the first."""
    good = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
    if not good.update(accepted_by=user, accepted_at=now):
        raise SpentInvitation


def _read_email(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadInput(errors={"email": _("This is not an e-mail address.")}) from error
    return email


def _mail(invitation: Invitation, token: str) -> None:
    organisation = invitation.organisation.name
    facts = {"organisation": organisation, "link": settings.CROWD_URL + LINK.format(token=token)}
    send_mail(
        _("Invitation into %(organisation)s") % facts,
        _(
            "You are invited into %(organisation)s.\n\nTo accept, sign in and open this link:\n%(link)s\n\n"
            "It works once, for a week."
        )
        % facts,
        None,
        [invitation.email],
    )
