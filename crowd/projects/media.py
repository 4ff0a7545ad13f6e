"""The address under which one person may see one file of a requester's for a while.

Nobody reads out of it what it stands for: files that came together have ids that follow each other, and those of gold
often come together. Nor is a file told by its name, in which a requester may keep the answer ("cat.017.jpg").
"""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from math import ceil
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.projects.errors import LinkExpired
from crowd.projects.models import MediaFile
from crowd.projects.tiles import Tile
from crowd.users.models import User

SALT = "crowd.projects.media"
HOUR_S = 3600
COPY, NAMED = "copy", "named"


def sign(
    media: MediaFile,
    user: User,
    *,
    tile: Tile | None = None,
    copy: bool = False,
    named: bool = False,
    now: datetime | None = None,
) -> str:
    """A token for this file, a tile or the smaller copy of it, and this person; it stands for one to two hours.

    It ends on the hour, so that within an hour the same file has the same address and a browser keeps it. `named`: he
    may know what the file was called.
    """
    ends_at = (ceil((now or clock.now()).timestamp() / HOUR_S) + 1) * HOUR_S
    part = tile.place if tile else [COPY] if copy else [NAMED] if named else []
    return _sealed([media.pk, user.pk, ends_at, *part])


def open(token: str, *, user: User | None = None, now: datetime | None = None) -> MediaFile:
    """The file that a token was signed for; with `user`, only if it was signed for him.

    Raises NotFound for a token that was never ours, LinkExpired. Serve it with `media.content_type`, which is what
    its bytes are, and `X-Content-Type-Options: nosniff`.
    """
    media_id, user_id, ends_at, *_part = _opened(token)
    if user is not None and user.pk != user_id:
        raise NotFound
    if (now or clock.now()).timestamp() >= ends_at:
        raise LinkExpired
    media = MediaFile.objects.filter(pk=media_id).first()
    if media is None:
        raise NotFound
    return media


def tile_in(token: str) -> Tile | None:
    """The tile that a token, which was opened, was signed for; None where it was the whole file, or its copy."""
    place = _part(token)
    is_tile = place and place[0] not in (COPY, NAMED)
    return Tile(**dict(zip(("x", "y", "width", "height"), place, strict=True))) if is_tile else None


def is_of_copy(token: str) -> bool:
    """Whether a token, which was opened, was signed for the smaller copy."""
    return _part(token) == [COPY]


def is_named(token: str) -> bool:
    """Whether a token, which was opened, was signed for somebody who may know the file's name."""
    return _part(token) == [NAMED]


def _part(token: str) -> list[Any]:
    return _opened(token)[3:]


def _sealed(facts: list[Any]) -> str:
    """AES-SIV (RFC 5297): the same facts are the same text, which nobody else can read or make."""
    secret = AESSIV(next(_keys())).encrypt(json.dumps(facts, separators=(",", ":")).encode(), None)
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _opened(token: str) -> list[Any]:
    """Raises NotFound."""
    try:
        secret = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotFound from error
    for key in _keys():
        try:
            found: list[Any] = json.loads(AESSIV(key).decrypt(secret, None))
        except (InvalidTag, ValueError):
            continue
        return found
    raise NotFound


def _keys() -> Iterator[bytes]:
    """Of now, then those of secret keys that are still believed."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield sha256(f"{SALT}\n{secret}".encode()).digest()
