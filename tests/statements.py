"""The statements that reach PostgreSQL, read off the wire: also those that no listener of Django's hears."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

FRAME = re.compile(rb"^(?:[^\t]*\t)?F\t\d+\t(Query|Parse|Bind)\t(.*)$", re.M)
NAMES = re.compile(rb' *"[^"]*" "([^"]*)"')  # of the portal and of the prepared statement
BEGIN = re.compile(rb' *"" "BEGIN')  # sent along with the first statements of a transaction
NOT_WORK = re.compile(rb' *"(BEGIN|COMMIT|SAVEPOINT|RELEASE|SET )')  # a transaction's frame, and a greeting


@contextmanager
def on_the_wire() -> Iterator[list[str]]:
    """What this connection sends in the block, one entry a statement, BEGIN, COMMIT and savepoints left out.

    An execution of a prepared statement is the name that it has on the server, any other its text.
    """
    connection.ensure_connection()
    raw: Any = connection.connection
    found: list[str] = []
    with tempfile.TemporaryFile() as log:
        raw.pgconn.trace(log.fileno())
        try:
            yield found
        finally:
            raw.pgconn.untrace()
        log.seek(0)
        found += _statements(log.read())


def _statements(log: bytes) -> Iterator[str]:
    parsed = b""
    for kind, rest in FRAME.findall(log):
        if kind == b"Parse":
            parsed = rest
        elif kind == b"Bind":
            names = NAMES.match(rest)
            if (names and names[1]) or not BEGIN.match(parsed):
                yield ((names and names[1]) or parsed).decode(errors="replace")
        elif not NOT_WORK.match(rest):
            yield rest.decode(errors="replace")
