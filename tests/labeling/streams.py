"""Streams that tests can watch."""

import io


class Endless(io.BytesIO):
    """A beginning, then one line that never ends; counts the bytes it gave."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__(beginning)
        self.given = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0, "read without a limit"
        line = super().readline(size)
        if not line.endswith(b"\n"):
            line += b"x" * (size - len(line))
        self.given += len(line)
        return line


class Sparing(io.BytesIO):
    """Gives no more than 100,000 bytes at once, and fails the test that asks for more."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= 100_000
        return super().read(size)
