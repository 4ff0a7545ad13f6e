"""`make bench-quality`: accuracy, parity, calibration, other kinds, speed and memory against crowd-kit; a page.

    python -m bench.quality.report [--skip-speed] [--most 10000000] [--huge] [--output docs/benchmarks/quality.md]

crowd-kit and numba have to be importable (requirements/bench.in); without crowd-kit its columns are left out. What is
not timed runs first, in as many processes as there are processors; what is timed runs alone, one after another.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from bench.quality import kinds, memory, speed
from bench.quality.sets import CLASSIFICATION, load, synthetic
from crowd.quality import (
    EBCC,
    GLAD,
    MACE,
    Auto,
    DawidSkene,
    Dirichlet,
    MajorityVote,
    OneCoin,
    ParityDawidSkene,
    Wawa,
    calibrate,
    calibration_error,
    noise_floor,
)

METHODS: dict[str, Callable[[], Any]] = {
    "majority": MajorityVote,
    "Wawa": Wawa,
    "DS as crowd-kit": ParityDawidSkene,
    "DS, Dirichlet": lambda: DawidSkene(prior=Dirichlet()),
    "one-coin": OneCoin,
    "GLAD": GLAD,
    "MACE": MACE,
    "EBCC": EBCC,
    "**DawidSkene (default)**": DawidSkene,
    "**Auto**": Auto,
}

TITLES = (
    "Accuracy on twelve public sets, no gold given",
    "Hard synthetic crowds, mean of five seeds",
    "Parity mode beside crowd-kit",
    "Calibration of the default",
    "Other kinds of answers",
)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def accuracy() -> str:
    """Accuracy on the twelve classification sets; a tie earns 1 / number of tied labels."""
    data = {name: load(name) for name in CLASSIFICATION}
    rows = []
    for name, make in METHODS.items():
        begin = time.process_time()
        scores = [make().fit(votes).score(gold) for votes, gold in data.values()]
        seconds = time.process_time() - begin
        rows.append([name, *(f"{s:.4f}" for s in scores), f"**{np.mean(scores):.4f}**", f"{seconds:.1f}"])
    return table(["method", *CLASSIFICATION, "mean", "CPU s"], rows)


def hard_cases() -> str:
    """Mean accuracy over five seeds of the synthetic crowds."""
    cases = synthetic()
    chosen = ("majority", "DS as crowd-kit", "one-coin", "**DawidSkene (default)**", "**Auto**")
    rows = []
    for name in chosen:
        means = [np.mean([METHODS[name]().fit(v).score(g) for v, g in pairs]) for pairs in cases.values()]
        rows.append([name, *(f"{m:.3f}" for m in means)])
    return table(["method", *cases], rows)


def parity() -> str:
    """Greatest difference of a posterior from crowd-kit's own, and both numbers of iterations."""
    if not has("crowd-kit"):
        return "crowd-kit is not installed."
    import pandas as pd  # type: ignore[import-untyped, unused-ignore]
    from crowdkit.aggregation import DawidSkene as Theirs

    rows = []
    for name in CLASSIFICATION:
        votes, _ = load(name)
        frame = pd.DataFrame({"task": votes.task, "worker": votes.worker, "label": votes.label})
        theirs, ours = Theirs(n_iter=100, tol=1e-5).fit(frame), ParityDawidSkene().fit(votes)
        assert theirs.probas_ is not None
        found = theirs.probas_.reindex(index=range(len(votes.tasks)), columns=range(len(votes.labels))).fillna(0)
        off = float(np.abs(found.to_numpy() - ours.posterior).max())
        rows.append([name, f"{off:.1e}", str(ours.iterations), str(len(theirs.loss_history_))])
    return table(["set", "greatest difference", "iterations here", "iterations in crowd-kit"], rows)


def calibration(repeats: int = 10) -> str:
    """Expected calibration error on the tasks outside a random tenth of the gold, mean over `repeats` draws."""
    rows, means = [], []
    for name in CLASSIFICATION:
        votes, gold = load(name)
        fit = DawidSkene().fit(votes)
        codes = votes.with_labels_of(gold).gold_codes(gold)
        known = np.flatnonzero(codes >= 0)
        found = [_calibrate_once(fit, gold, codes, known, seed) for seed in range(repeats)]
        mean = np.mean(found, axis=0)
        means.append(mean)
        rows.append([name, *(f"{value:.4f}" for value in mean)])
    rows.append(["**mean**", *(f"**{value:.4f}**" for value in np.mean(means, axis=0))])
    return table(["set", "as fitted", "calibrated on 10 % gold", "sampling noise alone"], rows)


def _calibrate_once(fit: Any, gold: Any, codes: Any, known: Any, seed: int) -> tuple[float, float, float]:
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(known)
    used, rest = mixed[: max(1, len(mixed) // 10)], mixed[max(1, len(mixed) // 10) :]
    calibrated = calibrate(fit, {fit.tasks[t]: gold[fit.tasks[t]] for t in used}).apply(fit.posterior[rest]).max(axis=1)
    place = np.minimum(codes[rest], len(fit.labels) - 1)
    right = fit.winners[rest, place] * (codes[rest] < len(fit.labels)) / fit.winners[rest].sum(axis=1)
    before, after = calibration_error(fit.confidence[rest], right), calibration_error(calibrated, right)
    return before, after, noise_floor(calibrated, rng, rounds=50)


def speeds(most: int, huge: bool) -> str:
    """Ratios to crowd-kit, medians of alternating runs in one process, up to `most` answers."""
    plan = [(10_000, 4, 10, 5), (100_000, 4, 10, 5), (1_000_000, 4, 10, 5), (1_000_000, 20, 10, 5)]
    plan += [(10_000_000, 4, 3, 5)] + [(10_000_000, 20, 3, 1)] * huge
    rows, names = [], ["numpy", "fast, 1 thread", "fast, 2 threads", *["crowd-kit"] * has("crowd-kit")]
    for size, labels, iterations, runs in plan:
        if size <= most:
            found = speed.measure(size, labels, iterations, runs, has("crowd-kit"))
            cells = [
                f"{found.ratio[name]:.1f}x ({found.seconds[name]:.2f} s)"
                if found.ratio
                else f"{found.seconds[name]:.2f} s"
                for name in names
            ]
            rows.append([f"{size:,}, K = {labels}, {iterations}, {runs}", *cells])
            print(rows[-1], file=sys.stderr)
    return table(["answers, labels, iterations, runs", *names], rows)


def imports(runs: int = 7) -> str:
    """Median seconds, each in a process of its own, less what Python itself takes to start."""
    lines = []
    for what in ("import crowd.quality", "from crowd.quality import DawidSkene, Votes", "import numpy"):
        code = f"import time; begin = time.perf_counter(); {what}; print(time.perf_counter() - begin)"
        taken = [
            float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
            for _ in range(runs)
        ]
        lines.append(f"- `{what}`: {statistics.median(taken):.3f} s")
    return "\n".join(lines)


def has(package: str) -> bool:
    """Whether a package is installed."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def machine() -> str:
    """What it ran on."""
    packages = ("numpy", "numba", "crowd-kit", "pandas")
    versions = ", ".join(f"{p} {version(p)}" if has(p) else f"{p} not installed" for p in packages)
    load_now = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {versions}; "
        f"load before the run {load_now}."
    )


def page(skip_speed: bool, most: int, huge: bool) -> str:
    """The whole page."""
    head, sections = machine(), [accuracy, hard_cases, parity, calibration, kinds.report]
    with ProcessPoolExecutor(max_workers=min(len(sections), os.cpu_count() or 1)) as pool:
        found = [job.result() for job in [pool.submit(section) for section in sections]]
    parts = ["# Truth inference measured", "Written by `make bench-quality`.", head]
    for title, text in zip(TITLES, found, strict=True):
        parts += [f"## {title}", text]
    if not skip_speed:
        busy = f"{os.getloadavg()[0]:.1f} processes wanted to run when this part began, on {os.cpu_count()} processors."
        parts += ["## Time to import", imports()]
        parts += ["## Speed: same votes, same iterations, encoded before the clock starts"]
        parts += [busy, speeds(most, huge)]
        parts += ["## Memory above the encoded votes", memory.report(most)]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skip-speed", action="store_true")
    parser.add_argument("--most", type=int, default=10_000_000, help="answers in the largest timed run")
    parser.add_argument("--huge", action="store_true", help="time ten million answers with K = 20 too (5 minutes more)")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks/quality.md"))
    asked = parser.parse_args()
    text = page(asked.skip_speed, asked.most, asked.huge)
    print(text)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
