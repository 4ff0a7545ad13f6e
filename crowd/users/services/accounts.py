"""Closing and erasing a login, as far as it is a person's. `workers.services.accounts` has the doors."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q

from crowd.users.errors import LastOwner
from crowd.users.models import Invitation, Membership, User
from crowd.users.services import api_keys, audit, organisations, person_keys
from crowd.users.states import Role


def close(user: User, *, actor: User, now: datetime) -> bool:
    """Mark the login as closed and revoke its API keys; False when it was closed before.

    Inner. Signing in goes on working: earnings must stay within reach.
    """
    if not User.objects.filter(pk=user.pk, closed_at=None).update(closed_at=now):
        return False
    api_keys.revoke_all(user, now=now)
    audit.record(actor=actor, action="close_account", subject=user, now=now)
    return True


def erase(user: User, *, actor: User, now: datetime, keep_payouts_until: datetime | None) -> None:
    """Take the person out of the login: the row stays as a number, for answers and transfers.

    1. Leave all organisations; refuse where others would be left without an owner (LastOwner).
    2. Forget address, name, second factors, sessions, and invitations by his address.
    3. Destroy his keys, so that what was sealed with them is gone from logs and backups; the one for records of
       payouts at `keep_payouts_until`.

    Inner. The caller has made sure that nothing is pending, held or available.
    """
    _leave_organisations(user, actor=actor, now=now)
    _forget_sign_in(user)
    addressed = Q(accepted_by=user) | Q(email__iexact=user.email)
    Invitation.objects.filter(addressed).update(email="")
    Invitation.objects.filter(email="", accepted_at=None, revoked_at=None).update(revoked_at=now)
    _forget_person(user, now)
    person_keys.destroy(user, now=now, keep_payouts_until=keep_payouts_until)
    audit.record(actor=actor, action="erase", subject=user, now=now, after={"payout_records_until": keep_payouts_until})


def _leave_organisations(user: User, *, actor: User, now: datetime) -> None:
    for membership in Membership.objects.filter(user=user).select_related("organisation").order_by("organisation"):
        organisation = organisations.lock(membership.organisation)
        others = Membership.objects.filter(organisation=organisation).exclude(user=user)
        if others.exists() and not others.filter(role=Role.OWNER).exists():
            raise LastOwner(organisation=organisation.pk)
        organisations.withdraw_invitations(membership, actor=actor, now=now)
        membership.delete()


def _forget_sign_in(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()


def _forget_person(user: User, now: datetime) -> None:
    user.email = f"erased-{user.pk}@erased.invalid"
    user.name = ""
    user.language, user.timezone = "en", "UTC"
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.closed_at = user.closed_at or now
    user.erased_at = now
    user.save()
