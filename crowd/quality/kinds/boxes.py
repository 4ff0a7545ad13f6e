"""Boxes as JSON: x, y, width, height, and rotation in degrees where there is one."""

from collections.abc import Mapping
from typing import Any

from crowd.quality.boxes import Box, BoxShape
from crowd.quality.kinds.marks import MarkJudge, rounded


def boxes(settings: Mapping[str, Any]) -> MarkJudge[Box]:
    return MarkJudge(BoxShape(), read_box, write_box)


def read_box(mark: Mapping[str, Any]) -> Box:
    return Box(mark["x"], mark["y"], mark["width"], mark["height"], mark.get("rotation", 0.0))


def write_box(box: Box) -> dict[str, Any]:
    straight = {name: rounded(value) for name, value in box._asdict().items()}
    rotation = straight.pop("rotation")
    return straight | ({"rotation": rotation} if rotation else {})
