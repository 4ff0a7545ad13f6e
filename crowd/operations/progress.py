"""A progress bar on standard error, drawn only where a person looks; standard output stays clean for results."""

import sys
import time
from typing import TextIO

WIDTH = 30
EVERY_S = 0.2


class ProgressBar:
    def __init__(self, label: str, stream: TextIO = sys.stderr) -> None:
        self._label, self._stream = label, stream
        self._shown = stream.isatty()
        self._started = self._drawn = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._shown or (done < total and now - self._drawn < EVERY_S):
            return
        self._drawn = now
        filled = WIDTH * done // max(total, 1)
        rate = done / max(now - self._started, 1e-9)
        bar = "#" * filled + "." * (WIDTH - filled)
        end = "\n" if done >= total else ""
        self._stream.write(f"\r{self._label} [{bar}] {done:,} of {total:,} ({rate:,.0f}/s){end}")
        self._stream.flush()
