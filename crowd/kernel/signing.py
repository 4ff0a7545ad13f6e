"""Documents that this site signs and others can check, without asking it: JSON Web Signatures with Ed25519.

The flattened JSON form of RFC 7515 (JWS), section 7.2.2, with the algorithm EdDSA of RFC 8037. The site's key follows
from CROWD_MASTER_KEY (HKDF, RFC 5869), so every process has it and nothing is stored.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import BadInput

PURPOSE = b"crowd signed documents 1"
PARTS = ("protected", "payload", "signature")
HEADER = {"alg": "EdDSA"}


class BadSignature(BadInput):
    code = "bad_signature"
    default = _("This document is not signed by whom it names, or it was changed since.")


def sign(content: Mapping[str, Any]) -> dict[str, str]:
    """The signed document: `protected`, `payload` and `signature`, each base64url."""
    protected, payload = _encode(_plain(HEADER)), _encode(_plain(content))
    signature = _private().sign(f"{protected}.{payload}".encode())
    return {"protected": protected, "payload": payload, "signature": _encode(signature)}


def public_key() -> str:
    """By which others check what this site signed: 32 bytes, base64url."""
    return _encode(_private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def content_of(document: Any) -> dict[str, Any]:
    """What a document says, unchecked: to know whose key to check it by. Raises BadSignature."""
    if not isinstance(document, Mapping) or document.keys() != set(PARTS):
        raise BadSignature
    try:
        content = json.loads(_decode(document["payload"]))
    except (ValueError, RecursionError) as error:
        raise BadSignature from error
    if not isinstance(content, dict):
        raise BadSignature
    return content


def check(document: Mapping[str, Any], key: str) -> None:
    """Raises BadSignature unless the document was signed with this public key."""
    try:
        if json.loads(_decode(document["protected"])) != HEADER:
            raise BadSignature
        signed = f"{document['protected']}.{document['payload']}".encode()
        Ed25519PublicKey.from_public_bytes(_decode(key)).verify(_decode(document["signature"]), signed)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature from error


def _private() -> Ed25519PrivateKey:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=PURPOSE)
    return Ed25519PrivateKey.from_private_bytes(derived.derive(settings.CROWD_MASTER_KEY.encode()))


def _plain(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: Any) -> bytes:
    """Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("no text")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
