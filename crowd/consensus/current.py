"""Whether a consensus is about the answers as they stand."""

from django.db.models import Exists, OuterRef

from crowd.consensus.models import VoteChange


def noted(task: str = "task_id") -> Exists:
    """That something happened to the answers of a task which no aggregation took yet: its consensus may be about other
    ones, however many. `task` holds its id in the outer query, of a model that has the project's as `project_id`.

    Ask in the statement that reads the consensus: what another transaction folds meanwhile is then seen of both.
    """
    return Exists(VoteChange.objects.filter(project=OuterRef("project_id"), task_id=OuterRef(task)))
