"""Ellipses on an image. Canonical mark: label, x, y of the centre, half axes rx and ry, rotation if any."""

from dataclasses import dataclass
from typing import Any, ClassVar

from crowd.labeling.kinds.marks import Mark, Marks, check_size, turned
from crowd.labeling.scene import Scene


@dataclass(frozen=True, kw_only=True)
class Ellipses(Marks):
    """The centre lies inside the image; `rotation` is degrees clockwise."""

    kind: ClassVar[str] = "ellipses"

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        centre = {"x": mark.number("x", high=scene.width), "y": mark.number("y", high=scene.height)}
        axes = {"rx": mark.number("rx", high=scene.width), "ry": mark.number("ry", high=scene.height)}
        check_size(2 * min(axes.values()), self.min_size, mark.path)
        degrees = turned(mark)
        return centre | axes | ({"rotation": degrees} if degrees else {})
