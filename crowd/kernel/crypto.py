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

HALF = 2**26  # of a veiled number


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


def veiled(number: int, about: str) -> int:
    """Another number that stands for this one, of 52 bits, as JavaScript reads them exactly: always the same, and
    nothing can be told from it, neither which came first nor which came together. Each `about` has numbers of its own.

    A Feistel network of four rounds with a keyed hash (Luby and Rackoff 1988). Raises ValueError beyond 52 bits.
    """
    left, right = divmod(_in_bits(number), HALF)
    for step in range(4):
        left, right = right, left ^ _scrambled(right, step, about)
    return left * HALF + right


def unveiled(number: int, about: str) -> int:
    """The number that `veiled` made this of. Raises ValueError for what is none of its numbers."""
    left, right = divmod(_in_bits(number), HALF)
    for step in reversed(range(4)):
        left, right = right ^ _scrambled(left, step, about), left
    return left * HALF + right


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left, right)


def masked(text: str, keep: int = 4) -> str:
    """For showing a destination to its owner: the last characters only."""
    if len(text) <= keep:
        return "•" * len(text)
    return _("ends with %(tail)s") % {"tail": text[-keep:]}


def _in_bits(number: int) -> int:
    if not 0 <= number < HALF * HALF:
        raise ValueError(number)
    return number


def _scrambled(half: int, step: int, about: str) -> int:
    key = hashlib.sha256(f"{about}\n{settings.CROWD_MASTER_KEY}".encode()).digest()
    said = hashlib.blake2b(step.to_bytes(1) + half.to_bytes(4), key=key, digest_size=8).digest()
    return int.from_bytes(said) % HALF


def _unwrap(wrapped_key: bytes) -> bytes:
    try:
        return _master().decrypt(bytes(wrapped_key))
    except InvalidToken as error:
        raise Unreadable from error


def _master() -> Fernet:
    key = hashlib.sha256(settings.CROWD_MASTER_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
