"""That a project is to be merged anew, kept until a run begins that sees what changed."""

from crowd.consensus.models import MergeWanted
from crowd.kernel import hints


def want_merge(project_id: int) -> None:
    """Inner: in the transaction of what changed beside the answers."""
    MergeWanted.objects.create(project_id=project_id)
    hints.after_commit("consensus.aggregate_project", project_id)


def take(project_id: int) -> None:
    """Inner: by a run, before it reads anything. What commits only later stays for the next one."""
    MergeWanted.objects.filter(project_id=project_id).delete()
