"""Marks of neighbouring pieces of one item put together again: what lies across a seam is one thing.

Tiles of a picture, clips of a recording and parts of a text overlap, and what lies in the strip that two of them share
is marked in both. Every piece's marks are merged by themselves; then, over all pieces of the item:

1. Two marks of neighbouring pieces, of equal label, are one thing where their parts in the shared strip are alike;
   without a strip, where both reach the seam and meet there. The most alike first; of one piece no two are one thing,
   except outlines and lines, which a seam may cut into several: outlines where all of them are cut off and none covers
   another; lines, of which an end goes on in one line of each neighbour.
2. Where somebody saw the whole of it, away from every seam, his mark is kept, the most certain first. What nobody saw
   whole is put together of its parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

JsonMark: TypeAlias = Mapping[str, Any]
Frame: TypeAlias = tuple[float, float, float, float]
"""x, y of the upper left and of the lower right corner in pixels; of time and text (start, 0, end, 0)."""
Place: TypeAlias = tuple[int, int]  # of a piece, and of a mark in it
Ends: TypeAlias = tuple[int, int]  # of two marks, those at which they meet


@dataclass(frozen=True)
class Piece:
    """What of the whole it shows, and its merged marks, told in places of the whole; `sure` (n,): how sure each is."""

    frame: Frame
    marks: Sequence[JsonMark]
    sure: Sequence[float]


@dataclass(frozen=True)
class Whole:
    """One thing of the item: `parts` are the pieces' marks that it was put together of, in their order; `sure` is the
    largest."""

    mark: JsonMark
    sure: float
    parts: tuple[Place, ...]

    @property
    def pieces(self) -> tuple[int, ...]:
        """The places of those that show it, in their order."""
        return tuple(sorted({piece for piece, _place in self.parts}))


class Seam(ABC):
    """What putting together has to know of one kind of mark."""

    @abstractmethod
    def slack(self, frame: Frame) -> float:
        """How near to the edge of such a piece a mark counts as cut off there."""

    @abstractmethod
    def bounds(self, mark: JsonMark) -> Frame:
        """The straight box around a mark."""

    @abstractmethod
    def alike(self, one: Part, other: Part) -> float:
        """How alike two marks are where both pieces show them, in [0, 1]; 0 for two things."""

    def meetings(self, one: Part, other: Part) -> Iterable[tuple[float, Ends | None]]:
        """How alike they are where they meet, and at which end of each: it meets one mark of the other's piece."""
        return [(self.alike(one, other), None)]

    def apart(self, one: Part, other: Part) -> bool:
        """Whether two marks of one piece are two things, whatever other pieces show."""
        return True

    @abstractmethod
    def join(self, parts: Sequence[Part]) -> JsonMark:
        """One mark of two or more that are one thing, the most certain first."""

    def joined(self, parts: Sequence[Part]) -> Sequence[tuple[JsonMark, Sequence[Part]]]:
        """What two or more that belong together come to, each with what it was put together of: one mark, save where
        things branch."""
        return [(self.join(parts), parts)]


@dataclass(frozen=True)
class Part:
    """A mark as its piece shows it. `edges`: the piece's edge on each side where the item goes on, else None."""

    mark: JsonMark
    sure: float
    frame: Frame
    edges: tuple[float | None, ...]
    around: Frame
    slack: float

    @cached_property
    def cut(self) -> tuple[bool, ...]:
        """On which sides (those of a frame) it may go on beyond its piece."""
        outward = (-1, -1, 1, 1)
        return tuple(
            edge is not None and (at - edge) * out >= -self.slack
            for edge, at, out in zip(self.edges, self.around, outward, strict=True)
        )

    @cached_property
    def reach(self) -> Frame:
        """The box around it, drawn out to the edges at which it is cut off."""
        x0, y0, x1, y1 = (
            frame if cut else at for frame, at, cut in zip(self.frame, self.around, self.cut, strict=True)
        )
        return x0, y0, x1, y1

    @property
    def is_whole(self) -> bool:
        return not any(self.cut)


def stitch(seam: Seam, pieces: Sequence[Piece]) -> list[Whole]:
    """The things that all pieces of an item show, each once, in the order of the pieces and of their marks."""
    parts = _parts(seam, pieces)
    groups: dict[Place, list[Place]] = {
        (piece, place): [(piece, place)] for piece, marks in enumerate(parts) for place in range(len(marks))
    }
    met: set[tuple[Place, int, int]] = set()  # a mark's end, and the piece in which it goes on
    for one, other, ends in _pairs(seam, parts):
        here = {(one, ends[0], other[0]), (other, ends[1], one[0])} if ends else set()
        mine, theirs = groups[one], groups[other]
        if met & here or (mine is not theirs and _apart(seam, parts, mine, theirs)):
            continue
        met |= here
        if mine is not theirs:
            mine.extend(theirs)
            groups.update(dict.fromkeys(theirs, mine))
    found = {id(group): group for group in groups.values()}
    return sorted((one for group in found.values() for one in _wholes(seam, parts, group)), key=lambda one: one.parts)


def _apart(seam: Seam, parts: Sequence[Sequence[Part]], mine: Sequence[Place], theirs: Sequence[Place]) -> bool:
    """Whether a piece has marks in both that are two things."""
    of_piece: dict[int, list[int]] = defaultdict(list)
    for piece, place in mine:
        of_piece[piece].append(place)
    return any(
        seam.apart(parts[piece][place], parts[piece][own]) for piece, place in theirs for own in of_piece.get(piece, ())
    )


def _wholes(seam: Seam, parts: Sequence[Sequence[Part]], group: Sequence[Place]) -> list[Whole]:
    places = {id(parts[piece][place]): (piece, place) for piece, place in sorted(group)}
    mine = sorted((parts[piece][place] for piece, place in places.values()), key=lambda part: -part.sure)
    found = seam.joined(mine) if len(mine) > 1 else [(mine[0].mark, mine)]
    return [
        Whole(mark, max(part.sure for part in some), tuple(sorted(places[id(part)] for part in some)))
        for mark, some in found
    ]


def _parts(seam: Seam, pieces: Sequence[Piece]) -> list[list[Part]]:
    frames = np.array([piece.frame for piece in pieces], float).reshape(-1, 4)
    ends = [*frames[:, :2].min(axis=0).tolist(), *frames[:, 2:].max(axis=0).tolist()] if len(frames) else []
    found = []
    for piece in pieces:
        edges = tuple(None if at == end else at for at, end in zip(piece.frame, ends, strict=True))
        slack = seam.slack(piece.frame)
        found.append(
            [
                Part(mark, sure, piece.frame, edges, seam.bounds(mark), slack)
                for mark, sure in zip(piece.marks, piece.sure, strict=True)
            ]
        )
    return found


def _pairs(seam: Seam, parts: Sequence[Sequence[Part]]) -> list[tuple[Place, Place, Ends | None]]:
    """Marks that may be one thing, the most alike first, and the ends at which they meet."""
    pairs: list[tuple[float, Place, Place, Ends | None]] = []
    for one, other in _neighbours(parts):
        for i, j in _near(parts[one], parts[other]):
            mine, theirs = parts[one][i], parts[other][j]
            if mine.mark["label"] == theirs.mark["label"]:
                met = seam.meetings(mine, theirs)
                pairs += [(-alike, (one, i), (other, j), ends) for alike, ends in met if alike]
    return [(one, other, ends) for _alike, one, other, ends in sorted(pairs, key=lambda pair: pair[:3])]


def _neighbours(parts: Sequence[Sequence[Part]]) -> Iterator[Place]:
    """Pieces with marks that overlap or touch. Only those that begin before one ends are looked at."""
    marked = [place for place, marks in enumerate(parts) if marks]
    marked.sort(key=lambda place: parts[place][0].frame)
    frames = np.array([parts[place][0].frame for place in marked], float).reshape(-1, 4)
    for row, frame in enumerate(frames):
        until = int(np.searchsorted(frames[:, 0], frame[2], side="right"))
        after = frames[row + 1 : until]
        touching = (after[:, 1] <= frame[3]) & (after[:, 3] >= frame[1]) & (after[:, 2] >= frame[0])
        for step in np.flatnonzero(touching).tolist():
            one, other = sorted((marked[row], marked[row + 1 + step]))
            yield one, other


def _near(one: Sequence[Part], other: Sequence[Part]) -> Iterator[Place]:
    """Marks of two pieces whose surroundings meet."""
    mine, theirs = (np.array([part.reach for part in each], float) for each in (one, other))
    slack = max(one[0].slack, other[0].slack)
    apart = np.maximum(mine[:, None, :2], theirs[None, :, :2]) - np.minimum(mine[:, None, 2:], theirs[None, :, 2:])
    for i, j in zip(*np.nonzero((apart <= slack).all(axis=2)), strict=True):
        yield int(i), int(j)


def shared(one: Part, other: Part) -> Frame | None:
    """The strip that both pieces show; None where there is none. Without overlap it has no width."""
    low = [max(a, b) for a, b in zip(one.frame[:2], other.frame[:2], strict=True)]
    high = [min(a, b) for a, b in zip(one.frame[2:], other.frame[2:], strict=True)]
    return (low[0], low[1], high[0], high[1]) if low[0] <= high[0] and low[1] <= high[1] else None


def seen_whole(parts: Sequence[Part]) -> JsonMark | None:
    """The most certain mark of those who saw all of it, away from every seam."""
    return next((part.mark for part in parts if part.is_whole), None)


def texts(parts: Sequence[Part]) -> dict[str, str]:
    """What is read or heard in the whole: the parts' texts in the order of their places, what two share once."""
    found: list[str] = []
    for part in sorted(parts, key=lambda one: (one.frame[1], one.frame[0])):
        words = str(part.mark.get("text", "")).split()
        most = min(len(found), len(words))
        common = next((size for size in range(most, 0, -1) if found[-size:] == words[:size]), 0)
        found += words[common:]
    return {"text": " ".join(found)} if found else {}
