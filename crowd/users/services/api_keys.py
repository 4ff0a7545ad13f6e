"""API keys: "ck_<prefix>_<secret>". The whole is shown once; the prefix recognises it, a digest verifies it."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto
from crowd.kernel.errors import BadInput, NotFound, TooMany
from crowd.users.access import acts_as_staff, require_staff
from crowd.users.errors import AccountClosed
from crowd.users.models import ApiKey, User
from crowd.users.services import audit
from crowd.users.states import Scope

USED_AT_MOST_EVERY = timedelta(minutes=1)
MAX_KEYS = 50
MAX_NAME = 100
PREFIX_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
Found = tuple[ApiKey, datetime]


def create(*, user: User, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """A new key for the user himself, and its secret, which cannot be shown again.

    Raises BadInput, NotAllowed (the staff scope of somebody who is no staff), AccountClosed, TooMany.
    """
    with transaction.atomic(durable=True):
        owner = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        now = clock.now()
        _check(owner, name, scopes, expires_at, now)
        prefix = "".join(secrets.choice(PREFIX_ALPHABET) for _place in range(8))
        secret = f"ck_{prefix}_{secrets.token_urlsafe(32)}"
        key = ApiKey.objects.create(
            user=owner,
            name=name.strip(),
            prefix=prefix,
            digest=crypto.digest(secret),
            scopes=sorted(set(scopes)),
            created_at=now,
            expires_at=expires_at,
        )
        audit.record(
            actor=user, action="create", subject=key, now=now, after={"scopes": key.scopes, "expires_at": expires_at}
        )
    return key, secret


def revoke(*, actor: User, key_id: int, reason: str = "") -> None:
    """One's own key; staff may revoke anybody's. Works at once; again: nothing happens. Raises NotFound."""
    with transaction.atomic(durable=True):
        mine = Q() if acts_as_staff(actor) else Q(user=actor)
        key = ApiKey.objects.filter(mine, pk=key_id).first()
        if key is None:
            raise NotFound(_("There is no such key."))
        now = clock.now()
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
            audit.record(actor=actor, action="revoke", subject=key, now=now, reason=reason)


def revoke_all(user: User, *, now: datetime) -> None:
    """Inner: every key of a person whose account is closed."""
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)


def by_digest(digest: str) -> Found | None:
    found = ApiKey.objects.select_related("user").filter(digest=digest, revoked_at=None).first()
    return (found, clock.now()) if found else None


def authenticate(secret: str, *, find: Callable[[str], Found | None] = by_digest) -> ApiKey | None:
    """The key that this secret is, with its user; None when unknown, revoked, expired or its user is switched off.

    The look-up is by digest, so how long it takes tells nothing about the secret. Notes the use once a minute at most.
    `find` gives the key with this digest that is not revoked, with its user, and what time it is.
    """
    if not secret.startswith("ck_") or len(secret) > 100:
        return None
    found = find(crypto.digest(secret))
    if found is None:
        return None
    key, now = found
    if not key.user.is_active or (key.expires_at is not None and key.expires_at <= now):
        return None
    _note_use(key, now)
    return key


def _note_use(key: ApiKey, now: datetime) -> None:
    if key.last_used_at is not None and key.last_used_at > now - USED_AT_MOST_EVERY:
        return
    key.last_used_at = now
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _check(owner: User, name: str, scopes: Sequence[str], expires_at: datetime | None, now: datetime) -> None:
    faults = {}
    if not name.strip() or len(name.strip()) > MAX_NAME or "\x00" in name:
        faults["name"] = _("A name of 1 to %(most)s characters is needed.") % {"most": MAX_NAME}
    if not scopes or not set(scopes) <= set(Scope.values):
        faults["scopes"] = _("Choose from %(scopes)s.") % {"scopes": ", ".join(Scope.values)}
    if expires_at is not None and expires_at <= now:
        faults["expires_at"] = _("This time has passed.")
    if faults:
        raise BadInput(errors=faults)
    if owner.closed_at is not None:
        raise AccountClosed
    if Scope.STAFF in scopes:
        require_staff(owner)
    if ApiKey.objects.filter(user=owner, revoked_at=None).count() >= MAX_KEYS:
        raise TooMany(_("You have %(most)s keys already; revoke some first.") % {"most": MAX_KEYS})
