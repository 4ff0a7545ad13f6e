"""The simulated crowd: what each kind of worker says to a picture. Nothing here touches the database."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from random import Random
from typing import Any

from crowd.operations.demo.digits import LABELS, Digit

QUESTION = "digit"
MOST_SLIPS = 0.9
UNREADABLE = 3.5  # from so many slips on, a careful worker may say that he cannot tell
TIRES_AFTER = 20
SECONDS = 2.5  # what one picture takes, in the median
BAD_SKILL = 0.3

Says = Callable[["Person", Digit, int, Random], str]


@dataclass(frozen=True)
class Kind:
    """`bad` workers are those whom a requester would want to find. `speed` is the share of the usual time."""

    name: str
    says: Says
    slips: float = 0.0
    bad: bool = False
    reports: bool = False
    speed: float = 1.0


@dataclass(frozen=True)
class Person:
    number: int
    kind: Kind


def _slips(person: Person, digit: Digit, done: int, random: Random) -> str:
    if random.random() >= min(MOST_SLIPS, person.kind.slips * digit.slips):
        return digit.label
    return _mistaken(digit, random)


def _guesses(person: Person, digit: Digit, done: int, random: Random) -> str:
    return random.choice(LABELS)


def _one_key(person: Person, digit: Digit, done: int, random: Random) -> str:
    return LABELS[person.number % len(LABELS)]


def _contradicts(person: Person, digit: Digit, done: int, random: Random) -> str:
    return _mistaken(digit, random)


def _tires(person: Person, digit: Digit, done: int, random: Random) -> str:
    """The quiz and a while after it are done well; then he clicks whatever is there."""
    return (_slips if done < TIRES_AFTER else _guesses)(person, digit, done, random)


def _mistaken(digit: Digit, random: Random) -> str:
    return random.choices(LABELS, [float(chance) for chance in digit.mistaken])[0]


CAREFUL = Kind("careful", _slips, slips=0.02, reports=True, speed=1.3)
AVERAGE = Kind("average", _slips, slips=0.07, reports=True)
HASTY = Kind("hasty", _slips, slips=0.16, speed=0.6)
GUESSER = Kind("guesser", _guesses, bad=True, speed=0.3)
ONE_KEY = Kind("one key for everything", _one_key, bad=True, speed=0.2)
CONTRARY = Kind("wrong on purpose", _contradicts, bad=True)
TIRING = Kind("good at first, then guessing", _tires, slips=0.04, bad=True, speed=0.8)

# Ten people in their proportions; a crowd is this list, over and over.
MIX = (CAREFUL, AVERAGE, GUESSER, AVERAGE, CAREFUL, HASTY, AVERAGE, CAREFUL, TIRING, AVERAGE)
RARE = {12: ONE_KEY, 22: CONTRARY, 32: ONE_KEY}  # in the place of a guesser


def people(count: int) -> list[Person]:
    """The same people every time: number 0 is careful."""
    return [Person(number, RARE.get(number, MIX[number % len(MIX)])) for number in range(count)]


def answer(person: Person, digit: Digit, done: int, random: Random) -> dict[str, Any]:
    """What he submits; `done` is how many tasks he has done here before."""
    if person.kind.reports and digit.slips > UNREADABLE and random.random() < 0.1:
        return {"cannot_answer": {"reason": "unclear"}}
    return {QUESTION: person.kind.says(person, digit, done, random)}


def active_ms(person: Person, random: Random, seconds: float = SECONDS) -> int:
    return round(1000 * random.lognormvariate(log(seconds * person.kind.speed), 0.4))


def skill(person: Person) -> float:
    """Of a hundred closed questions of any kind, about which share he answers rightly."""
    return BAD_SKILL if person.kind.bad else 1 - person.kind.slips
