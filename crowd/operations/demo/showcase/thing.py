"""What every show has: things to label whose right answers are known."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

SEED = Path(__file__).parent / "seed"
GOLD, FIRST, REST = 2, 6, 6  # things with a known answer, those that the crowd works through, those that wait
COUNT = GOLD + FIRST + REST


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An item: its columns, its files by the column that names each, and the right answers by question."""

    truth: Mapping[str, Any]
    columns: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Show:
    """`cents` is the reward, `seconds` what one task takes, `ending` that of its files, empty where it is words.

    `brought` makes the file that a simulated worker brings and says how it is called, by what a question `takes`, where
    it collects some: there is no truth then.
    """

    title: str
    description: str
    cents: int
    seconds: float
    config: Mapping[str, Any]
    things: Callable[[Random], Sequence[Thing]]
    ending: str = ""
    brought: Mapping[str, Callable[[Random], tuple[str, bytes]]] = field(default_factory=dict)


def asking(name: str) -> dict[str, Any]:
    """The label config of a show, as a requester would send it."""
    found: dict[str, Any] = json.loads((SEED / f"{name}.json").read_text(encoding="utf-8"))
    return found


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SEED / f"{name}-items.json").read_text(encoding="utf-8"))
    return found
