"""`make bench`: submit-and-next over HTTP beside what PostgreSQL alone takes for it; writes a page.

It ends with 1 where an invariant does not hold, or more is asked of PostgreSQL than may be: 8 statements a submit and
next task through the page's door, and, beside the first case, 1.5 as many buffers for the pick.

    python -m bench.marketplace [--sizes 10k,100k,1M] [--workers 1,8,32] [--seconds 10] [--rounds 5]
        [--case size,many,end,veteran,jobs,snapshot] [--part 1] [--output docs/benchmarks/marketplace.md]

In about two minutes: --sizes 10k --workers 8 --seconds 5 --rounds 3 --case size
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from bench.marketplace import place
from crowd.kernel.postgres import server


def main() -> None:
    options = _options()
    folder = server.data_folder() / "bench"
    try:
        place.settle(folder)
        django.setup()
        _bench(options)
    finally:
        place.leave(folder)


def _bench(options: argparse.Namespace) -> None:
    from bench.marketplace import floor, measure, pick, report
    from bench.marketplace.cases import NAMES, Filler, Options

    began = time.monotonic()
    names = options.case.split(",")
    if unknown := set(names) - set(NAMES):
        raise SystemExit(f"There is no case {', '.join(unknown)}; there are {', '.join(NAMES)}.")
    filler = Filler(
        Options(
            sizes=tuple(place.number(one) for one in options.sizes.split(",")) if "size" in names else (),
            workers=tuple(int(one) for one in options.workers.split(",")),
            seconds=options.seconds,
            rounds=options.rounds,
            part=options.part,
        )
    )
    cases = filler.sizes() + [getattr(filler, one)() for one in ("many", "end", "veteran") if one in names]
    with_jobs = [filler.jobs()] if "jobs" in names else []
    old = [filler.snapshot()] if "snapshot" in names else []
    floor.analyze(vacuum=True)
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)

    with place.site() as port:
        found = measure.rounds(cases, rounds=options.rounds, port=port)
    if with_jobs:
        with place.site(jobs=True) as port:
            found |= measure.rounds(with_jobs, rounds=options.rounds, port=port)
    floor.analyze(vacuum=False)
    picked = {one.title: pick.of(one) for one in cases if one.name not in ("many", "end")}
    asked = {(one.name, door): measure.asked(one, door) for one in cases if not one.last for door in one.doors}
    for case in old:
        with _snapshot():
            with place.site() as port:
                measure.work_off(case, filler.answers_after_snapshot, port=port)
                found |= measure.rounds([case], rounds=options.rounds, port=port)
            picked[case.title] = pick.of(case)
            asked[case.name, "page"] = measure.asked(case, "page")
    verified = place.verify()
    seconds = time.monotonic() - began
    page = report.page([*cases, *with_jobs, *old], measure.medians(found), found, asked, picked, verified, seconds)
    Path(options.output).write_text(page)
    print(page)
    if faults := report.breaches(asked, picked):
        raise SystemExit("\n".join(faults))


@contextmanager
def _snapshot() -> Iterator[None]:
    """Somebody who looks at the database as it was at this moment, for as long as the block takes."""
    with place.connect() as connection:
        connection.execute(f"SET application_name = '{place.BYSTANDER}'")
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM projects_project")
        yield


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.marketplace", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10k,100k,1M", help="tasks of a project")
    parser.add_argument("--workers", default="1,8,32", help="how many at a time")
    parser.add_argument("--seconds", type=float, default=10, help="of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", default="size,many,end,veteran,jobs,snapshot", help="which situations")
    parser.add_argument("--part", type=float, default=1, help="of the tasks and answers of cases other than sizes")
    parser.add_argument("--output", default="docs/benchmarks/marketplace.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
