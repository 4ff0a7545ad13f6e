"""Who may see a file that a worker brought."""

from crowd.assignments.models import Contribution
from crowd.assignments.states import AssignmentState
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.review.models import Reviewer
from crowd.users.models import User

PAID_OR_MAY_BE = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)


def contribution_for(user: User, media_id: int) -> Contribution:
    """For its worker; for members of the organisation, staff and the project's reviewers from when it is in an answer,
    while that is paid for or may be. NotFound for everybody else."""
    found = Contribution.objects.select_related("media", "assignment__worker").filter(media=media_id).first()
    if found is None:
        raise NotFound
    assignment = found.assignment
    if assignment.worker.user_id == user.pk:
        return found
    if found.answered_at is None or assignment.state not in PAID_OR_MAY_BE:
        raise NotFound
    if not Reviewer.objects.filter(project=assignment.project_id, worker__user=user, removed_at=None).exists():
        project_for(user, assignment.project_id)
    return found
