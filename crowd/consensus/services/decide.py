"""What a requester decides himself: the merged answer of chosen keys, from this moment on."""

from collections.abc import Collection
from datetime import datetime

from crowd.consensus.answers import Key
from crowd.consensus.models import Consensus, Decision
from crowd.consensus.services.wanted import want_merge
from crowd.projects.models import Project


def decide(project: Project, *, question: str, keys: Collection[Key], label: str, now: datetime) -> None:
    """Inner: needs the project's lock and the tasks'. Merged answers follow at once, the workers' figures with the next
    aggregation. What was decided before of a key stands no longer."""
    Decision.objects.bulk_create(
        [
            Decision(project=project, task_id=task, unit=unit, question=question, value=label, decided_at=now)
            for task, unit in sorted(keys)
        ],
        update_conflicts=True,
        unique_fields=["project", "task", "unit", "question"],
        update_fields=["value", "decided_at"],
    )
    known = {"value": label, "posterior": 1.0, "distribution": {label: 1.0}, "gain": 0.0, "sure": 1.0}
    known["tied"] = False
    for task, unit in keys:
        Consensus.objects.filter(project_id=project.pk, task_id=task, unit=unit, question=question).update(**known)
    want_merge(project.pk)
