"""`aggregate ANSWERS.csv`: what both `manage.py aggregate` and `python -m crowd.quality` run."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import numpy as np

from crowd.quality.auto import Auto, Method
from crowd.quality.dawid_skene import DawidSkene
from crowd.quality.ebcc import EBCC
from crowd.quality.glad import GLAD
from crowd.quality.mace import MACE
from crowd.quality.majority import MajorityVote
from crowd.quality.one_coin import OneCoin
from crowd.quality.ordinal import Ordinal
from crowd.quality.parity import ParityDawidSkene
from crowd.quality.reading import read_gold
from crowd.quality.types import Fit, Votes
from crowd.quality.weighted import GoldWeightedVote, Wawa

METHODS: dict[str, Callable[[], Method]] = {
    "dawid-skene": DawidSkene,
    "auto": Auto,
    "majority": MajorityVote,
    "one-coin": OneCoin,
    "mace": MACE,
    "ebcc": EBCC,
    "glad": GLAD,
    "wawa": Wawa,
    "gold-weighted": GoldWeightedVote,
    "ordinal": Ordinal,
    "dawid-skene-ml": lambda: DawidSkene(prior=None),
    "crowd-kit-dawid-skene": ParityDawidSkene,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command, the same with and without Django."""
    parser.add_argument("answers", type=Path, help="CSV file with the columns task, worker, label")
    parser.add_argument("--method", choices=sorted(METHODS), default="dawid-skene")
    parser.add_argument("--gold", type=Path, help="CSV file with the columns task, label: known answers, clamped")
    parser.add_argument(
        "--output", type=Path, help="where to write task,label,confidence,answers (default: standard output)"
    )
    parser.add_argument("--workers", type=Path, help="where to write worker,accuracy,answers")


def aggregate(
    answers: Path,
    *,
    method: str = "dawid-skene",
    gold: Path | None = None,
    output: Path | None = None,
    workers: Path | None = None,
    out: TextIO | None = None,
    progress: TextIO | None = None,
) -> Fit:
    """Read answers, fit, write consensus (to `out` without an `output` path) and, if wanted, workers.

    Raises ValueError naming file and line for a bad row, OSError for a file that cannot be read or written; nothing is
    written then.
    """
    for path in (output, workers):
        if path is not None:
            _check_place(path)
    told = _Teller(progress)
    votes = Votes.read_csv(answers, progress=lambda rows: told.say(f"{rows:,} answers read"))
    known = None if gold is None else read_gold(gold)
    told.say(
        f"{len(votes):,} answers to {len(votes.tasks):,} tasks by {len(votes.workers):,} workers: fitting {method}"
    )
    fit = METHODS[method]().fit(votes, known)
    told.say(f"{fit.method}: {fit.iterations} iterations, {int(fit.tied.sum()):,} tasks tied", end=True)
    if not fit.identifiable:
        told.say(
            "These answers cannot tell right from wrong (too little overlap, or no agreement beyond chance).", end=True
        )
    _write(output, out, ("task", "label", "confidence", "answers"), consensus_rows(fit))
    if workers is not None:
        _write(workers, None, ("worker", "accuracy", "answers"), worker_rows(fit))
    return fit


class _Teller:
    """Progress on one line of a terminal; nothing without a stream."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream

    def say(self, text: str, end: bool = False) -> None:
        if self.stream is not None:
            self.stream.write(f"\r{text:<78}" + ("\n" if end else ""))
            self.stream.flush()


def consensus_rows(fit: Fit) -> list[tuple[object, ...]]:
    """task, label, confidence, answers, one row a task."""
    confidence = [f"{value:.6f}" for value in fit.confidence]
    return list(zip(fit.tasks, fit.consensus, confidence, fit.votes.answers.tolist(), strict=True))


def worker_rows(fit: Fit) -> list[tuple[object, ...]]:
    """worker, accuracy, answers, one row a worker."""
    accuracy = [f"{value:.6f}" for value in np.asarray(fit.accuracy)]
    return list(zip(fit.workers, accuracy, fit.votes.worker_answers.tolist(), strict=True))


def _check_place(path: Path) -> None:
    """OSError before anything is read, rather than after a long fit, for a file that could not be written."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"{path} may not be written")


def _write(path: Path | None, out: TextIO | None, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    if path is None:
        _write_rows(out or sys.stdout, header, rows)
        return
    with open(path, "w", newline="", encoding="utf-8") as file:
        _write_rows(file, header, rows)


def _write_rows(file: TextIO, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
