"""Peak memory of one fit of ten million answers, above the encoded votes, in a process of its own.

python -m bench.quality.memory ENGINE SIZE LABELS     (prints megabytes)
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

ENGINES = {"numpy": 0, "fast, 1 thread": 1, "fast, 2 threads": 2}


def peak() -> float:
    """Megabytes this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def now() -> float:
    """Megabytes this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def forget_peak() -> None:
    """Linux: the peak starts again from what is held now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def high_water() -> float:
    """Megabytes held at most since forget_peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return peak()


def measure(engine: str, size: int, labels: int) -> float:
    """Megabytes above the votes (with kernels loaded) that a fit of three iterations needs."""
    from bench.quality.speed import make_votes
    from crowd.quality import ParityDawidSkene

    method = ParityDawidSkene(3, 0.0, ENGINES[engine])
    method.fit(make_votes(1000, labels))
    votes = make_votes(size, labels)
    forget_peak()
    before = now()
    method.fit(votes)
    return high_water() - before


def report(size: int = 10_000_000, labels: int = 4) -> str:
    """One line an engine."""
    lines = []
    for engine in ENGINES:
        done = subprocess.run(
            [sys.executable, "-m", "bench.quality.memory", engine, str(size), str(labels)],
            capture_output=True,
            text=True,
            check=False,
        )
        lines.append(
            f"- {engine}, {size:,} answers, K = {labels}: {done.stdout.strip() or done.stderr.strip()[-200:]} MB"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(f"{measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])):.0f}")
