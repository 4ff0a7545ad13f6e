"""From items to tasks: what a worker will see, where it came from, its place in the ring. Nothing is stored here.

Rows that share a page are neighbours in the order in which they came. Gold rows never share a page with others, since
a page is scored as a whole; nor do rows of different redundancy, since a page has one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import SplitError
from crowd.labeling.speech import say
from crowd.labeling.split import Piece, Split, cut

RING = 31  # bits


@dataclass(frozen=True)
class Media:
    """A stored file, as tasks name it: its id, its natural size in pixels, how long it plays; None where there is none.

    All of it goes into the task's payload, so that an answer can be held against it without another query.
    """

    id: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        known = {"width": self.width, "height": self.height, "seconds": self.seconds}
        return {"media": self.id} | {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Datum:
    """What cutting needs of an item. `shown` is what a worker may see of it; `gold` is canonical, or None."""

    id: int
    shown: Mapping[str, Any]
    redundancy: int
    gold: Mapping[str, Any] | None = None
    gold_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A task as it will be stored. `needed` is 0 for gold, which stands outside the ring."""

    item_id: int
    payload: dict[str, Any]
    source: dict[str, Any]
    units: int
    redundancy: int
    ring: int
    gold: dict[str, Any] | None = None
    gold_reason: str = ""

    @property
    def is_gold(self) -> bool:
        return self.gold is not None

    @property
    def needed(self) -> int:
        return 0 if self.is_gold else self.redundancy


def shown(data: Mapping[str, Any], hidden: Iterable[str], media: Mapping[str, Media]) -> dict[str, Any]:
    """The columns a worker sees: all but the hidden ones, with the media in place of their addresses."""
    left_out = frozenset(hidden)
    columns = {name: value for name, value in data.items() if name not in left_out}
    for name, one in media.items():
        columns[name] = one.to_json()
    return columns


def pieces(config: LabelConfig, split: Split, columns: Mapping[str, Any], *, gold: bool) -> list[Piece]:
    """What one item is cut into. Raises SplitError, also for an item in several pieces that is gold or predicted."""
    if split.by == "tiles" and config.data.beside:
        raise SplitError(config.data.beside, say("Of a pair of pictures no tiles are made."))
    found = list(cut(split, columns, config.data.field))
    if gold and len(found) > 1:
        sentence = say("A gold item must stay whole, but this one would be cut into %(count)s tasks.", count=len(found))
        raise SplitError(config.data.field, sentence)
    if len(found) > 1 and columns.get(config.data.prediction):
        sentence = say(
            "What a model answered is about the whole item, which would be cut into %(count)s tasks.", count=len(found)
        )
        raise SplitError(config.data.prediction, sentence)
    return found


def tasks(config: LabelConfig, split: Split, data: Iterable[Datum], rng: Random) -> Iterator[NewTask]:
    """The tasks of these items, in their order; streams, holding one page at a time for each kind of row."""
    waiting: dict[tuple[bool, int], list[Datum]] = {}
    for datum in data:
        if not _shares_page(config, split, datum):
            yield from _cut(config, split, datum, rng)
            continue
        page = waiting.setdefault((datum.gold is not None, datum.redundancy), [])
        page.append(datum)
        if len(page) == int(split.size):
            yield _page(page, rng)
            page.clear()
    yield from (_page(page, rng) for page in waiting.values() if page)


def _shares_page(config: LabelConfig, split: Split, datum: Datum) -> bool:
    """A row that is one unit. A column of rows is paged by itself, and "cannot be answered" is said of a whole task."""
    if split.by != "rows" or split.size == 1 or isinstance(datum.shown.get(config.data.field), list):
        return False
    return datum.gold is None or "units" in datum.gold


def _cut(config: LabelConfig, split: Split, datum: Datum, rng: Random) -> Iterator[NewTask]:
    gold = dict(datum.gold) if datum.gold is not None else None
    for piece in pieces(config, split, datum.shown, gold=gold is not None):
        yield NewTask(
            item_id=datum.id,
            payload=piece.payload,
            source=piece.source,
            units=piece.units,
            redundancy=datum.redundancy,
            ring=rng.getrandbits(RING),
            gold=gold,
            gold_reason=datum.gold_reason,
        )


def _page(page: Sequence[Datum], rng: Random) -> NewTask:
    golds = [unit for datum in page if datum.gold is not None for unit in datum.gold["units"]]
    return NewTask(
        item_id=page[0].id,
        payload={"units": [dict(datum.shown) for datum in page]},
        source={"items": [datum.id for datum in page]},
        units=len(page),
        redundancy=page[0].redundancy,
        ring=rng.getrandbits(RING),
        gold={"units": golds} if golds else None,
        gold_reason="\n".join(datum.gold_reason for datum in page if datum.gold_reason),
    )
