"""The doors to a project: nobody gets one without passing here."""

from django.utils.translation import gettext as _

from crowd.kernel.errors import NotFound
from crowd.kernel.transitions import WrongState
from crowd.projects.models import Project
from crowd.projects.states import ProjectState
from crowd.users.access import acts_as_staff, organisation_for
from crowd.users.models import Membership, User


def project_for(user: User, project_id: int) -> Project:
    """To read: for members of its organisation, and staff. NotFound for everybody else."""
    project = Project.objects.select_related("organisation", "config", "guidelines").filter(pk=project_id).first()
    if project is None or not (acts_as_staff(user) or _is_member(user, project.organisation_id)):
        raise NotFound
    return project


def locked_for(user: User, project_id: int, *states: ProjectState) -> Project:
    """To change: the row, locked until the transaction ends, for members only; WrongState in any other state.

    The lock is FOR NO KEY UPDATE: it holds up neither readers nor rows that point at the project.
    """
    project = Project.objects.select_for_update(no_key=True).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    organisation_for(user, project.organisation_id)
    if states and project.state not in states:
        message = _("This cannot be done: the project is %(state)s.") % {"state": project.get_state_display()}
        raise WrongState(message, state=project.state, wanted=[state.value for state in states])
    return project


def _is_member(user: User, organisation_id: int) -> bool:
    return Membership.objects.filter(user=user, organisation_id=organisation_id).exists()
