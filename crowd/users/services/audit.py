"""The audit log: who did what to which thing, how it was before, and why. Rows are only ever added."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from crowd.kernel import crypto
from crowd.users.models import AuditEntry, Organisation, User
from crowd.users.services import person_keys


@dataclass(frozen=True, kw_only=True)
class Note:
    """One entry to be written. `actor` None is the site itself (a job); `subject` must have been saved."""

    action: str
    subject: models.Model
    actor: User | None = None
    organisation: Organisation | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def record(
    *,
    actor: User | None,
    action: str,
    subject: models.Model,
    now: datetime,
    organisation: Organisation | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Write one entry in the caller's transaction, so that a deed and its record stand or fall together.

    `before` and `after` hold ids and figures; dates and decimals become text. Personal values go in `sealed`.
    """
    note = Note(
        actor=actor,
        action=action,
        subject=subject,
        organisation=organisation,
        before=before or {},
        after=after or {},
        reason=reason,
    )
    return record_many([note], now=now)[0]


def record_many(notes: Sequence[Note], *, now: datetime) -> list[AuditEntry]:
    """Like `record`, for many at once."""
    return AuditEntry.objects.bulk_create([_entry(note, now) for note in notes], batch_size=1000)


def sealed(person: User, value: str) -> dict[str, Any]:
    """A personal value as it may stand in `before` or `after`: encrypted with the person's own key.

    Destroying that key makes it unreadable, although rows of the log are never changed. Creates the key on first use.
    """
    secret = crypto.encrypt(person_keys.wrapped_key(person), value)
    return {"person": person.pk, "sealed": base64.b64encode(secret).decode()}


def unsealed(value: Mapping[str, Any]) -> str:
    """What `sealed` hid. Raises crypto.Unreadable once the person's key is destroyed."""
    person = User.objects.get(pk=value["person"])
    return crypto.decrypt(person_keys.wrapped_key(person), base64.b64decode(value["sealed"]))


def _entry(note: Note, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=note.actor,
        action=note.action,
        subject_type=note.subject._meta.label_lower,
        subject_id=note.subject.pk,
        organisation=note.organisation,
        before=_plain(note.before),
        after=_plain(note.after),
        reason=note.reason,
    )


def _plain(value: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
