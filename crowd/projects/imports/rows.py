"""One row into what an item will be: its key, its known answer, its redundancy; or the reason why it cannot be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crowd.labeling.config import LabelConfig
from crowd.labeling.documents import check_document
from crowd.labeling.errors import AnswerError, LabelingError, SplitError
from crowd.labeling.formats.rows import Row
from crowd.labeling.gold_keys import parse_gold
from crowd.labeling.predictions import predicted
from crowd.labeling.series import check_series
from crowd.labeling.split import Piece, Split
from crowd.projects import cutting
from crowd.projects.cutting import Media
from crowd.projects.imports.options import Options

MAX_KEY = 200
MAX_REASON = 5_000
MAX_REDUNDANCY = 1_000
NOT_YET = 0  # stands for the media's id until the file is stored
UNMEASURED = Media(NOT_YET)


class RowFault(Exception):
    """Why a row cannot be used; the column is empty where it is the row as a whole."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file that is in our storage already, while the rows that will point at it are not."""

    storage_name: str
    filename: str
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    pages: int | None = None
    source_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A row that will be an item. `wanted` are the addresses or names of its media, by the column that shows them;
    `media` the files, once they are stored; `pieces` what it is cut into, where that was known without a file."""

    number: int
    data: dict[str, Any]
    key: str | None = None
    redundancy: int | None = None
    gold: dict[str, Any] | None = None
    gold_reason: str = ""
    wanted: dict[str, str] = field(default_factory=dict)
    media: dict[str, Stored] = field(default_factory=dict)
    pieces: Sequence[Piece] = ()


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Reads the rows of one import. Remembers the keys it met (their digests: about 100 bytes a row)."""

    config: LabelConfig
    split: Split
    options: Options
    met: dict[str, int] = field(default_factory=dict)

    def read(self, row: Row) -> Prepared:
        """Raises RowFault. What comes from the network or a zip is not touched here."""
        wanted = self._wanted(row.data)
        columns = cutting.shown(row.data, self._hidden, dict.fromkeys(wanted, UNMEASURED))
        split = Split() if wanted and self.split.is_measured else self.split  # else once its file is there
        try:
            pieces, gold = fitting(self.config, split, columns, self._gold_cell(row.data))
        except SplitError as error:
            raise RowFault(error.path, error.message) from None
        except LabelingError as error:
            raise RowFault(self.options.gold_column, error.sentence) from None
        gold_reason = self._gold_reason(row.data)
        if gold is None and gold_reason:
            raise RowFault(self.options.gold_column, _("There is a reason here, but no answer that it explains."))
        return Prepared(
            number=row.number,
            data=row.data,
            key=self._key(row),
            redundancy=self._redundancy(row.data),
            gold=gold,
            gold_reason=gold_reason,
            wanted=wanted,
            pieces=() if wanted else pieces,
        )

    @cached_property
    def _hidden(self) -> frozenset[str]:
        return self.options.hidden

    @cached_property
    def _media_columns(self) -> dict[str, str]:
        return self.options.media_columns(self.config)

    def _key(self, row: Row) -> str | None:
        column = self.options.key_column
        if not column:
            return None
        key = _text(row.data, column).strip()
        if not 1 <= len(key) <= MAX_KEY:
            raise RowFault(column, _("A key has from 1 to %(most)s characters.") % {"most": MAX_KEY})
        if key in self.met:
            raise RowFault(column, _("Row %(row)s has the same key.") % {"row": self.met[key]})
        self.met[key] = row.number
        return key

    def _redundancy(self, data: Mapping[str, Any]) -> int | None:
        column = self.options.redundancy_column
        text = _text(data, column).strip() if column else ""
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= MAX_REDUNDANCY and len(text) < 5):
            raise RowFault(column, _("This must be a whole number from 1 to %(most)s.") % {"most": MAX_REDUNDANCY})
        return int(text)

    def _gold_cell(self, data: Mapping[str, Any]) -> Any:
        """None where the answer is not known: no such column, null, or an empty cell."""
        cell = data.get(self.options.gold_column) if self.options.gold_column else None
        return None if isinstance(cell, str) and not cell.strip() else cell

    def _gold_reason(self, data: Mapping[str, Any]) -> str:
        column = self.options.gold_reason_column
        reason = _text(data, column).strip()
        if len(reason) > MAX_REASON:
            raise RowFault(column, _("This has more than %(most)s characters.") % {"most": MAX_REASON})
        return reason

    def _wanted(self, data: Mapping[str, Any]) -> dict[str, str]:
        if not self._media_columns:
            return {}
        found = {shown: _text(data, column).strip() for shown, column in self._media_columns.items()}
        for shown, wanted in found.items():
            if not wanted:
                raise RowFault(self._media_columns[shown], _("Here the address or the name of a file is missing."))
        return found


def fitting(
    config: LabelConfig, split: Split, columns: Mapping[str, Any], gold: Any
) -> tuple[Sequence[Piece], dict[str, Any] | None]:
    """What an item is cut into, and its known answer in canonical form, None where there is none; `columns` are what a
    worker sees.

    Raises SplitError when the item cannot be shown or cut, or a model's answer is not allowed; AnswerError when the
    gold is not.
    """
    _check_shown(config, columns)
    pieces = cutting.pieces(config, split, columns, gold=gold is not None)
    if not pieces:
        raise SplitError(config.data.field, _("There is nothing in it."))
    if config.data.prediction:
        _check_predicted(config, pieces)
    if gold is None:
        return pieces, None
    shown = pieces[0].payload["units"]
    return pieces, parse_gold(config, gold, pieces[0].units, shown).to_json()


def held_to_media(reader: RowReader, row: Prepared) -> None:
    """Its cutting, its known answer and its prediction once more, now that its file was measured: it may be too long to
    be known as a whole, and a mark may lie outside of it. Raises RowFault."""
    is_known = row.gold is not None or bool(reader.config.data.prediction)
    if not row.media or not (is_known or reader.split.is_measured):
        return
    measured = {name: Media(NOT_YET, one.width, one.height, one.seconds) for name, one in row.media.items()}
    columns = cutting.shown(row.data, reader.options.hidden, measured)
    try:
        fitting(reader.config, reader.split, columns, row.gold)
    except SplitError as error:
        raise RowFault(error.path, error.message) from None
    except LabelingError as error:
        raise RowFault(reader.options.gold_column, error.sentence) from None


def _check_predicted(config: LabelConfig, pieces: Sequence[Piece]) -> None:
    try:
        for piece in pieces:
            for unit in piece.payload["units"]:
                predicted(config, unit)
    except AnswerError as error:
        raise SplitError(error.path, error.message) from None


def _check_shown(config: LabelConfig, columns: Mapping[str, Any]) -> None:
    field = config.data.field
    if field and columns.get(field) is None:
        raise SplitError(field, _("This column is missing."))
    if config.data.kind == "series":
        check_series(columns[field], field)
    if config.data.kind == "text":
        check_document(columns[field], field, config.data.format)


def _text(data: Mapping[str, Any], column: str) -> str:
    """A cell that holds text, or a number that was meant as one; empty where there is none."""
    value = data.get(column)
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowFault(column, _("This must be text."))
    return str(value)
