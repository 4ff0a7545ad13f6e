"""Tracks: a box through a film. Canonical mark: label, keyframes ``[{time, x, y, width, height}]`` in rising time.

Between keyframes the box moves in a straight line; it enters at the first and leaves after the last. Who comes back is
another track.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import kind_of
from crowd.labeling.kinds.marks import Mark, Marks, check_size, check_sum
from crowd.labeling.scene import Scene
from crowd.labeling.speech import say

MOST_KEYFRAMES = 5_000
MOST_ALL_KEYFRAMES = 50_000
MOST_SECONDS = 50_000  # of all tracks of an answer, one by one: what comparing them costs


@dataclass(frozen=True, kw_only=True)
class Tracks(Marks):
    """Boxes lie inside the picture, times inside the clip."""

    kind: ClassVar[str] = "tracks"
    listing: ClassVar[str] = "keyframes"
    most_listed: ClassVar[int] = MOST_ALL_KEYFRAMES

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        given, path = mark.get("keyframes"), mark.at("keyframes")
        if not isinstance(given, list | tuple):
            raise AnswerError(path, say("This must be a list of keyframes, not %(kind)s.", kind=kind_of(given)))
        if not 1 <= len(given) <= MOST_KEYFRAMES:
            raise AnswerError(path, say("A track has 1 to %(most)s keyframes.", most=MOST_KEYFRAMES))
        frames = [self._frame(Mark(one, f"{path}[{place}]"), scene) for place, one in enumerate(given)]
        for place, (one, other) in enumerate(pairwise(frames), start=1):
            if other["time"] <= one["time"]:
                raise AnswerError(f"{path}[{place}].time", say("This keyframe is not after the one before."))
        return {"keyframes": frames}

    def together(self, marks: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
        frames = [mark["keyframes"] for mark in marks]
        check_sum(round(sum(each[-1]["time"] - each[0]["time"] for each in frames)), MOST_SECONDS, path)
        return marks

    def _frame(self, frame: Mark, scene: Scene) -> dict[str, float]:
        found = {"time": frame.number("time", low=scene.start, high=scene.end)}
        for start, size, whole in (("x", "width", scene.width), ("y", "height", scene.height)):
            found[start] = frame.number(start, high=whole)
            found[size] = frame.number(size, high=whole)
            if whole is not None and found[start] + found[size] > whole + 0.011:
                sentence = say(
                    "This box ends at %(end)s, outside the image of %(size)s.",
                    end=found[start] + found[size],
                    size=whole,
                )
                raise AnswerError(frame.at(size), sentence)
        check_size(min(found["width"], found["height"]), self.min_size, frame.path)
        frame.done()
        return {name: found[name] for name in ("time", "x", "y", "width", "height")}
