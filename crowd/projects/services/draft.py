"""Make a project, change its settings, throw a draft away."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.labeling.errors import ConfigError
from crowd.labeling.split import parse_split
from crowd.projects import fields
from crowd.projects.access import locked_for
from crowd.projects.errors import Fixed, ImportUnderWay
from crowd.projects.models import Project, Task, Upload
from crowd.projects.services import cut
from crowd.projects.services.record import record
from crowd.projects.states import PROJECT, ImportState, ProjectState
from crowd.users.access import organisation_for
from crowd.users.models import Organisation, User

# What tasks are cut from; while an import reads with the old values they may not change.
SHAPE = frozenset({"split", "redundancy"})


def create(*, actor: User, organisation: Organisation, **settings: Any) -> Project:
    """A new draft; `settings` are those of `crowd.projects.fields`, at least a title.

    Members of the organisation may. Raises BadInput with `errors`: a sentence for each setting that is wrong.
    """
    organisation_for(actor, organisation.pk)
    if "title" not in settings:
        raise BadInput(_("A project needs a title."), errors={"title": _("A project needs a title.")})
    values = fields.read(settings)
    with transaction.atomic(durable=True):
        now = clock.now()
        project = Project(organisation=organisation, created_by=actor, created_at=now, **values)
        fields.check_together(project)
        project.save()
        record(actor, project, "project.create", now=now, after=values)
    return project


def edit(*, actor: User, project_id: int, **settings: Any) -> Project:
    """Change settings of a draft, or of a published project what stays fair (`fields.unfair_change`).

    Raises BadInput with `errors`, Fixed with `errors` for what may no longer change, ImportUnderWay, WrongState.
    """
    values = fields.read(settings)
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)
        before = {name: getattr(project, name) for name in values if getattr(project, name) != values[name]}
        changed = {name: values[name] for name in before}
        if project.state != ProjectState.DRAFT:
            _refuse_unfair(project, before, changed)
        _apply(project, changed)
        record(actor, project, "project.edit", now=clock.now(), before=before, after=changed)
    return project


def discard(*, actor: User, project_id: int) -> Project:
    """A draft that will not be published. It stays, closed, so that its record does. Raises WrongState."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id, ProjectState.DRAFT)
        refuse_while_importing(project)
        PROJECT.check(project.state, ProjectState.CLOSED)
        now = clock.now()
        project.state, project.closed_at = ProjectState.CLOSED, now
        project.save(update_fields=["state", "closed_at"])
        record(actor, project, "project.discard", now=now)
    return project


def refuse_while_importing(project: Project) -> None:
    """Raises ImportUnderWay. Whoever holds the project's row knows that no import begins before he is done."""
    if Upload.objects.filter(project=project, state__in=[ImportState.WAITING, ImportState.RUNNING]).exists():
        raise ImportUnderWay


def _refuse_unfair(project: Project, before: dict[str, Any], changed: dict[str, Any]) -> None:
    reasons = {name: fields.unfair_change(name, before[name], changed[name]) for name in changed}
    if project.pay_floor_micros and "expected_s" in changed and (changed["expected_s"] or 0) < before["expected_s"]:
        reasons["expected_s"] = _("A pay floor was promised by this time: it may only become longer.")
    errors = {name: reason for name, reason in reasons.items() if reason}
    if errors:
        raise Fixed(" ".join(f"{name}: {reason}" for name, reason in errors.items()), errors=errors)


def _apply(project: Project, changed: dict[str, Any]) -> None:
    if SHAPE & changed.keys():
        refuse_while_importing(project)
    for name, value in changed.items():
        setattr(project, name, value)
    fields.check_together(project)
    _check_split(project, changed)
    project.save(update_fields=list(changed))
    _follow(project, changed.keys())


def _check_split(project: Project, changed: Iterable[str]) -> None:
    """A split is set before or after the config; whoever comes second is checked against the first."""
    if "split" not in changed or project.config is None:
        return
    try:
        parse_split(project.split, data_kind=project.config.config["data"]["kind"])
    except ConfigError as error:
        fields.refuse({f"split.{error.path}": error.message})


def _follow(project: Project, changed: Iterable[str]) -> None:
    """Bring the tasks of a draft in line with what they are cut from."""
    if "split" in changed:
        cut.recut(project)
    elif "redundancy" in changed:
        tasks = Task.objects.filter(project=project, is_gold=False, item__redundancy=None)
        tasks.update(redundancy=project.redundancy, needed=project.redundancy)
