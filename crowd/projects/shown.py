"""What a task shows to a person: its payload, with signed addresses in place of the ids of files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crowd.kernel import clock
from crowd.projects import media
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
        if file is None:
            return value
        tile = Tile.of(value)
        kind = type_of(file.content_type) if tile else file.content_type
        return {**value, "media": address(media.sign(file, user, tile=tile, now=now)), "content_type": kind}

    units = [{**unit, **{name: link(unit.get(name)) for name in shown}} for unit in task.payload["units"]]
    return {**task.payload, "units": units}
