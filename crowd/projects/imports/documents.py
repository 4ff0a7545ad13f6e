"""A document among the pictures: each of its pages becomes an item of its own, with the row's other columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from crowd.projects.imports.options import Options
from crowd.projects.imports.rows import MAX_KEY, Prepared, RowFault, Stored

PAGE, DPI = COLUMNS = ("page", "dpi")  # which page it was, and the pixels that stand for an inch of it


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file in our storage, and what is known of its place in the document that it was a page of."""

    file: Stored
    columns: dict[str, float] = field(default_factory=dict)


def items_of(row: Prepared, kept: dict[str, Sequence[Kept]], options: Options) -> list[Prepared]:
    """The row with its files, by the columns that show them; of a document once a page. Raises RowFault."""
    if not any(one.columns for files in kept.values() for one in files):
        return [replace(row, media={shown: files[0].file for shown, files in kept.items()})]
    (shown, files), *others = kept.items()
    if others:
        raise RowFault(shown, _("Of a pair, neither may be a PDF."))
    if row.gold is not None and len(files) > 1:
        sentence = _("A gold item must stay whole, but this PDF has %(n)s pages.") % {"n": len(files)}
        raise RowFault(options.gold_column, sentence)
    for column in COLUMNS:
        if column in row.data:
            raise RowFault(column, _("The pages of a PDF get this column; the row must not have it already."))
    return [_page(row, shown, one, options) for one in files]


def _page(row: Prepared, shown: str, kept: Kept, options: Options) -> Prepared:
    key = row.key and f"{row.key}#{kept.columns[PAGE]}"
    if key and len(key) > MAX_KEY:
        raise RowFault(options.key_column, _("A key has from 1 to %(most)s characters.") % {"most": MAX_KEY})
    return replace(row, key=key, data=row.data | kept.columns, media={shown: kept.file})
