"""Who may work on a project: what it demands of workers, and whose workers it keeps out."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.access import locked_for
from crowd.projects.models import Exclusion, Project, Requirement
from crowd.projects.services.record import record
from crowd.projects.states import ProjectState
from crowd.users.models import User
from qualifications.models import Qualification
from qualifications.requirements import Condition, validate

MAX_EXCLUSIONS = 100
CHANGEABLE = (ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)


def set_requirements(*, actor: User, project_id: int, conditions: Sequence[Condition]) -> Project:
    """Replace what the project demands; every worker is checked anew when he takes his next task.

    Whoever holds a task keeps it. Raises BadInput for conditions that are ill-formed or contradict each other,
    NotFound for a qualification that is neither the site's nor the organisation's own, WrongState.
    """
    validate(conditions)
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, *CHANGEABLE)
        check_reach(project, conditions)
        before, rows = replace(project, conditions)
        after = {"requirements": [said(row) for row in rows]}
        _raise_version(actor, project, "project.requirements", {"requirements": before}, after)
    return project


def replace(
    project: Project, conditions: Sequence[Condition], *, tier: int = 0
) -> tuple[list[dict[str, Any]], list[Requirement]]:
    """What was demanded, and the rows of what is now. Inner: needs the project's row; the caller raises its version."""
    old = Requirement.objects.filter(project=project, tier=tier).order_by("id")
    before = [said(one) for one in old]
    old.delete()
    rows = [
        Requirement(
            project=project,
            tier=tier,
            qualification=one.qualification,
            comparator=one.comparator,
            values=list(one.values),
            locales=list(one.locales),
            guard=one.guard,
            group=one.group,
        )
        for one in conditions
    ]
    Requirement.objects.bulk_create(rows)
    return before, rows


def set_exclusions(*, actor: User, project_id: int, other_ids: Collection[int]) -> Project:
    """Replace the projects, of the same organisation, whose workers may not work on this one.

    Raises NotFound for a project of somebody else, BadInput, WrongState.
    """
    wanted = sorted(set(other_ids))
    if len(wanted) > MAX_EXCLUSIONS or project_id in wanted:
        raise BadInput(_("At most %(most)s other projects can be named.") % {"most": MAX_EXCLUSIONS})
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, *CHANGEABLE)
        own = Project.objects.filter(organisation=project.organisation_id, pk__in=wanted)
        if own.count() != len(wanted):
            raise NotFound(_("One of these projects is not there, or not your organisation's."))
        before = list(Exclusion.objects.filter(project=project).order_by("other").values_list("other", flat=True))
        Exclusion.objects.filter(project=project).delete()
        Exclusion.objects.bulk_create([Exclusion(project=project, other_id=other) for other in wanted])
        _raise_version(actor, project, "project.exclusions", {"projects": before}, {"projects": wanted})
    return project


def check_reach(project: Project, conditions: Sequence[Condition]) -> None:
    wanted = {condition.qualification.pk for condition in conditions}
    within = Q(organisation=None) | Q(organisation=project.organisation_id)
    found = set(Qualification.objects.filter(within, active=True, pk__in=wanted).values_list("pk", flat=True))
    if found != wanted:
        raise NotFound(_("One of these qualifications is not there, or not yours to demand."))


def _raise_version(actor: User, project: Project, action: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    project.requirements_version += 1
    project.save(update_fields=["requirements_version"])
    record(actor, project, action, now=clock.now(), before=before, after=after)


def said(row: Requirement) -> dict[str, Any]:
    return {
        "qualification": row.qualification_id,
        "comparator": str(row.comparator),
        "values": row.values,
        "locales": row.locales,
        "guard": str(row.guard),
        "group": row.group,
    }
