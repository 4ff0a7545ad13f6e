"""Self-agreement: how often somebody says the same when he is given again what he had answered. Reads only.

For opinions, which have no right answer: who answers attentively is steady, who clicks at random is not. Two answers
are compared by the measure of each question of opinion, as gold is, with the project's pass mark. Text is not compared,
nor a report that a task cannot be answered. A repeat whose first answer was sent back meanwhile says nothing.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from crowd.assignments import configs
from crowd.assignments.states import AssignmentState
from crowd.projects.models import Project
from crowd.quality import gold
from crowd.quality.accuracy import BetaAccuracy
from qualifications.scoring import likeness

DONE = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED)
PAIRS = """
SELECT again.worker_id, again.id, b.value -> 'units', b.config_id, a.value -> 'units', a.config_id
FROM assignments_assignment again
JOIN assignments_assignment own ON own.project_id = again.project_id AND own.task_id = again.task_id
    AND own.worker_id = again.worker_id AND NOT own.is_repeat
JOIN assignments_answer a ON a.project_id = own.project_id AND a.assignment_id = own.id AND a.attempt = own.attempt
JOIN assignments_answer b
    ON b.project_id = again.project_id AND b.assignment_id = again.id AND b.attempt = again.attempt
WHERE again.project_id = %(project)s AND again.worker_id = ANY(%(workers)s) AND again.is_repeat
  AND again.state = ANY(%(done)s) AND a.cannot_answer = '' AND b.cannot_answer = ''
  AND again.submitted_at < coalesce(%(before)s::timestamptz, 'infinity')
"""


@dataclass(frozen=True)
class Steadiness:
    """Of so many repeats, how many said the same. `interval` holds the true share in 95 of 100 cases."""

    same: int
    repeats: int

    @property
    def share(self) -> float:
        return self.same / self.repeats

    @property
    def interval(self) -> tuple[float, float]:
        return BetaAccuracy(self.same, self.repeats - self.same).interval()


def compared(
    project: Project, workers: Collection[int], *, before: datetime | None = None
) -> dict[int, dict[int, bool]]:
    """By worker and assignment, whether the repeat said the same; what cannot be compared is left out."""
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    if project.config_id is None:
        return found
    parameters: dict[str, Any] = {
        "project": project.pk,
        "workers": list(workers),
        "done": [str(one) for one in DONE],
        "before": before,
    }
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, parameters)
        rows = cursor.fetchall()
    for worker, assignment, *answers in rows:
        same = _same(project.config_id, *answers)
        if same is not None:
            found[worker][assignment] = same
    return found


def steadiness(project: Project, workers: Collection[int], *, before: datetime | None = None) -> dict[int, Steadiness]:
    """Of those of whom there is anything to say."""
    each = compared(project, workers, before=before)
    return {worker: Steadiness(sum(one.values()), len(one)) for worker, one in each.items()}


def _same(config_id: int, again: Any, again_config: int, first: Any, first_config: int) -> bool | None:
    config = configs.parsed(config_id)
    opinions = [one for one in config.questions if one.is_opinion and one.measure != "same_text"]
    scores = []
    for said, before in zip(
        _units(again, again_config, config_id), _units(first, first_config, config_id), strict=True
    ):
        scores += [
            likeness(one, said[one.id], before[one.id]) for one in opinions if one.id in said and one.id in before
        ]
    return gold.is_right(gold.mean_score(scores), config.pass_mark) if scores else None


def _units(units: Any, old_id: int, new_id: int) -> list[Mapping[str, Any]]:
    """As the config in force has them."""
    units = json.loads(units) if isinstance(units, str) else units
    return [configs.unit_as(one, old_id=old_id, new_id=new_id) for one in units]
