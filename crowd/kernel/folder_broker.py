"""The broker that is a folder, as kombu has it, except that what lies there is always whole.

kombu opens a file and then writes it: a job worker that looks in between takes an empty message, and stops at it.
"""

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps as dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **_kwargs: Any) -> None:  # type: ignore[override]
        """Under a name that nobody looks for until it is written; the names are kombu's, by which they are sorted."""
        file = Path(self.data_folder_out, f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg")
        unfinished = file.with_suffix(".unfinished")
        try:
            unfinished.write_text(dumps(payload))
            unfinished.rename(file)
        except OSError as error:
            raise ChannelError(f"Cannot add file {file} to the broker's folder") from error

    def _queue_bind(self, exchange: str, *args: Any) -> None:
        """An exchange begins as an empty list; what is added to it is added under kombu's own lock."""
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]
        if not file.exists():
            begun = file.with_suffix(f".{uuid4()}")
            begun.write_text("[]")
            with suppress(FileExistsError):
                os.link(begun, file)
            begun.unlink()
        super()._queue_bind(exchange, *args)


class Transport(filesystem.Transport):
    Channel = Channel
