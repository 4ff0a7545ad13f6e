"""Who works in a simulation, and what each says. Pure: what somebody says to an item depends on the seed, on him and on
the item alone, so that the same crowd without its spammers gives the same answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

TIRES_AFTER = 30
BIAS = 0.35
RINGS = 2  # rings of colluding workers, each with answers of its own


class Kind(StrEnum):
    GOOD = "good"  # 85 to 97 % right
    MIDDLING = "middling"  # 70 to 85 %
    BIASED = "biased"  # good, but a third of his answers are a label that he likes
    LAZY = "lazy"  # good at first, then guessing
    COLLUDING = "colluding"  # a ring with the same made-up answers
    SPAMMER = "spammer"  # guesses, or presses one key; last, so that without them all others are the same people


@dataclass(frozen=True)
class Person:
    """`accuracy` is what he reaches where he tries; `number` says which label he likes, and which ring is his."""

    number: int
    kind: Kind
    accuracy: float


@dataclass(frozen=True)
class World:
    """The labels, and the true one of each item."""

    labels: Sequence[str]
    truth: Sequence[str]
    seed: int

    def dice(self, *who: object) -> Random:
        return Random(":".join(map(str, (self.seed, *who))))  # noqa: S311 (a simulation)


Says = Callable[[World, Person, int, int], str]


def says(world: World, person: Person, item: int, done: int) -> str:
    """His answer to an item, after he has given `done` others."""
    return SAYS[person.kind](world, person, item, done)


def true_accuracy(world: World, person: Person, *, done: int = 0) -> float:
    """Of his answers to all items, had he been asked them all."""
    right = sum(says(world, person, item, done) == label for item, label in enumerate(world.truth))
    return right / len(world.truth)


def _tries(world: World, person: Person, item: int, done: int) -> str:
    dice, label = world.dice("tries", person.number, item), world.truth[item]
    if dice.random() < person.accuracy:
        return label
    return dice.choice([one for one in world.labels if one != label])


def _guesses(world: World, person: Person, item: int, done: int) -> str:
    return world.dice("guesses", person.number, item).choice(world.labels)


def _spams(world: World, person: Person, item: int, done: int) -> str:
    if person.number % 4:
        return _guesses(world, person, item, done)
    return world.labels[person.number // 4 % len(world.labels)]


def _likes(world: World, person: Person, item: int, done: int) -> str:
    if world.dice("likes", person.number, item).random() < BIAS:
        return world.labels[person.number % len(world.labels)]
    return _tries(world, person, item, done)


def _tires(world: World, person: Person, item: int, done: int) -> str:
    return (_tries if done < TIRES_AFTER else _guesses)(world, person, item, done)


def _colludes(world: World, person: Person, item: int, done: int) -> str:
    return world.dice("ring", person.number % RINGS, item).choice(world.labels)


SAYS: dict[Kind, Says] = {
    Kind.GOOD: _tries,
    Kind.MIDDLING: _tries,
    Kind.BIASED: _likes,
    Kind.LAZY: _tires,
    Kind.SPAMMER: _spams,
    Kind.COLLUDING: _colludes,
}
RANGE = {Kind.MIDDLING: (0.70, 0.85)}


def people(counts: dict[Kind, int], seed: int) -> list[Person]:
    """So many of each kind, in an order that mixes them."""
    dice = Random(f"{seed}:people")  # noqa: S311 (a simulation)
    kinds = [kind for kind in Kind for _place in range(counts.get(kind, 0))]
    crowd = [Person(number, kind, dice.uniform(*RANGE.get(kind, (0.85, 0.97)))) for number, kind in enumerate(kinds)]
    dice.shuffle(crowd)
    return crowd
