"""Boxes: rectangles on an image, in natural pixels. Canonical mark: label, x, y, width, height, and rotation if any."""

from dataclasses import dataclass
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError
from crowd.labeling.fields import Fields
from crowd.labeling.kinds.marks import Mark, Marks, check_size, turned
from crowd.labeling.scene import Scene
from crowd.labeling.speech import say


@dataclass(frozen=True, kw_only=True)
class Boxes(Marks):
    """x, y is the upper left corner before rotation, which is degrees clockwise about the centre, where `rotation`.

    A straight box lies inside the image; of a rotated one the centre does. With `transcript` this is OCR.
    """

    kind: ClassVar[str] = "boxes"
    transcribed: ClassVar[bool] = True

    rotation: bool = False

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        return {"rotation": fields.flag("rotation", default=False)}

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        degrees = self._degrees(mark)
        low = -1e6 if degrees else 0.0
        width, height = mark.number("width", high=scene.width), mark.number("height", high=scene.height)
        box = {"x": mark.number("x", low=low, high=scene.width), "y": mark.number("y", low=low, high=scene.height)}
        check_size(min(width, height), self.min_size, mark.path)
        self._inside(mark, box | {"width": width, "height": height}, scene, turned=bool(degrees))
        return box | {"width": width, "height": height} | ({"rotation": degrees} if degrees else {})

    def _degrees(self, mark: Mark) -> float:
        degrees = turned(mark)
        if degrees and not self.rotation:
            raise AnswerError(mark.at("rotation"), say("Boxes are straight here."))
        return degrees

    def _inside(self, mark: Mark, box: dict[str, float], scene: Scene, *, turned: bool) -> None:
        for side, start, size in (("width", box["x"], scene.width), ("height", box["y"], scene.height)):
            end = start + box[side] / (2 if turned else 1)
            if start + box[side] / 2 < 0 or (size is not None and end > size + 0.011):
                sentence = say("This box ends at %(end)s, outside the image of %(size)s.", end=end, size=size or 0)
                raise AnswerError(mark.at(side), sentence)

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"rotation": self.rotation}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        return own | {"properties": own["properties"] | {"rotation": {"type": "boolean", "default": False}}}
