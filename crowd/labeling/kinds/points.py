"""Points, keypoints of a named skeleton, polylines and polygons: what is given by places on an image.

Places are ``[x, y]`` in natural pixels, inside the image.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from crowd.labeling.errors import AnswerError, ConfigError
from crowd.labeling.fields import Fields, kind_of, listed, meant, shown
from crowd.labeling.kinds.marks import DIGITS, LARGEST, Mark, Marks, check_size, number
from crowd.labeling.scene import Scene
from crowd.labeling.speech import joined, say

MOST_POINTS = 5_000
MOST_PLACES = 50_000  # of all marks of an answer
MOST_KEYPOINTS = 200
NEAR = 10.0  # pixels
_NUMBERS = (int, float)


@dataclass(frozen=True, kw_only=True)
class Placed(Marks):
    """Marks whose places are compared by distance: careful workers err by `tolerance` pixels."""

    tolerance: float = NEAR

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        tolerance = fields.number("tolerance", default=NEAR, at_least=0.1, at_most=LARGEST)
        return {"tolerance": tolerance}

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"tolerance": self.tolerance}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        tolerance = {"type": "number", "minimum": 0.1, "maximum": LARGEST, "default": NEAR}
        return own | {"properties": own["properties"] | {"tolerance": tolerance}}


@dataclass(frozen=True, kw_only=True)
class Points(Placed):
    """Canonical mark: label, x, y."""

    kind: ClassVar[str] = "points"

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        return {"x": mark.number("x", high=scene.width), "y": mark.number("y", high=scene.height)}


@dataclass(frozen=True, kw_only=True)
class Polylines(Placed):
    """Canonical mark: label, points: two or more, in order."""

    kind: ClassVar[str] = "polylines"
    listing: ClassVar[str] = "points"
    most_listed: ClassVar[int] = MOST_PLACES

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        return {"points": places(mark, scene, at_least=2, min_size=self.min_size)}


@dataclass(frozen=True, kw_only=True)
class Polygons(Marks):
    """Canonical mark: label, points: three corners or more, in order; the last joins the first."""

    kind: ClassVar[str] = "polygons"
    listing: ClassVar[str] = "points"
    most_listed: ClassVar[int] = MOST_PLACES
    transcribed: ClassVar[bool] = True

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        points = places(mark, scene, at_least=3, min_size=self.min_size)
        around = zip(points, points[1:] + points[:1], strict=True)
        if abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in around)) < 1e-6:
            raise AnswerError(mark.at("points"), say("This mark has no size."))
        return {"points": points}


@dataclass(frozen=True, kw_only=True)
class Keypoints(Placed):
    """Canonical mark: label, points: ``{keypoint: [x, y]}`` in the skeleton's order; what cannot be seen is left out.

    `skeleton` names the keypoints; `edges` are pairs of them that the page joins by a line.
    """

    kind: ClassVar[str] = "keypoints"

    skeleton: tuple[str, ...]
    edges: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read_own(cls, fields: Fields) -> dict[str, Any]:
        skeleton = fields.names("skeleton", at_most=MOST_KEYPOINTS)
        if not skeleton:
            raise ConfigError(fields.at("skeleton"), say("This must not be empty."))
        return super().read_own(fields) | {"skeleton": skeleton, "edges": _edges(fields, skeleton)}

    def geometry(self, mark: Mark, scene: Scene) -> dict[str, Any]:
        given = mark.get("points")
        if not isinstance(given, Mapping):
            sentence = say("This must be an object of keypoints, not %(kind)s.", kind=kind_of(given))
            raise AnswerError(mark.at("points"), sentence)
        for name in given:
            if name not in self.skeleton:
                hint = meant(name, self.skeleton) or say("They are %(names)s.", names=listed(self.skeleton))
                fault = joined(say("%(value)s is not one of the keypoints.", value=shown(name)), hint)
                raise AnswerError(f"{mark.at('points')}.{name}", fault)
        at, seen = mark.at("points"), [name for name in self.skeleton if given.get(name) is not None]
        if not seen:
            raise AnswerError(at, say("No keypoint is given."))
        return {"points": {name: place(given[name], f"{at}.{name}", scene) for name in seen}}

    def own_json(self) -> dict[str, Any]:
        return super().own_json() | {"skeleton": list(self.skeleton), "edges": [list(edge) for edge in self.edges]}

    @classmethod
    def own_schema(cls) -> dict[str, Any]:
        own = super().own_schema()
        name = {"type": "string", "minLength": 1, "maxLength": 100}
        edge = {"type": "array", "items": name, "minItems": 2, "maxItems": 2}
        more = {
            "skeleton": {"type": "array", "items": name, "minItems": 1, "maxItems": MOST_KEYPOINTS},
            "edges": {"type": "array", "items": edge, "default": []},
        }
        return own | {"properties": own["properties"] | more, "required": [*own["required"], "skeleton"]}


def _edges(fields: Fields, skeleton: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if fields.get("edges") is None:
        return ()
    rows = fields.list_of("edges", at_least=0, at_most=1_000, what=say("edges"))
    for row, edge in enumerate(rows):
        if not isinstance(edge, list | tuple) or len(edge) != 2 or not all(end in skeleton for end in edge):
            raise ConfigError(f"{fields.at('edges')}[{row}]", say("An edge joins two keypoints of the skeleton."))
    return tuple((one, other) for one, other in rows)


def place(value: Any, path: str, scene: Scene) -> list[float]:
    """One place ``[x, y]`` inside the image; raises AnswerError."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise AnswerError(path, say("A place is a list of x and y."))
    sides = (scene.width, scene.height)
    return [
        number(one, f"{path}[{axis}]", low=0, high=side)
        for axis, (one, side) in enumerate(zip(value, sides, strict=True))
    ]


def _quick(value: Any, width: float, height: float) -> list[float] | None:
    """`place` of what is right beyond doubt, of which an answer has thousands; None for what has to be looked at."""
    if type(value) is not list or len(value) != 2:
        return None
    x, y = value
    if type(x) not in _NUMBERS or type(y) not in _NUMBERS or not (0 <= x <= width and 0 <= y <= height):
        return None
    return [round(float(x), DIGITS), round(float(y), DIGITS)]


def places(mark: Mark, scene: Scene, *, at_least: int, min_size: float) -> list[list[float]]:
    """The `points` of a mark, which together are at least `min_size` wide or high; raises AnswerError."""
    given, path = mark.get("points"), mark.at("points")
    if not isinstance(given, list | tuple):
        raise AnswerError(path, say("This must be a list of places, not %(kind)s.", kind=kind_of(given)))
    if not at_least <= len(given) <= MOST_POINTS:
        sentence = say("This needs %(least)s to %(most)s places.", least=at_least, most=MOST_POINTS)
        raise AnswerError(path, sentence)
    limits = scene.width or LARGEST, scene.height or LARGEST
    found = [_quick(one, *limits) or place(one, f"{path}[{number}]", scene) for number, one in enumerate(given)]
    check_size(max(max(axis) - min(axis) for axis in zip(*found, strict=True)), min_size, mark.path)
    return found
