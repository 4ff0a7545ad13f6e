"""A project's answers by column, as the parts store them. Pure: arrays in, bytes out, and back.

One row is one assignment that was ever submitted, with the answer of its newest attempt. What was said stands as text,
each text once; so a choice of labels takes a few bytes an answer, however large its JSON is.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
SIZE = 50_000  # rows in a part
SEEN, VOTES, COUNTS = 1, 2, 4  # evidence about its worker; about its task; fills a slot
# assignment, task and worker are ids, `config` the version that the answer was given under, `taken` microseconds since
# 1970, `text` a place among the texts.
COLUMNS: Mapping[str, str] = {
    "assignment": "<i8",
    "attempt": "<i2",
    "task": "<i8",
    "worker": "<i8",
    "taken": "<i8",
    "flags": "<u1",
    "config": "<i8",
    "text": "<i4",
}


@dataclass(frozen=True, eq=False)
class Rows:
    """Columns of equal length; `texts` holds the units of an answer as JSON, "[]" for a report that there is none."""

    columns: Mapping[str, Column]
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns["assignment"])

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def taken_from(self, places: Column) -> "Rows":
        """Those at these places, or where a mask is true; all texts stay."""
        return replace(self, columns={name: column[places] for name, column in self.columns.items()})


def empty() -> Rows:
    return Rows({name: np.empty(0, kind) for name, kind in COLUMNS.items()})


def from_records(records: Sequence[Sequence[Any]]) -> Rows:
    """From rows in the order of COLUMNS, with the text itself in the place of `text`."""
    if not records:
        return empty()
    *plain, said = zip(*records, strict=True)
    texts: dict[str, int] = {}
    columns = {name: np.array(column, COLUMNS[name]) for name, column in zip(COLUMNS, plain, strict=False)}
    columns["text"] = np.array([texts.setdefault(text, len(texts)) for text in said], COLUMNS["text"])
    return Rows(columns, tuple(texts))


def joined(some: Iterable[Rows]) -> Rows:
    """One after another, each text once."""
    every = [one for one in some if len(one)]
    if not every:
        return empty()
    texts: dict[str, int] = {}
    columns = {name: np.concatenate([one[name] for one in every]) for name in COLUMNS if name != "text"}
    places = [np.array([texts.setdefault(text, len(texts)) for text in one.texts], np.int32) for one in every]
    columns["text"] = np.concatenate([place[one["text"]] for place, one in zip(places, every, strict=True)])
    return Rows(columns, tuple(texts))


def changed(old: Rows, new: Rows) -> tuple[Rows, Column]:
    """`old` with the rows of `new` in the place of those of the same assignments, the others behind; and the places, in
    the result, of what came from `new`."""
    both = joined([old, new])
    fresh = np.arange(len(old), len(both))
    order = np.argsort(old["assignment"], kind="stable")
    found = np.searchsorted(old["assignment"], new["assignment"], sorter=order)
    known = np.zeros(len(new), bool)
    inside = found < len(old)
    known[inside] = old["assignment"][order[found[inside]]] == new["assignment"][inside]
    place = np.arange(len(both))
    place[order[found[known]]] = fresh[known]
    result = both.taken_from(np.concatenate([place[: len(old)], fresh[~known]]))
    return result, np.concatenate([order[found[known]], np.arange(len(old), len(result))])


def encode(rows: Rows) -> bytes:
    """The columns as they lie in memory, and the texts that these rows say; compressed."""
    used, text = np.unique(rows["text"], return_inverse=True)
    columns = {**rows.columns, "text": text.reshape(-1)}
    texts = json.dumps([rows.texts[place] for place in used]).encode()
    raw = b"".join(np.ascontiguousarray(columns[name], kind).tobytes() for name, kind in COLUMNS.items())
    return zlib.compress(len(rows).to_bytes(8, "little") + raw + texts, 1)


def decode(data: bytes) -> Rows:
    raw = zlib.decompress(data)
    count, place = int.from_bytes(raw[:8], "little"), 8
    columns = {}
    for name, kind in COLUMNS.items():
        columns[name] = np.frombuffer(raw, kind, count, place)
        place += columns[name].nbytes
    return Rows(columns, tuple(json.loads(raw[place:])))
