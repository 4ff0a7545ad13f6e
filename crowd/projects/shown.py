"""What a task shows to a person: its payload, with signed addresses in place of the ids of files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crowd.kernel import clock
from crowd.projects import copies, media
from crowd.projects.models import MediaFile, Task
from crowd.projects.tiles import Tile, type_of
from crowd.users.models import User

MEDIA_KINDS = ("image", "audio", "video")


def payload(
    task: Task,
    *,
    config: Mapping[str, Any],
    user: User,
    address: Callable[[str], str],
    now: datetime | None = None,
) -> dict[str, Any]:
    """The payload for `user`; `address` makes an address of a signed token. `now` is the clock's, if somebody asked.

    Only in the columns that the label config shows, and only files of the same project: what else looks like an id of a
    file is the requester's own data.
    """
    shown = [name for name in (config["data"]["field"], config["data"].get("beside")) if name]
    if config["data"]["kind"] not in MEDIA_KINDS:
        return dict(task.payload)
    ids = [unit[name]["media"] for unit in task.payload["units"] for name in shown if isinstance(unit.get(name), dict)]
    files = MediaFile.objects.filter(project=task.project_id).in_bulk(ids)
    now = now or clock.now()

    def link(value: Any) -> Any:
        file = files.get(value["media"]) if isinstance(value, dict) else None
        return {**value, **links(file, value, user=user, address=address, now=now)} if file else value

    units = [{**unit, **{name: link(unit.get(name)) for name in shown}} for unit in task.payload["units"]]
    return {**task.payload, "units": units}


def links(
    file: MediaFile, value: Mapping[str, Any], *, user: User, address: Callable[[str], str], now: datetime | None = None
) -> dict[str, str]:
    """Where `user` finds the file that a column shows: `media`, its `content_type`, and of a large picture that is
    shown whole `copy`, a smaller one for a page."""
    tile = Tile.of(value)
    kind = type_of(file.content_type) if tile else file.content_type
    found = {"media": address(media.sign(file, user, tile=tile, now=now)), "content_type": kind}
    if tile is None and copies.is_large(file):
        found["copy"] = address(media.sign(file, user, copy=True, now=now))
    return found
