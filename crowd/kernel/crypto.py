"""Encryption of personal values: each person has a key of his own, wrapped by the installation's master key.

Destroying the person's key makes every value encrypted with it unreadable, in backups too.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from crowd.kernel.errors import CrowdError


class Unreadable(CrowdError):
    code = "unreadable"
    status = 500
    default = "A stored personal value cannot be read: its key was destroyed or CROWD_MASTER_KEY has changed."


def new_wrapped_key() -> bytes:
    """A fresh key for one person, encrypted with the master key."""
    return _master().encrypt(Fernet.generate_key())


def encrypt(wrapped_key: bytes, text: str) -> bytes:
    return Fernet(_unwrap(wrapped_key)).encrypt(text.encode())


def decrypt(wrapped_key: bytes, secret: bytes) -> str:
    """Raises Unreadable."""
    try:
        return Fernet(_unwrap(wrapped_key)).decrypt(bytes(secret)).decode()
    except InvalidToken as error:
        raise Unreadable from error


def digest(text: str) -> str:
    """What is stored of a random token (API key, invitation): enough to recognise it, useless to a thief."""
    return hashlib.sha256(text.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left, right)


def masked(text: str, keep: int = 4) -> str:
    """For showing a destination to its owner: the last characters only."""
    if len(text) <= keep:
        return "•" * len(text)
    return _("ends with %(tail)s") % {"tail": text[-keep:]}


def _unwrap(wrapped_key: bytes) -> bytes:
    try:
        return _master().decrypt(bytes(wrapped_key))
    except InvalidToken as error:
        raise Unreadable from error


def _master() -> Fernet:
    key = hashlib.sha256(settings.CROWD_MASTER_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
