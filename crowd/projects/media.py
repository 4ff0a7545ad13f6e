"""The address under which one person may see one file of a requester's for a while."""

from datetime import datetime
from math import ceil
from typing import Any

from django.core import signing

from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.projects.errors import LinkExpired
from crowd.projects.models import MediaFile
from crowd.projects.tiles import Tile
from crowd.users.models import User

SALT = "crowd.projects.media"
HOUR_S = 3600
COPY = "copy"


def sign(
    media: MediaFile, user: User, *, tile: Tile | None = None, copy: bool = False, now: datetime | None = None
) -> str:
    """A token for this file, a tile or the smaller copy of it, and this person; it stands for one to two hours.

    It ends on the hour, so that within an hour the same file has the same address and a browser keeps it.
    """
    ends_at = (ceil((now or clock.now()).timestamp() / HOUR_S) + 1) * HOUR_S
    part = tile.place if tile else [COPY] if copy else []
    return signing.Signer(salt=SALT).sign_object([media.pk, user.pk, ends_at, *part])


def open(token: str, *, user: User | None = None, now: datetime | None = None) -> MediaFile:
    """The file that a token was signed for; with `user`, only if it was signed for him.

    Raises NotFound for a token that was never ours, LinkExpired. Serve it with `media.content_type`, which is what
    its bytes are, and `X-Content-Type-Options: nosniff`.
    """
    try:
        media_id, user_id, ends_at, *_part = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise NotFound from error
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
    return Tile(**dict(zip(("x", "y", "width", "height"), place, strict=True))) if place and place != [COPY] else None


def is_of_copy(token: str) -> bool:
    """Whether a token, which was opened, was signed for the smaller copy."""
    return _part(token) == [COPY]


def _part(token: str) -> list[Any]:
    part: list[Any] = signing.Signer(salt=SALT).unsign_object(token)[3:]
    return part
