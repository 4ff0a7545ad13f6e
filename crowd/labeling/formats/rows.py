"""What every reader yields, and the limits every reader keeps."""

from dataclasses import dataclass, field
from typing import Any

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a reader takes before it refuses. Sizes are in bytes; the last five are about zip files.

    `max_ratio` is uncompressed to compressed size of one file, looked at from `ratio_from` bytes on: small files of
    zeros are harmless.
    """

    max_rows: int = 1_000_000
    max_row_bytes: int = 10 * MIB
    max_columns: int = 1_000
    max_depth: int = 20
    max_files: int = 100_000
    max_file_bytes: int = 2_048 * MIB
    max_total_bytes: int = 20_480 * MIB
    max_ratio: int = 200
    ratio_from: int = MIB


DEFAULT = Limits()
MAX_COLUMN_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row that could be read. `number` is as a person counts in that format; see each reader."""

    number: int
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RowError:
    """One row that could not be read, and why, in a finished sentence."""

    number: int
    column: str | None
    reason: str
