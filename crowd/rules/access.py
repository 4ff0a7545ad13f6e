"""The doors to rules and their firings."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crowd.kernel.errors import NotAllowed, NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.rules.models import Firing, Rule
from crowd.rules.states import FiringState
from crowd.rules.vocabulary import Action, Scope
from crowd.users.access import is_member, require_staff
from crowd.users.models import User
from workers.models import Worker


def rules_of(user: User, project_id: int) -> QuerySet[Rule]:
    """Those that are listed, for members and staff. Raises NotFound."""
    return Rule.objects.filter(project=project_for(user, project_id), removed_at=None).order_by("pk")


def rule_for(user: User, project_id: int, rule_id: int) -> Rule:
    found = rules_of(user, project_id).filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def firings_of(user: User, project_id: int) -> QuerySet[Firing]:
    """The log of a project's rules, newest first."""
    return Firing.objects.filter(project=project_for(user, project_id)).select_related("worker").order_by("-pk")


def firing_for(user: User, project_id: int, firing_id: int) -> Firing:
    found = firings_of(user, project_id).filter(pk=firing_id).first()
    if found is None:
        raise NotFound
    return found


def firings_for_staff(user: User) -> QuerySet[Firing]:
    """Proposals to block somebody from the whole site, and what workers contest, of all projects."""
    require_staff(user)
    return Firing.objects.select_related("worker", "project__organisation").order_by("-pk")


def firings_about(worker: Worker) -> QuerySet[Firing]:
    """What rules found about him and what became of it; proposals that nobody followed are nothing about him."""
    hidden = (FiringState.DUE, FiringState.PROPOSED, FiringState.DISMISSED)
    mine = Firing.objects.filter(worker=worker).exclude(state__in=hidden)
    return mine.select_related("project__organisation").order_by("-pk")


def is_for_staff(firing: Firing) -> bool:
    """A block from the whole site is not for the organisation to decide."""
    return bool(firing.terms["action"] == Action.BLOCK and firing.terms["parameters"]["scope"] == Scope.SITE)


def require_apart(user: User, project: Project) -> None:
    """Raises NotAllowed unless he is staff, and no member of the organisation whose rule wants the block."""
    require_staff(user)
    if is_member(user, project.organisation):
        raise NotAllowed(_("Somebody else has to decide: this is a project of your own organisation."))


def project_of(firing: Firing) -> Project:
    return Project.objects.select_related("organisation").get(pk=firing.project_id)
