"""Transcript: what is said or written, word by word. Canonical answer: as of a text."""

from dataclasses import dataclass
from typing import ClassVar

from crowd.labeling.kinds.base import Measure
from crowd.labeling.kinds.text import Text


@dataclass(frozen=True, kw_only=True)
class Transcript(Text):
    """A text whose words are compared one by one: gold counts wrong words, and several become one by ROVER."""

    kind: ClassVar[str] = "transcript"
    measure: ClassVar[Measure] = "own"
