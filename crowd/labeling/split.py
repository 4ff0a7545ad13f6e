"""Cutting one item into what fits on a task's page, remembering where in the item each piece came from."""

import json
import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, product
from typing import Any

from crowd.labeling.errors import ConfigError, SplitError
from crowd.labeling.fields import Fields, kind_of, meant, shown
from crowd.labeling.sentences import Span, paragraphs, sentences, trimmed
from crowd.labeling.speech import joined, say

MAX_PIECES = 100_000  # of one item: more is a slip of the unit, not a wish
MAX_REPEATED = 100_000_000  # characters of one item's other columns, which stand beside each of its pieces
MAX_PAGE = 100
MAX_OVERLAP = 0.9
SHORTEST_REST = 0.005  # seconds; what is left beyond the last clip joins it when it is less

# What each way of cutting is for, and the bounds of its size: (data kinds, smallest, largest)
_WAYS: dict[str, tuple[tuple[str, ...], float, float]] = {
    "none": (("image", "text", "audio", "video", "row", "series"), 1, 1),
    "paragraph": (("text",), 1, 1_000),
    "sentence": (("text",), 1, 1_000),
    "length": (("text",), 10, 1_000_000),
    "seconds": (("audio", "video"), 0.1, 86_400),
    "rows": (("row",), 1, MAX_PAGE),
    "tiles": (("image",), 64, 20_000),
}


@dataclass(frozen=True, kw_only=True)
class Split:
    """How items become tasks.

    `by` none: the whole item. paragraph, sentence: `size` of them together. length: at most `size` code points, cut
    between words where that is possible. seconds: `size` seconds of an audio or video, whose length is the caller's to
    give, stands in `duration_column`, or was measured when the file came. tiles: squares of `size` pixels of a picture,
    smaller at its right and lower edges. rows: `size` rows to a page. `overlap` is in the same measure as `size`, and
    at most nine tenths of it; by length, pieces overlap by at most that much.
    """

    by: str = "none"
    size: float = 1
    overlap: float = 0
    duration_column: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether only the file itself tells what becomes of an item."""
        return self.by == "tiles" or (self.by == "seconds" and not self.duration_column)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What becomes a task: `payload` is ``{"units": [columns, ...]}``, `source` where in its item it was.

    source: empty for a whole item; `start` and `end`, half-open, in code points (text), seconds (audio, video) or
    positions of rows; of a tile `x`, `y`, `width`, `height` and `of`, the width and height of the whole, in pixels.
    """

    payload: dict[str, Any]
    source: dict[str, Any]

    @property
    def units(self) -> int:
        return len(self.payload["units"])


def parse_split(data: Mapping[str, Any] | None, *, data_kind: str | None = None) -> Split:
    """A split from its JSON object; null or empty is the whole item. Raises ConfigError.

    With the label config's `data_kind`, a way of cutting that does not fit it is refused too.
    """
    fields = Fields(data or {})
    by = fields.one_of("by", tuple(_WAYS), default="none")
    kinds, least, most = _WAYS[by]
    if data_kind is not None and data_kind not in kinds:
        raise ConfigError("by", say("Items of kind %(data_kind)s cannot be cut by %(by)s.", data_kind=data_kind, by=by))
    default = 1 if least == 1 else None
    size = fields.number("size", default=default, at_least=least, at_most=most)
    overlap = fields.number("overlap", default=0, at_least=0, at_most=most)
    duration = fields.text("duration_column", at_most=200, default="")
    fields.done()
    split = Split(by=by, size=size, overlap=overlap, duration_column=duration)
    _check(split)
    return split


def _check(split: Split) -> None:
    if split.by != "seconds" and not (split.size == int(split.size) and split.overlap == int(split.overlap)):
        raise ConfigError("size", say("Cutting by %(by)s needs whole numbers.", by=split.by))
    if split.overlap and split.by in ("none", "rows"):
        raise ConfigError("overlap", say("Cutting by %(by)s has no overlap.", by=split.by))
    # Nearer to the size, the pieces of one item would together be many times the item.
    if split.overlap > split.size * MAX_OVERLAP:
        raise ConfigError(
            "overlap",
            say(
                "%(overlap)s must be less than the size: at most %(share)s of %(size)s.",
                overlap=split.overlap,
                share=f"{MAX_OVERLAP:.0%}",
                size=split.size,
            ),
        )
    if split.duration_column and split.by != "seconds":
        raise ConfigError("duration_column", say("Only cutting by seconds uses a duration."))


def cut(split: Split, item_data: Mapping[str, Any], field: str, *, duration: float | None = None) -> Iterator[Piece]:
    """The pieces of one item, in order; `field` is the column that is cut. Raises SplitError.

    Text: each piece's column is exactly ``text[start:end]``; none is empty or only space. Audio and video: the
    columns stay as they are, with `start` and `end` in seconds beside them; `duration` goes before the item's own
    duration column, and that before what was measured (the `seconds` of its file). Rows: an item whose
    column is a list of objects is paged; any other item is one row, whole. Tiles: the column is the file's, with the
    tile's own `width` and `height`, and `x` and `y` where it begins; a picture of one tile stays as it is. The other
    columns stand beside each piece: MAX_REPEATED bounds what that comes to.
    """
    return iter([_whole(item_data)]) if split.by == "none" else _bounded(split, item_data, field, duration)


def _bounded(split: Split, item_data: Mapping[str, Any], field: str, duration: float | None) -> Iterator[Piece]:
    units, repeatable = 0, math.inf
    for number, piece in enumerate(_pieces(split, item_data, field, duration)):
        if number == MAX_PIECES:
            raise SplitError(field, say("This item would become more than %(most)s tasks.", most=MAX_PIECES))
        if units <= 1 < units + piece.units:
            repeatable = MAX_REPEATED / _beside(item_data, field)
        units += piece.units
        if units > repeatable:
            raise SplitError(
                field,
                say(
                    "Its other columns, beside each piece, would be more than %(most)s characters: hide the long ones.",
                    most=MAX_REPEATED,
                ),
            )
        yield piece


def _beside(item: Mapping[str, Any], field: str) -> int:
    """How many characters the other columns are, as JSON."""
    return len(json.dumps({name: value for name, value in item.items() if name != field}, ensure_ascii=False))


def _pieces(split: Split, item: Mapping[str, Any], field: str, duration: float | None) -> Iterator[Piece]:
    if split.by in _TEXT_WAYS:
        return _cut_text(split, item, field)
    if split.by == "seconds":
        return _cut_seconds(split, item, field, duration)
    if split.by == "tiles":
        return _cut_tiles(split, item, field)
    if split.by == "rows" and isinstance(item.get(field), list):
        rest = {column: value for column, value in item.items() if column != field}
        return pages(split, (_row(field, number, rest, row) for number, row in enumerate(item[field])))
    return iter([_whole(item)])


def _whole(item: Mapping[str, Any]) -> Piece:
    return Piece(payload={"units": [dict(item)]}, source={})


def _row(field: str, number: int, rest: Mapping[str, Any], row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise SplitError(f"{field}[{number}]", say("A row must be an object, not %(kind)s.", kind=kind_of(row)))
    return {**rest, **row}


def pages(split: Split, rows: Iterable[Mapping[str, Any]]) -> Iterator[Piece]:
    """Rows put together `size` to a page, each row one unit; `source` says which, half-open.

    Without a split by rows every row is a page of its own. Streams: at most one page is held.
    """
    size = int(split.size) if split.by == "rows" else 1
    remaining, start = iter(rows), 0
    while page := [dict(row) for row in islice(remaining, size)]:
        yield Piece(payload={"units": page}, source={"start": start, "end": start + len(page)})
        start += len(page)


def _cut_text(split: Split, item: Mapping[str, Any], field: str) -> Iterator[Piece]:
    text = _column(item, field)
    if not isinstance(text, str):
        raise SplitError(
            field, say("Only text can be cut by %(by)s; this is %(kind)s.", by=split.by, kind=kind_of(text))
        )
    found = False
    for start, end in _TEXT_WAYS[split.by](text, int(split.size), int(split.overlap)):
        found = True
        yield Piece(payload={"units": [{**item, field: text[start:end]}]}, source={"start": start, "end": end})
    if not found:
        raise SplitError(field, say("There is no text in it."))


def _column(item: Mapping[str, Any], field: str) -> Any:
    if field not in item:
        raise SplitError(
            field, joined(say("The item has no column %(value)s.", value=shown(field)), meant(field, item))
        )
    return item[field]


def _grouped(spans: Sequence[Span], size: int, overlap: int) -> Iterator[Span]:
    for first in range(0, max(len(spans) - overlap, 1), size - overlap):
        together = spans[first : first + size]
        if together:
            yield together[0][0], together[-1][1]


def _by_paragraph(text: str, size: int, overlap: int) -> Iterator[Span]:
    return _grouped(list(paragraphs(text)), size, overlap)


def _by_sentence(text: str, size: int, overlap: int) -> Iterator[Span]:
    return _grouped(list(sentences(text)), size, overlap)


def _by_length(text: str, size: int, overlap: int) -> Iterator[Span]:
    """Each piece ends after the last one did, because it ends beyond its own overlap."""
    start, last = _next_word(text, 0), 0
    while start < len(text):
        end = _last_cut(text, start + overlap, start + size)
        for first, after in trimmed(text, start, end):
            if after > last:  # else it brought nothing new but space
                yield first, after
            last = after
        if end >= len(text):
            return
        start = _next_word(text, _first_start(text, end - overlap, end))


def _next_word(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _last_cut(text: str, after: int, end: int) -> int:
    """Where to end a piece, in (after, end]: at a space, else between two characters, else at the end."""
    if end >= len(text):
        return len(text)
    between_words = (at for at in range(end, after, -1) if text[at].isspace())
    between_characters = (at for at in range(end, after, -1) if not _joined(text, at))
    return next(between_words, next(between_characters, end))


def _first_start(text: str, start: int, end: int) -> int:
    """Where the next piece begins, in [start, end]: at a word, else between two characters, else right here."""
    words = (at for at in range(start, end + 1) if text[at - 1].isspace() or text[at].isspace())
    between_characters = (at for at in range(start, end + 1) if not _joined(text, at))
    return next(words, next(between_characters, start))


def _joined(text: str, at: int) -> bool:
    """Whether a reader would see one character broken by a cut before `at`: accents, emoji sequences, flags."""
    here, before = text[at], text[at - 1]
    if unicodedata.category(here) in ("Mn", "Mc", "Me") or "\u200d" in (here, before):
        return True
    return "\U0001f3fb" <= here <= "\U0001f3ff" or (_is_flag(here) and _is_flag(before))


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


_TEXT_WAYS: dict[str, Callable[[str, int, int], Iterator[Span]]] = {
    "paragraph": _by_paragraph,
    "sentence": _by_sentence,
    "length": _by_length,
}


def _cut_seconds(split: Split, item: Mapping[str, Any], field: str, duration: float | None) -> Iterator[Piece]:
    file = _column(item, field)
    for column in ("start", "end"):
        if column in item:
            raise SplitError(column, say("Cutting by seconds writes this column; the item must not have it already."))
    seconds = _duration(split, item, file) if duration is None else _seconds(duration, field)
    step = split.size - split.overlap
    pieces = max(1, math.ceil((seconds - split.overlap - SHORTEST_REST) / step))
    for number in range(pieces):
        start = round(number * step, 3)
        end = seconds if number == pieces - 1 else round(min(start + split.size, seconds), 3)
        part = {"start": start, "end": end}
        yield Piece(payload={"units": [{**item, **part}]}, source=part)


def _cut_tiles(split: Split, item: Mapping[str, Any], field: str) -> Iterator[Piece]:
    file = _column(item, field)
    whole = [int(file.get(side) or 0) for side in ("width", "height")] if isinstance(file, Mapping) else [0]
    if not all(whole):
        raise SplitError(field, say("How large this picture is, is not known."))
    columns, rows = (list(_along(side, int(split.size), int(split.overlap))) for side in whole)
    if len(columns) == len(rows) == 1:
        yield _whole(item)
        return
    for (y, height), (x, width) in product(rows, columns):
        tile = {"x": x, "y": y, "width": width, "height": height}
        yield Piece(payload={"units": [{**item, field: {**file, **tile}}]}, source={**tile, "of": whole})


def _along(side: int, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Where tiles begin along a side, and how long they are: the last one may be shorter, and none is all overlap."""
    for start in range(0, max(side - overlap, 1), size - overlap):
        yield start, min(size, side - start)


def _duration(split: Split, item: Mapping[str, Any], file: Any) -> float:
    if split.duration_column:
        return _seconds(_column(item, split.duration_column), split.duration_column)
    measured = file.get("seconds") if isinstance(file, Mapping) else None
    if measured is None:
        raise SplitError("duration", say("How long this item is, is not known."))
    return _seconds(measured, "duration")


def _seconds(value: Any, column: str) -> float:
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SplitError(column, say("%(value)s is not a duration in seconds.", value=shown(value)))
    return seconds
