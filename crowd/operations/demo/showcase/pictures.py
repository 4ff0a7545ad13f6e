"""Pictures of shapes, streets and signs, each with what is where in it."""

from itertools import product
from random import Random
from typing import Any

from crowd.operations.demo.showcase import media
from crowd.operations.demo.showcase.media import HEIGHT, WIDTH, Shape, Sign, Street
from crowd.operations.demo.showcase.thing import COUNT, Thing

CELL = 160  # of a grid of three by two
WORDS = ("EXIT", "STOP", "OPEN", "TAXI", "MUSEUM", "PLATFORM 2", "ROOM 101", "LIBRARY", "NO ENTRY", "AIRPORT")
REASONS = ["clear edges"]


def shapes(random: Random) -> list[Thing]:
    """One to four shapes; now and then none."""
    return [_boxed(_shapes(random, 0 if number % 7 == 3 else random.randint(1, 4))) for number in range(COUNT)]


def _boxed(shapes: list[Shape]) -> Thing:
    boxes = [{"label": one.kind, "x": one.x, "y": one.y, "width": one.size, "height": one.size} for one in shapes]
    truth = {"seen": "yes", "shapes": boxes} if shapes else {"seen": "no"}
    return Thing(truth=truth, files={"image": media.picture(shapes)})


def _shapes(random: Random, count: int) -> list[Shape]:
    places = random.sample(list(product(range(3), range(2))), count)
    return [shape(random, column * CELL, row * CELL) for column, row in places]


def shape(random: Random, x: int, y: int) -> Shape:
    size = random.randint(60, 120)
    room = 150 - size
    kind = random.choice(sorted(media.COLOURS))
    return Shape(kind=kind, x=x + 5 + random.randint(0, room), y=y + 5 + random.randint(0, room), size=size)


def outlines(random: Random) -> list[Thing]:
    """Each kind of shape is marked in its own way."""
    return [_outlined(_shapes(random, random.randint(2, 4))) for _number in range(COUNT)]


def _outlined(shapes: list[Shape]) -> Thing:
    asked = {"round": ("circle", _ellipse), "pointed": ("triangle", _corners), "area": ("square", _mask)}
    truth = {name: [mark(one) for one in shapes if one.kind == kind] for name, (kind, mark) in asked.items()}
    return Thing(truth=truth, files={"image": media.picture(shapes)})


def _ellipse(one: Shape) -> dict[str, Any]:
    half = one.size / 2
    return {"label": one.kind, "x": one.x + half, "y": one.y + half, "rx": half, "ry": half}


def _corners(one: Shape) -> dict[str, Any]:
    right, low = one.x + one.size, one.y + one.size
    return {"label": one.kind, "points": [[one.x + one.size / 2, one.y], [right, low], [one.x, low]]}


def _mask(one: Shape) -> dict[str, Any]:
    """Runs down the columns, outside and inside in turn."""
    first, gap = one.x * HEIGHT + one.y, HEIGHT - one.size
    inner = [one.size, gap] * (one.size - 1)
    last = WIDTH * HEIGHT - first - sum(inner) - one.size
    return {"label": one.kind, "size": [HEIGHT, WIDTH], "counts": [first, *inner, one.size, last]}


def streets(random: Random) -> list[Thing]:
    return [_street(random) for _number in range(COUNT)]


def _street(random: Random) -> Thing:
    """A road from left to right below a figure and some trees."""
    road = [(x, random.randint(230, 300)) for x in (20, 160, 310, 460)]
    x, y = random.randint(60, 200), random.randint(40, 70)
    figure = [(x, y), (x + random.randint(-10, 10), y + 60), (x - 25, y + 110), (x + 25, y + 115)]
    trees = [(280 + 70 * number, random.randint(40, 180)) for number in range(random.randint(1, 3))]
    names = ("head", "hip", "left foot", "right foot")
    truth = {
        "road": [{"label": "road", "points": [list(one) for one in road]}],
        "person": [{"label": "figure", "points": dict(zip(names, map(list, figure), strict=True))}],
        "trees": [{"label": "tree", "x": x, "y": y} for x, y in trees],
    }
    return Thing(truth=truth, files={"image": media.street(Street(road=road, figure=figure, trees=trees))})


def boards(random: Random) -> list[Thing]:
    return [_boards(random, 1 + number % 3) for number in range(COUNT)]


def _boards(random: Random, count: int) -> Thing:
    """One above the other."""
    signs = [
        Sign(words=words, x=random.randint(20, 200), y=20 + 100 * place, width=60 + 14 * len(words), height=50)
        for place, words in enumerate(random.sample(WORDS, count))
    ]
    boxes = [
        {"label": "sign", "x": one.x, "y": one.y, "width": one.width, "height": one.height, "text": one.words}
        for one in signs
    ]
    return Thing(truth={"signs": boxes}, files={"image": media.signs(signs)})


def pairs(random: Random) -> list[Thing]:
    return [_pair(random, alike=number % 2 == 0) for number in range(COUNT)]


def _pair(random: Random, *, alike: bool) -> Thing:
    """Of two pictures one is not sharp; where they are not alike, one of its shapes is missing."""
    shown = _shapes(random, 3)
    sides = ["A", "B"]
    random.shuffle(sides)
    sharp, soft = media.picture(shown), media.picture(shown if alike else shown[1:], blur=2.5)
    truth = {"same": "yes" if alike else "no", "sharper": {"choice": sides[0], "reasons": REASONS}}
    return Thing(truth=truth, files={sides[0]: sharp, sides[1]: soft})


def drawing(random: Random) -> tuple[str, bytes]:
    """What a simulated worker brings: two shapes on paper."""
    shown = [shape(random, 0, 0), shape(random, CELL, 0)]
    return "drawing.png", media.picture(shown, width=2 * CELL, height=CELL)
