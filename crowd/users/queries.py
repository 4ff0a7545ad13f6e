"""What is read about people and organisations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crowd.users.models import ApiKey, AuditEntry, Invitation, Membership, Organisation, TermsAcceptance, User

MAX_PAGE = 200


@dataclass(frozen=True)
class AuditPage:
    """Newest first; `next` is the cursor of the page after this one, None at the end."""

    entries: tuple[AuditEntry, ...]
    next: int | None


def memberships(user: User) -> QuerySet[Membership]:
    """The organisations that the user belongs to, with his role in each."""
    return Membership.objects.filter(user=user).select_related("organisation").order_by("organisation__name", "pk")


def members(organisation: Organisation) -> QuerySet[Membership]:
    return Membership.objects.filter(organisation=organisation).select_related("user").order_by("pk")


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Also those whose time is over, until somebody withdraws them: the owner sees why nobody came."""
    found = Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None)
    return found.order_by("-pk")


def api_keys(user: User) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user=user, revoked_at=None).order_by("-pk")


def audit_of_organisation(organisation: Organisation, *, before: int | None = None, limit: int = 50) -> AuditPage:
    """What happened in an organisation; the caller came through the door `organisation_for`.

    Entries may have workers or staff as actors: show them by `audit_actors`, never by the login.
    """
    return _page(AuditEntry.objects.filter(organisation=organisation), before, limit)


def audit_actors(organisation: Organisation, entries: Iterable[AuditEntry]) -> dict[int, str]:
    """User id to name, of those actors who are members. Everybody else stays nameless to the organisation."""
    ids = {entry.actor_id for entry in entries}
    return {one.user_id: one.user.get_full_name() for one in members(organisation).filter(user__in=ids - {None})}


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export."""
    return {
        "account": {
            "id": user.pk,
            "email": user.email,
            "name": user.name,
            "timezone": user.timezone,
            "language": user.language,
            "joined_at": user.date_joined,
            "last_login": user.last_login,
            "closed_at": user.closed_at,
        },
        "organisations": [
            {"id": one.organisation_id, "name": one.organisation.name, "role": one.role, "since": one.created_at}
            for one in memberships(user)
        ],
        "api_keys": list(
            ApiKey.objects.filter(user=user)
            .order_by("pk")
            .values("name", "prefix", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
        ),
        "terms": list(
            TermsAcceptance.objects.filter(user=user).order_by("pk").values("document", "version", "accepted_at")
        ),
        "actions": list(
            AuditEntry.objects.filter(actor=user)
            .order_by("pk")
            .values("at", "action", "subject_type", "subject_id", "reason")
        ),
    }


def _page(entries: QuerySet[AuditEntry], before: int | None, limit: int) -> AuditPage:
    limit = max(1, min(limit, MAX_PAGE))
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries.select_related("actor").order_by("-pk")[: limit + 1])
    shown = tuple(found[:limit])
    return AuditPage(shown, shown[-1].pk if len(found) > limit else None)
