"""Where a server of a test or a benchmark can listen."""

import socket
from contextlib import suppress
from random import SystemRandom

# Below those that the system gives to clients: nobody's outgoing connection takes it before the server does, or while
# the server is down for a moment.
FROM, TO = 15_000, 30_000


def free_port() -> int:
    """A TCP port of this machine that nobody listens on at the moment."""
    while True:
        port = SystemRandom().randrange(FROM, TO)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
