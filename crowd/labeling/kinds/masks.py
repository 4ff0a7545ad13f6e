"""Masks: pixels of an image. Canonical mark: label, size [height, width], counts: COCO's run lengths, never a bitmap.

Runs go down the columns and begin with one of zeros (uncompressed RLE of pycocotools; T.-Y. Lin et al., Microsoft COCO,
ECCV 2014). The compressed form, a string, is taken too.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import kind_of
from crowd.labeling.kinds.marks import Mark, Marks, check_size, check_sum
from crowd.labeling.scene import Scene
from crowd.labeling.speech import say

MOST_RUNS = 200_000  # of one mask, and of all that an answer has
MOST_PIXELS = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Masks(Marks):
    """`min_size` is the side of a square with as many pixels."""

    kind: ClassVar[str] = "masks"

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        size = self._size(mark, scene)
        counts = _counts(mark)
        if sum(counts) != size[0] * size[1]:
            sentence = say(
                "The runs add up to %(sum)s pixels, not to %(height)s × %(width)s.",
                sum=sum(counts),
                height=size[0],
                width=size[1],
            )
            raise AnswerError(mark.at("counts"), sentence)
        check_size(sum(counts[1::2]) ** 0.5, self.min_size, mark.path)
        return {"size": size, "counts": counts}

    def together(self, marks: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
        check_sum(sum(len(mark["counts"]) for mark in marks), MOST_RUNS, path)
        return marks

    def _size(self, mark: Mark, scene: Scene) -> list[int]:
        size, path = mark.get("size"), mark.at("size")
        if not isinstance(size, list | tuple) or len(size) != 2 or not all(type(side) is int for side in size):
            raise AnswerError(path, say("This must be a list of height and width in pixels."))
        height, width = size
        if not (height > 0 and width > 0 and height * width <= MOST_PIXELS):
            raise AnswerError(path, say("A mask has 1 to %(most)s pixels.", most=MOST_PIXELS))
        wanted = [scene.height or height, scene.width or width]
        if [height, width] != wanted:
            raise AnswerError(
                path,
                say(
                    "The mask is %(height)s × %(width)s, the image %(high)s × %(wide)s (height × width).",
                    height=height,
                    width=width,
                    high=wanted[0],
                    wide=wanted[1],
                ),
            )
        return [height, width]


def _counts(mark: Mark) -> list[int]:
    """Runs, every one but the first above 0."""
    given, path = mark.get("counts"), mark.at("counts")
    if isinstance(given, str):
        given = uncompressed(given, path)
    if not isinstance(given, list | tuple):
        raise AnswerError(path, say("This must be a list of run lengths, not %(kind)s.", kind=kind_of(given)))
    if len(given) > MOST_RUNS:
        raise AnswerError(path, say("A mask may have %(most)s runs; this has %(n)s.", most=MOST_RUNS, n=len(given)))
    if not all(type(run) is int and run >= (0 if place == 0 else 1) for place, run in enumerate(given)):
        raise AnswerError(path, say("Run lengths are whole numbers above 0; only the first may be 0."))
    return list(given)


def uncompressed(text: str, path: str) -> list[int]:
    """COCO's compressed runs: base-32 digits from "0" on, six bits a character, each run from the third on as the
    difference from the one before the last (rleFrString of maskApi.c)."""
    runs: list[int] = []
    at = 0
    while at < len(text) and len(runs) <= MOST_RUNS:
        value, shift, more = 0, 0, True
        while more:
            digit = ord(text[at]) - 48 if at < len(text) else -1
            if not 0 <= digit < 64 or shift > 60:
                raise AnswerError(path, say("These are no run lengths in COCO's compressed form."))
            value |= (digit & 0x1F) << shift
            more, shift, at = bool(digit & 0x20), shift + 5, at + 1
            if not more and digit & 0x10:
                value |= -1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    return runs
