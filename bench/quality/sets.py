"""The public crowd data sets (CROWD_DATASETS, default ../shared/datasets) and the hard synthetic crowds beside them."""

from __future__ import annotations

import csv
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from crowd.quality import Votes
from crowd.quality.reading import read_gold

CLASSIFICATION = (
    *("bluebird", "rte", "dog", "web", "d_product", "s_rel"),
    *("cf", "cf_amt", "ms", "zc_us", "zc_in", "labelme"),
)
Gold = dict[Any, Any]


def folder() -> Path:
    """Where the data sets are."""
    here = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("CROWD_DATASETS", here.parent / "shared" / "datasets"))


def load(name: str) -> tuple[Votes, dict[str, str]]:
    """Answers as they are in the file, duplicates kept, and gold."""
    return Votes.read_csv(folder() / name / "answers.csv"), read_gold(folder() / name / "gold.csv")


def rows(name: str, file: str) -> list[dict[str, str]]:
    """A set's file as dictionaries."""
    with open(folder() / name / file, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def synthetic() -> dict[str, list[tuple[Votes, Gold]]]:
    """Each hard case of synthetic_crowds.py with five seeds."""
    crowd, cases = _generator()
    found: dict[str, list[tuple[Votes, Gold]]] = {}
    for case, setting in cases.items():
        for seed in range(5):
            answers, truth = crowd(case, seed)
            votes = Votes.from_labels(*np.asarray(answers).T, known_labels=range(setting["labels"]))
            found.setdefault(case, []).append((votes, dict(enumerate(truth.tolist()))))
    return found


def _generator() -> tuple[Callable[[str, int], Any], dict[str, dict[str, Any]]]:
    path = folder().parent / "reference" / "synthetic_crowds.py"
    spec = importlib.util.spec_from_file_location("synthetic_crowds", path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"{path}: the synthetic crowds lie beside the data sets")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.crowd, module.CASES
