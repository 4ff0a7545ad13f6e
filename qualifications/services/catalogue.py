"""Making and editing qualifications. They are never deleted: a project may ask for one, a worker may hold one."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.users.access import organisation_for, require_staff
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.errors import NameTaken
from qualifications.models import Qualification

MAX_NAME = 150
MAX_DESCRIPTION = 5000


@dataclass(frozen=True)
class Edit:
    """What is to change; None leaves it. `public` lists it for workers; not `active` ends its tests, not its grants."""

    name: str | None = None
    description: str | None = None
    public: bool | None = None
    active: bool | None = None


def create(
    *, actor: User, organisation_id: int | None, name: str, description: str = "", public: bool = True
) -> Qualification:
    """A qualification of an organisation (its members) or of the site (None; staff). Raises BadInput, NameTaken."""
    fields = _read(Edit(name=name, description=description, public=public))
    with transaction.atomic(durable=True):
        if organisation_id is None:
            require_staff(actor)
            organisation = None
        else:
            organisation = organisation_for(actor, organisation_id)
        qualification = Qualification(organisation=organisation, **fields)
        _save(qualification)
        audit.record(
            actor=actor,
            action="create",
            subject=qualification,
            organisation=organisation,
            now=clock.now(),
            after=fields,
        )
    return qualification


def edit(*, actor: User, qualification_id: int, changes: Edit) -> Qualification:
    """Raises like `create`, and NotFound, SystemQualification."""
    fields = _read(changes)
    with transaction.atomic(durable=True):
        door = managed_qualification(actor, qualification_id)
        qualification = Qualification.objects.select_for_update(no_key=True, of=("self",)).get(pk=door.pk)
        before = {name: getattr(qualification, name) for name in fields}
        for field, value in fields.items():
            setattr(qualification, field, value)
        _save(qualification)
        audit.record(
            actor=actor,
            action="edit",
            subject=qualification,
            organisation=door.organisation,
            now=clock.now(),
            before=before,
            after=fields,
        )
    return qualification


def _read(changes: Edit) -> dict[str, str | bool]:
    faults = {}
    fields: dict[str, str | bool] = {}
    if changes.name is not None:
        fields["name"] = name = " ".join(changes.name.split())
        if not 1 <= len(name) <= MAX_NAME or "\x00" in name:
            faults["name"] = _("A name of 1 to %(most)s characters is needed.") % {"most": MAX_NAME}
    if changes.description is not None:
        fields["description"] = changes.description
        if len(changes.description) > MAX_DESCRIPTION or "\x00" in changes.description:
            faults["description"] = _("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION}
    for flag in ("public", "active"):
        if (value := getattr(changes, flag)) is not None:
            fields[flag] = value
    if faults:
        raise BadInput(errors=faults)
    return fields


def _save(qualification: Qualification) -> None:
    try:
        with transaction.atomic():
            qualification.save()
    except IntegrityError as error:
        if "qualifications_name_unique" not in str(error):
            raise
        raise NameTaken(name=qualification.name) from error
