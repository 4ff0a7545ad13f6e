"""What one unit shows, as far as marks must keep within it: the size of its image, the time it plays, its text.

Everything is read from the unit as the worker gets it, so that whoever validates an answer needs no file and no query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crowd.labeling.documents import source

MEDIA = "media"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """None and empty: not known, and nothing is refused for it.

    width, height: natural pixels of the image or film, as it is seen (EXIF rotation applied). start, end: seconds of
    the recording. text: what spans count code points of. columns: the unit itself.
    """

    width: int | None = None
    height: int | None = None
    start: float = 0.0
    end: float | None = None
    text: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


ANYWHERE = Scene()


def scene_of(kind: str, field: str, unit: Mapping[str, Any]) -> Scene:
    """The scene of one unit of a task's payload, for a config whose data are of `kind` in column `field`."""
    shown = unit.get(field) if field else None
    known = shown if isinstance(shown, Mapping) and MEDIA in shown else {}
    start, end = _time(kind, unit, shown, known)
    return Scene(
        width=known.get("width"),
        height=known.get("height"),
        start=start,
        end=end,
        text=source(shown) if kind == "text" else None,
        columns=unit,
    )


def _time(kind: str, unit: Mapping[str, Any], shown: Any, known: Mapping[str, Any]) -> tuple[float, float | None]:
    """A clip of a longer recording says where it begins and ends; marks are in seconds of the whole recording."""
    if kind in ("audio", "video"):
        return _seconds(unit.get("start")) or 0.0, _seconds(unit.get("end")) or known.get("seconds")
    times = shown.get("time") if kind == "series" and isinstance(shown, Mapping) else None
    return (times[0], times[-1]) if times else (0.0, None)


def _seconds(value: Any) -> float | None:
    """What cutting wrote; a column of that name that the requester brought says nothing about time."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
