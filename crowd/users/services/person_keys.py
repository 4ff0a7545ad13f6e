"""Each person's own keys. What is encrypted with one is gone for ever, in backups too, once it is destroyed."""

from datetime import datetime

from crowd.kernel import crypto
from crowd.users.models import PersonKey, User
from crowd.users.states import KeyPurpose


def wrapped_key(user: User, purpose: str = KeyPurpose.PERSON) -> bytes:
    """The person's key for `purpose`, still wrapped by the master key; made on first use.

    Inner; two callers at once get the same key. Raises crypto.Unreadable when it was destroyed.
    KeyPurpose.PAYOUTS is for the records of payouts, which the law may want longer than the person does.
    """
    found = _find(user, purpose)
    if found is None:
        draft = PersonKey(user=user, purpose=purpose, wrapped_key=crypto.new_wrapped_key())
        PersonKey.objects.bulk_create([draft], ignore_conflicts=True)  # somebody else may have been first
        found = PersonKey.objects.get(user=user, purpose=purpose)
    if found.wrapped_key is None:
        raise crypto.Unreadable
    return bytes(found.wrapped_key)


def destroy(user: User, *, now: datetime, keep_payouts_until: datetime | None = None) -> None:
    """Destroy the person's keys, the payouts key only at `keep_payouts_until` (None: now). Inner.

    A key that never existed is marked as destroyed too, so that none is made afterwards.
    """
    drafts = [PersonKey(user=user, purpose=purpose, destroyed_at=now) for purpose in KeyPurpose.values]
    PersonKey.objects.bulk_create(drafts, ignore_conflicts=True)
    keys = PersonKey.objects.filter(user=user, destroyed_at=None)
    if keep_payouts_until is not None and keep_payouts_until > now:
        keys.filter(purpose=KeyPurpose.PAYOUTS).update(destroy_after=keep_payouts_until)
        keys = keys.exclude(purpose=KeyPurpose.PAYOUTS)
    keys.update(wrapped_key=None, destroyed_at=now)


def destroy_due(*, now: datetime) -> int:
    """Destroy the keys whose stated time has come; how many. Inner; safe to call at any time, by several at once."""
    due = PersonKey.objects.filter(destroy_after__lte=now, destroyed_at=None)
    return due.update(wrapped_key=None, destroyed_at=now)


def _find(user: User, purpose: str) -> PersonKey | None:
    return PersonKey.objects.filter(user=user, purpose=purpose).first()
