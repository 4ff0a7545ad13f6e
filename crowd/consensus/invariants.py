"""What must hold of the votes that aggregation keeps: they are what the assignments and answers say."""

from itertools import islice
from typing import Any

import numpy as np

from crowd.consensus import parts
from crowd.consensus.models import VotePart
from crowd.consensus.parts import SEEN, Rows
from crowd.consensus.services import fold
from crowd.kernel.invariants import Invariant

MOST = 100  # rows of one project that are told


def _parts() -> list[dict[str, Any]]:
    """The parts with what is noted and not yet folded, against the assignments: the full check of one moment."""
    found: list[dict[str, Any]] = []
    for project_id in VotePart.objects.order_by("project_id").values_list("project_id", flat=True).distinct():
        kept = fold.kept(project_id)
        if kept is None:
            found.append({"project": project_id, "fault": "a part is missing, or not what its hash says"})
        else:
            found += islice(_different(project_id, kept, fold.every(project_id)), MOST)
    return found


def _different(project_id: int, kept: Rows, stored: Rows) -> Any:
    """The assignments that one of them does not have as the other has them."""
    one, other = (_standing(rows) for rows in (kept, stored))
    both = parts.joined([one, other])
    values = np.stack([both[name] for name in parts.COLUMNS])
    _rows, first, many = np.unique(values, axis=1, return_index=True, return_counts=True)
    for assignment in np.unique(both["assignment"][first[many != 2]]).tolist():
        yield {"project": project_id, "assignment": assignment}


def _standing(rows: Rows) -> Rows:
    return rows.taken_from((rows["flags"] & SEEN) > 0)


INVARIANTS = [
    Invariant(
        "consensus.parts",
        "The votes that aggregation keeps, with what is noted since, are what the assignments and answers say.",
        _parts,
    ),
]
