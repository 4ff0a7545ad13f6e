"""python -m tests.fire: a site as in production, people at work, and everything killed again and again.

It starts what it needs, prints one summary, and exits with 1 where anything was lost, doubled or needed a person.
"""

import os
import resource
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.fire import schema
from tests.fire.site import Site, left_of, site

TOLD = ("seed", "seconds", "workers", "kills", "every", "sockets", "siege")
# A script that asks for ever must meet its limit; people must not, who make 2.3 requests a task (Labeler.PACE_S).
SLOW, FAST = "work=110/min", "work=6000/min"
OTHER_FILES = 1024  # beside the sockets: the people's, the logs
EXTRA_S = 600  # beside the fire itself: to start, to calm down, to close, to stop


def options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="make fire", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides what is killed when, and what people do")
    parser.add_argument("--seconds", type=int, default=60, help="how long it burns")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--no-kills", dest="kills", action="store_false", help="only load: counts deadlocks")
    parser.add_argument("--processes", type=int, default=2, help="of the web server, and of the job worker")
    parser.add_argument("--every", type=float, default=2.5, help="seconds between two blows")
    parser.add_argument("--sockets", type=int, default=2000, help="that bad clients open and say nothing on")
    parser.add_argument("--siege", type=int, default=60, help="seconds that they stay open while others work")
    parser.add_argument("--beats", type=int, default=2, help="one too many by default: it must double nothing")
    parser.add_argument("--limit", type=int, help="seconds after which it ends itself, whatever it waits for")
    parser.add_argument("--schema", type=Path, help="the empty database as SQL (tests.fire.schema); else it is made")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    given = options(arguments)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGALRM, _end)
    _allow_open_files(given.sockets)
    signal.alarm(given.limit or given.seconds + given.siege + EXTRA_S)
    with site(processes=given.processes, beats=given.beats, rates=SLOW if given.kills else FAST) as here:
        _fill(here, given)
        os.environ.update(here.surroundings)
        import django

        django.setup()
        from tests.fire.run import Options, burn

        code = burn(here, Options(**{name: value for name, value in vars(given).items() if name in TOLD}))
    if left := left_of(here):
        print(f"LEFT BEHIND: {left}")
    return code or len(left)


def _allow_open_files(sockets: int) -> None:
    """The bad clients' sockets are files of this process: 1,024, the usual limit, are too few for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if (wanted := sockets + OTHER_FILES) > soft != resource.RLIM_INFINITY:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def _end(number: int, frame: FrameType | None) -> None:
    """Through every `finally`, so that no process is left."""
    raise SystemExit(f"Ended by {signal.Signals(number).name}.")


def _fill(here: Site, given: Namespace) -> None:
    file = given.schema or here.folder / "schema.sql"
    if given.schema is None:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
        surroundings["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        command = [sys.executable, "-m", "tests.fire.schema", str(file)]
        subprocess.run(command, env=surroundings, check=True, timeout=EXTRA_S)
    schema.load(file, folder=here.folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
