"""Making and editing qualifications. They are never deleted: a project may ask for one, a worker may hold one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.users.access import organisation_for, require_staff
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.errors import AtOnceOrTest, NameTaken
from qualifications.models import Qualification
from qualifications.states import Asking, System
from workers.services.profile import LANGUAGE

MAX_NAME = 150
MAX_DESCRIPTION = 5000
MOST = {"auto_value": 100, "valid_days": 3650}


@dataclass(frozen=True)
class Edit:
    """What is to change; None leaves it. `public` lists it for workers; not `active` ends its tests, not its grants.

    `asking` is what happens when a worker asks for it (`states.Asking`), `auto_value` what he then gets at once, and
    `valid_days` how long what is earned by a test or by asking lasts.
    """

    name: str | None = None
    description: str | None = None
    public: bool | None = None
    active: bool | None = None
    asking: str | None = None
    auto_value: int | None = None
    valid_days: int | None = None  # 0: for good


def create(
    *,
    actor: User,
    organisation_id: int | None,
    name: str,
    description: str = "",
    public: bool = True,
    language: str = "",
    **asked: Any,
) -> Qualification:
    """A qualification of an organisation (its members) or of the site (None; staff).

    language: a code such as "pt-BR", of the site only: how well somebody knows it, earned by its test. asked: `asking`,
    `auto_value`, `valid_days` as in Edit. Raises BadInput, NameTaken.
    """
    fields = _read(Edit(name=name, description=description, public=public, **asked))
    fields |= _read_language(language, organisation_id)
    _check_asking(fields, organisation_id, tested=False)
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
        if "asking" in fields:
            _check_asking(fields, qualification.organisation_id, tested=qualification.tests.exists())
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


def _read(changes: Edit) -> dict[str, Any]:
    """The fields to be written; those that are None stay as they are."""
    fields = {name: value for name, value in vars(changes).items() if value is not None}
    if "name" in fields:
        fields["name"] = " ".join(fields["name"].split())
    faults = {name: fault for name, value in fields.items() if (fault := _fault(name, value))}
    if faults:
        raise BadInput(errors=faults)
    if "valid_days" in fields:
        fields["valid_days"] = fields["valid_days"] or None
    return fields


def _fault(name: str, value: Any) -> str:
    if name == "name" and (not 1 <= len(value) <= MAX_NAME or "\x00" in value):
        return _("A name of 1 to %(most)s characters is needed.") % {"most": MAX_NAME}
    if name == "description" and (len(value) > MAX_DESCRIPTION or "\x00" in value):
        return _("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION}
    if name == "asking" and value not in Asking.values:
        return _("The choices are %(choices)s.") % {"choices": ", ".join(filter(None, Asking.values))}
    if name in MOST and (isinstance(value, bool) or not 0 <= value <= MOST[name]):
        return _("This is a whole number from 0 to %(most)s.") % {"most": MOST[name]}
    return ""


def _read_language(language: str, organisation_id: int | None) -> dict[str, Any]:
    if not language:
        return {}
    if organisation_id is not None or not LANGUAGE.fullmatch(language):
        raise BadInput(errors={"language": _("A language code such as en or pt-BR, for a qualification of the site.")})
    return {"system": System.LANGUAGE, "subject": language}


def _check_asking(fields: Mapping[str, Any], organisation_id: int | None, *, tested: bool) -> None:
    if fields.get("asking") == Asking.DOCUMENT and organisation_id is not None:
        raise BadInput(errors={"asking": _("Documents are shown to staff only, for qualifications of the site.")})
    if fields.get("asking") == Asking.AT_ONCE and tested:
        raise AtOnceOrTest


def _save(qualification: Qualification) -> None:
    try:
        with transaction.atomic():
            qualification.save()
    except IntegrityError as error:
        if "qualifications_system_unique" in str(error):
            raise NameTaken(_("There is a qualification for this language already.")) from error
        if "qualifications_name_unique" not in str(error):
            raise
        raise NameTaken(name=qualification.name) from error
