"""`make bench-quality`: accuracy, other kinds, calibration, speed and memory, against crowd-kit; a page and the screen.

    python -m bench.quality.report [--skip-speed] [--skip-big] [--output docs/benchmarks/quality.md]

crowd-kit and numba have to be importable (requirements/bench.in); without crowd-kit its columns are left out.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
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
        print(rows[-1], file=sys.stderr)
    return table(["method", *CLASSIFICATION, "mean", "CPU s"], rows)


def hard_cases() -> str:
    """Mean accuracy over five seeds of the synthetic crowds."""
    cases = synthetic()
    chosen = ("majority", "DS as crowd-kit", "one-coin", "**DawidSkene (default)**", "**Auto**")
    rows = []
    for name in chosen:
        means = [np.mean([METHODS[name]().fit(v).score(g) for v, g in pairs]) for pairs in cases.values()]
        rows.append([name, *(f"{m:.3f}" for m in means)])
        print(rows[-1], file=sys.stderr)
    return table(["method", *cases], rows)


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


def speeds(big: bool) -> str:
    """Ratios to crowd-kit, medians of alternating runs in one process."""
    plan = [(10_000, 4, 10, 5), (100_000, 4, 10, 5), (1_000_000, 4, 10, 5), (1_000_000, 20, 10, 5)]
    if big:
        plan += [(10_000_000, 4, 3, 5), (10_000_000, 20, 3, 1)]
    rows = []
    for size, labels, iterations, runs in plan:
        found = speed.measure(size, labels, iterations, runs, has("crowd-kit"))
        cells = [
            f"{found.ratio[engine]:.1f}x ({found.seconds[engine]:.2f} s)" if found.ratio else f"{seconds:.2f} s"
            for engine, seconds in found.seconds.items()
        ]
        rows.append([f"{size:,}, K = {labels}, {iterations}, {runs}", *cells])
        print(rows[-1], file=sys.stderr)
    return table(["answers, labels, iterations, runs", *found.seconds], rows)


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


def page(skip_speed: bool, skip_big: bool) -> str:
    """The whole page."""
    parts = ["# Truth inference measured", "Written by `make bench-quality`.", machine()]
    parts += ["## Accuracy on twelve public sets, no gold given", accuracy()]
    parts += ["## Hard synthetic crowds, mean of five seeds", hard_cases()]
    parts += ["## Calibration of the default", calibration()]
    parts += ["## Other kinds of answers", kinds.report()]
    if not skip_speed:
        busy = f"Load of the machine when this part began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
        parts += ["## Speed: same votes, same iterations, encoded before the clock starts", busy, speeds(not skip_big)]
        parts += ["## Memory above the encoded votes", memory.report()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-speed", action="store_true")
    parser.add_argument("--skip-big", action="store_true", help="leave out the runs of ten million answers")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks/quality.md"))
    asked = parser.parse_args()
    text = page(asked.skip_speed, asked.skip_big)
    print(text)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
