"""What a requester drops or pastes, as a file of a format that we import; and a first guess at its columns."""

import csv
import io
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput

FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".zip": "zip"}
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".avif")
SOUNDS = (".mp3", ".wav", ".ogg", ".flac", ".m4a", ".opus")
FILMS = (".mp4", ".webm", ".mov", ".mkv")
KEYS = ("id", "key", "item", "item_id", "uid")
GOLD = ("gold", "gold_label", "truth", "ground_truth")
LONG = 40  # characters: a column with longer texts is more likely to be what is shown


@dataclass(frozen=True)
class Given:
    stream: BinaryIO
    filename: str
    format: str


def from_file(file: "UploadedFile[bytes]") -> Given:
    """Raises BadInput (place "file") for what is no file of ours."""
    name = file.name or ""
    ending = PurePosixPath(name.lower()).suffix
    if ending == ".txt":
        return from_lines(_text(file.read()), filename=name)
    if ending in SPREADSHEETS:
        raise _no(_("This is a workbook of a spreadsheet program. Save it there as CSV (UTF-8) and choose that file."))
    if ending == ".json":
        raise _no(_("This is one JSON document. We read JSON Lines: one object a line, in a file that ends in .jsonl."))
    if ending in IMAGES + SOUNDS + FILMS:
        raise _no(_("This is a single file. Put all of them into one .zip, or give a list of addresses."))
    if ending not in FORMATS:
        raise _no(
            _("“%(name)s” is of a kind that we do not read. We read .csv, .tsv, .jsonl, .txt and .zip.")
            % {"name": name}
        )
    if not file.size:
        raise _no(_("This file is empty."))
    return Given(cast(BinaryIO, file), name, FORMATS[ending])


def from_lines(text: str, *, filename: str = "", column: str = "text") -> Given:
    """One item a line; blank lines do not count. Raises BadInput (place "pasted")."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadInput(errors={"pasted": _("There is nothing here yet.")})
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column])
    writer.writerows([line] for line in lines)
    return Given(io.BytesIO(buffer.getvalue().encode()), filename or _("pasted lines"), "csv")


def from_table(text: str) -> Given:
    """A table with a header, as it comes from a spreadsheet's clipboard or a CSV file."""
    if not text.strip():
        raise BadInput(errors={"pasted": _("There is nothing here yet.")})
    return Given(io.BytesIO((text.strip() + "\n").encode()), _("pasted table"), "csv")


def looks_like_table(text: str) -> bool:
    """Whether the first lines have the same number, above one, of cells."""
    lines = [line for line in text.splitlines() if line.strip()][:10]
    for delimiter in "\t", ";", ",":
        counts = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        if len(lines) > 1 and len(counts) == 1 and counts.pop() > 1:
            return True
    return False


def guess(columns: list[str], sample: list[dict[str, Any]], format: str) -> dict[str, str]:
    """What the columns probably are: kind of data, the one that is shown, key, gold."""
    named = {column.lower(): column for column in columns}
    key = next((named[name] for name in KEYS if name in named), "")
    gold = next((named[name] for name in GOLD if name in named), "")
    rest = [column for column in columns if column not in (key, gold, "gold_reason")] or columns
    kinds = {column: _kind([str(row.get(column, "")) for row in sample]) for column in rest}
    media = next((column for column in rest if kinds[column] in ("image", "audio", "video")), "")
    shown = media or max(rest, key=lambda column: _length(sample, column))
    kind = kinds[shown] if media else ("text" if len(rest) == 1 or _length(sample, shown) > LONG else "row")
    reason = "gold_reason" if "gold_reason" in columns else ""
    return {"kind": kind, "field": shown, "key_column": key, "gold_column": gold, "gold_reason_column": reason}


def _kind(values: list[str]) -> str:
    """By how the names or addresses end."""
    endings = {PurePosixPath(value.split("?")[0].lower()).suffix for value in values if value}
    for kind, known in (("image", IMAGES), ("audio", SOUNDS), ("video", FILMS)):
        if endings and endings <= set(known):
            return kind
    return "text"


def _length(sample: list[dict[str, Any]], column: str) -> float:
    return sum(len(str(row.get(column, ""))) for row in sample) / max(len(sample), 1)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no(_("This file is not UTF-8: byte %(position)s.") % {"position": error.start + 1}) from error


def _no(words: str) -> BadInput:
    return BadInput(errors={"file": words})
