"""Lines of UTF-8 from a stream of bytes that nobody has vouched for."""

import codecs
from typing import BinaryIO

from crowd.labeling.errors import FormatError
from crowd.labeling.formats.rows import Limits
from crowd.labeling.speech import joined, say

# What the first bytes give away, longest first: UTF-32 begins as UTF-16 does.
_NOT_UTF8 = (
    (codecs.BOM_UTF32_LE, say("This file is UTF-32; save it as UTF-8.")),
    (codecs.BOM_UTF32_BE, say("This file is UTF-32; save it as UTF-8.")),
    (codecs.BOM_UTF16_LE, say("This file is UTF-16; save it as UTF-8.")),
    (codecs.BOM_UTF16_BE, say("This file is UTF-16; save it as UTF-8.")),
    (b"PK\x03\x04", say("This is a zip file or a spreadsheet, not text; save it as UTF-8 text.")),
    (b"\x1f\x8b", say("This file is compressed; unpack it first.")),
    (b"\xd0\xcf\x11\xe0", say("This is a spreadsheet, not text; save it as UTF-8 text.")),
    (b"%PDF-", say("This is a PDF, not text.")),
)


class Lines:
    """The lines of a stream with their ends, decoded one by one.

    A line with bytes that are not UTF-8 still comes out, with marks in their place, so that what reads the lines stays
    in step; `flaw` then says what is wrong. No more than `max_row_bytes` are read for the lines of one record: call
    `new_record` at its start.
    """

    def __init__(self, stream: BinaryIO, limits: Limits, hint: str = "") -> None:
        self._stream = stream
        self._limits = limits
        self._hint = hint
        self._position = 0
        self._left = limits.max_row_bytes
        self.record = 0
        self.flaw = ""

    def new_record(self) -> None:
        """Say that the next line begins a record."""
        self._left = self._limits.max_row_bytes
        self.flaw = ""
        self.record += 1

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(self._left + 1)
        if not raw:
            raise StopIteration
        if len(raw) > self._left:
            size = f"{self._limits.max_row_bytes:,}"
            raise FormatError(
                self.record, None, joined(say("This row is longer than %(size)s bytes.", size=size), self._hint)
            )
        self._left -= len(raw)
        start, self._position = self._position, self._position + len(raw)
        return self._decoded(self._without_mark(raw) if start == 0 else raw, start)

    def _without_mark(self, raw: bytes) -> bytes:
        for beginning, message in _NOT_UTF8:
            if raw.startswith(beginning):
                raise FormatError(0, None, message)
        return raw.removeprefix(codecs.BOM_UTF8)

    def _decoded(self, raw: bytes, start: int) -> str:
        if b"\0" in raw:
            self.flaw = self.flaw or say(
                "There is a NUL byte at position %(position)s of the file.", position=str(start + raw.index(0) + 1)
            )
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            position = str(start + error.start + 1)
            byte = raw[error.start]
            self.flaw = self.flaw or say(
                "The byte %(byte)s at position %(position)s of the file is not UTF-8; save the file as UTF-8.",
                byte=f"0x{byte:02X}",
                position=position,
            )
            return raw.decode(errors="replace")
