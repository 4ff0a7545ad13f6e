"""python -m crowd.kernel.postgres start | stop | status | url | hold COMMAND...

`hold` starts the embedded server, runs the command and stops what it started. With DATABASE_URL set there is no
embedded server: `hold` only runs the command.
"""

import os
import sys

from crowd.kernel.postgres import server
from crowd.kernel.postgres.binaries import NoPostgres
from crowd.kernel.postgres.hold import hold


def main(arguments: list[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if verb == "hold" and rest:
        if os.environ.get("DATABASE_URL", "").strip():
            os.execvp(rest[0], rest)  # noqa: S606 - the command is the caller's own
        return hold(server.data_folder(), rest)
    verbs = {"start": _start, "stop": _stop, "status": _status, "url": _url}
    if verb not in verbs or rest:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    return verbs[verb]()


def _start() -> int:
    started = server.ensure_running(server.data_folder())
    print("started" if started else "already running", server.url(server.data_folder()))
    return 0


def _stop() -> int:
    print("stopped" if server.stop(server.data_folder()) else "was not running")
    return 0


def _status() -> int:
    running = server.is_running(server.data_folder())
    print("running" if running else "not running")
    return 0 if running else 3


def _url() -> int:
    print(server.url(server.data_folder()))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (server.CannotStart, NoPostgres) as error:
        sys.exit(str(error))
