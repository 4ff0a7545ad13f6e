"""`make bench-browser`: from the key that submits to the next task that can be answered, in a browser; writes a page.

    python -m bench.browser [--tasks 100] [--output docs/benchmarks/browser.md]

It ends with 1 where an invariant does not hold, or the median of a line is not under 200 ms.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
import numpy as np

from bench.marketplace import place
from crowd.kernel.postgres import server
from tests.ports import free_port

if TYPE_CHECKING:
    from bench.browser.worker import Case

MOST_MS = 200
PATIENCE_S = 30
INTRODUCTION = """
Written by `make bench-browser`. A worker in a headless Chromium answers one task after another with two keys: the
label's, and Enter. Measured is from the moment of that Enter, as the browser stamps the event, until the next task can
be answered and is seen: its question hears keys, its picture is decoded, and the frame that shows it is drawn. So the
figures hold request, database, drawing and all. Each time he looks at the task for {look_s:g} s before he answers;
meanwhile the page prefetches the next picture, as it does for everybody. Every picture is another file, so that no
cache helps otherwise. The site is `manage.py serve` (web server, job worker and beat), reached as on one's own machine:
without a proxy, and with no line between. Server, database and browser share the processors.
"""
HEAD = """
|  | tasks | size, KB | median ms | p95 ms | worst ms | picture prefetched |
|---|---:|---:|---:|---:|---:|---:|
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.browser")
    parser.add_argument("--tasks", type=int, default=100, help="of each kind, after ten that do not count")
    parser.add_argument("--output", default="docs/benchmarks/browser.md")
    options = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's loop runs in this thread
    folder, url = server.data_folder() / "bench", f"http://127.0.0.1:{free_port()}"
    try:
        place.settle(folder, CROWD_URL=url, CROWD_PROXIES="0")
        django.setup()
        page, slow = _bench(options.tasks, url)
    finally:
        place.leave(folder)
    Path(options.output).write_text(page)
    print(page)
    if slow:
        raise SystemExit(f"Not under {MOST_MS} ms: {', '.join(slow)}.")


def _bench(tasks: int, url: str) -> tuple[str, list[str]]:
    """The page, and the lines whose median is too slow."""
    from bench.browser import worker
    from bench.marketplace.report import machine

    cases = worker.cases(tasks)
    with _served(url):
        found = worker.measured(cases, url)
    verified = place.verify()
    facts = [f"{machine()} Chromium {found.browser}."]
    facts += [f"Afterwards `manage.py verify` found that all {verified} invariants hold."]
    introduction = INTRODUCTION.strip().format(look_s=worker.LOOK_S)
    rows = [_row(case, found.times[case.title], found.ahead[case.title]) for case in cases]
    parts = ["# From submitting to the next task, in a browser", introduction, *facts, "\n".join([HEAD.strip(), *rows])]
    slow = [case.title for case in cases if statistics.median(found.times[case.title]) >= MOST_MS]
    return "\n\n".join(parts) + "\n", slow


def _row(case: "Case", times: Sequence[float], ahead: int) -> str:
    prefetched = f"{ahead} of {len(times)}" if case.has_picture else ""
    figures = [f"{value:.0f}" for value in np.percentile(times, [50, 95, 100])]
    return f"| {' | '.join([case.title, str(len(times)), case.size, *figures, prefetched])} |"


@contextmanager
def _served(url: str) -> Iterator[None]:
    """`manage.py serve`, until it says that it serves; stopped at the end."""
    command = [sys.executable, "manage.py", "serve"]
    process = subprocess.Popen(command, cwd=place.ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if url not in process.stdout.readline():
            raise SystemExit("The site does not answer.")
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


if __name__ == "__main__":
    main()
