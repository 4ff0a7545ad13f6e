"""Rows, one after another, into rows that can be used and rows that cannot."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeGuard

from django.utils.translation import gettext as _

from crowd.kernel.speech import translated
from crowd.labeling.formats.rows import Row, RowError
from crowd.projects.imports.rows import Prepared, RowFault, RowReader, held_to_media
from crowd.projects.models import Item

BATCH = 1_000
BATCH_WEIGHT = 16 * 1024**2  # about bytes
PIECE_WEIGHT, CELL_WEIGHT = 800, 50  # what a piece takes beside the text of its row, and for each column
KEPT_ERRORS = 1_000
MAX_SHOWN = 300


@dataclass
class Report:
    """What is known of an import so far. All bad rows are counted, the first thousand kept."""

    good: int = 0
    bad: int = 0
    known: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, number: int, column: str | None, reason: str) -> None:
        self.bad += 1
        if len(self.errors) < KEPT_ERRORS:
            self.errors.append({"row": number, "column": column or "", "reason": str(translated(reason))[:MAX_SHOWN]})


def check(
    rows: Iterable[Row | RowError],
    reader: RowReader,
    project_id: int,
    report: Report,
    fetch: Callable[[list[tuple[Row, Prepared]]], Iterable[Sequence[Prepared | RowError]]] | None = None,
) -> Iterator[Prepared]:
    """The rows that can be used; the report tells of the others. Streams in batches.

    `fetch` gets the rows of a batch that are good so far, and gives each back with its media, as many items as there
    are pages in it, or its error.
    """
    pairs = _readable(rows, reader, report)
    if fetch is None and not reader.options.key_column:  # nothing is asked of many together, so none need be held
        for _row, prepared in pairs:
            report.good += 1
            yield prepared
    while batch := _batch(pairs):
        good = _new(batch, reader, project_id, report)
        if fetch is None:
            report.good += len(good)
            yield from (prepared for _row, prepared in good)
            continue
        asked = {prepared.number: prepared.key for _row, prepared in good}
        for items in fetch(good):
            known = _known_pages(items, asked, project_id)
            for one in items:
                if _is_new(one, asked, known, reader, report):
                    report.good += 1
                    yield one


def _is_new(
    one: Prepared | RowError, asked: Mapping[int, str | None], known: set[str | None], reader: RowReader, report: Report
) -> TypeGuard[Prepared]:
    """Whether it becomes an item; if not, the report tells of it."""
    if isinstance(one, RowError):
        report.add(one.number, one.column, one.reason)
        return False
    try:
        if _is_known_page(one, asked, known, reader):
            report.known += 1
            return False
        held_to_media(reader, one)
    except RowFault as fault:
        report.add(one.number, fault.column, fault.reason)
        return False
    return True


def _known_pages(
    items: Sequence[Prepared | RowError], asked: Mapping[int, str | None], project_id: int
) -> set[str | None]:
    """Those keys of a document's pages, which are not what its row asked for, that the project has."""
    pages = [one.key for one in items if isinstance(one, Prepared) and one.key not in (None, asked[one.number])]
    return set(Item.objects.filter(project=project_id, key__in=pages).values_list("key", flat=True)) if pages else set()


def _is_known_page(one: Prepared, asked: Mapping[int, str | None], known: set[str | None], reader: RowReader) -> bool:
    """Whether the project has this page of a document already. Raises RowFault where that is refused, or where another
    row of the file has the key."""
    if one.key is None or one.key == asked[one.number]:
        return False
    if one.key in reader.met:
        raise RowFault(reader.options.key_column, _("Row %(row)s has the same key.") % {"row": reader.met[one.key]})
    reader.met[one.key] = one.number
    if one.key in known and reader.options.known_keys == "refuse":
        raise RowFault(reader.options.key_column, _("The project has an item with this key."))
    return one.key in known


def _batch(pairs: Iterator[tuple[Row, Prepared]]) -> list[tuple[Row, Prepared]]:
    """So many rows, fewer of large ones and of those that become many tasks."""
    batch, weight = list[tuple[Row, Prepared]](), 0
    for pair in islice(pairs, BATCH):
        batch.append(pair)
        weight += _weight(pair[1])
        if weight > BATCH_WEIGHT:
            break
    return batch


def _weight(row: Prepared) -> int:
    cells = sum(len(cell) if isinstance(cell, str) else len(repr(cell)) for cell in row.data.values())
    return cells + len(row.pieces) * (PIECE_WEIGHT + CELL_WEIGHT * len(row.data))


def _readable(rows: Iterable[Row | RowError], reader: RowReader, report: Report) -> Iterator[tuple[Row, Prepared]]:
    for row in rows:
        if isinstance(row, RowError):
            report.add(row.number, row.column, row.reason)
            continue
        try:
            yield row, reader.read(row)
        except RowFault as fault:
            report.add(row.number, fault.column, fault.reason)


def _new(
    pairs: list[tuple[Row, Prepared]], reader: RowReader, project_id: int, report: Report
) -> list[tuple[Row, Prepared]]:
    """Without those whose key the project has already."""
    keys = [prepared.key for _row, prepared in pairs if prepared.key is not None]
    known = set(Item.objects.filter(project=project_id, key__in=keys).values_list("key", flat=True)) if keys else set()
    report.known += len(known)
    if known and reader.options.known_keys == "refuse":
        for _row, prepared in pairs:
            if prepared.key in known:
                report.add(prepared.number, reader.options.key_column, _("The project has an item with this key."))
    return [pair for pair in pairs if pair[1].key not in known]
