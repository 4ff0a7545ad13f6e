"""Writes expected.json: what crowd-kit finds for the crowds of tests/quality/crowds.py.

Run from the project's folder by a Python that has crowd-kit 1.4.2 (not the project's own: it brings pandas and more):
    python -m tests.quality.oracle.make_expected
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped, unused-ignore]
from crowdkit.aggregation import DawidSkene
from crowdkit.metrics.data import alpha_krippendorff

from tests.quality.crowds import SMALL, simulate

PLACE = Path(__file__).parent / "expected.json"


def expect(name: str) -> dict[str, Any]:
    """Dawid-Skene's posterior, iterations and ELBO, and Krippendorff's alpha."""
    task, worker, label, _ = simulate(**SMALL[name])
    data = pd.DataFrame({"task": task, "worker": worker, "label": label})
    fitted = DawidSkene(n_iter=100).fit(data)
    assert fitted.probas_ is not None
    table = fitted.probas_.sort_index().sort_index(axis=1)
    return {
        "posterior": np.round(table.to_numpy(), 9).tolist(),
        "iterations": len(fitted.loss_history_),
        "bound": fitted.loss_history_[-1],
        "alpha": float(alpha_krippendorff(data)),
    }


if __name__ == "__main__":
    found: dict[str, Any] = {name: expect(name) for name in SMALL}
    found["crowd-kit"] = version("crowd-kit")
    PLACE.write_text(json.dumps(found) + "\n", encoding="utf-8")
