"""Granting qualifications and taking them back, one by one or many at once.

Everything that changes a grant locks the Worker rows first (in the order of their ids) and bumps their eligibility.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.notices.services.notify import notify
from crowd.users.access import acts_as_staff
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.models import Grant, Qualification
from qualifications.states import GRANT, Asking, GrantState
from workers.models import Worker
from workers.services.eligibility import bump
from workers.services.pseudonyms import worker_by_pseudonym

MAX_REASON = 2000
MAX_VALUE = 100


@dataclass(frozen=True, kw_only=True)
class Award:
    """A worker shall hold the qualification with this value, 0 to 100, until then (None: for good)."""

    worker_id: int
    value: int = MAX_VALUE
    reason: str = ""
    expires_at: datetime | None = None


def grant(
    *,
    actor: User,
    qualification_id: int,
    worker: str,
    value: int = MAX_VALUE,
    reason: str = "",
    expires_at: datetime | None = None,
) -> Grant:
    """Grant, or change what was granted. Members grant their organisation's, staff any but system ones.

    `worker`: the pseudonym in that organisation; for staff also an e-mail address or "#" and the worker's id.
    Raises NotFound, NotAllowed (nobody his own), BadInput, SystemQualification.
    """
    with transaction.atomic(durable=True):
        qualification = managed_qualification(actor, qualification_id)
        found = find_worker(actor, qualification, worker)
        if found.user_id == actor.pk:
            raise NotAllowed(_("Somebody else must grant you a qualification."))
        now = clock.now()
        award = Award(worker_id=found.pk, value=value, reason=reason.strip(), expires_at=expires_at)
        check_award(award, now)
        made = award_many(qualification, [award], actor=actor, now=now)
        tell(made, kind="qualification_granted", now=now)
        return made[0]


def revoke(*, actor: User, qualification_id: int, worker: str, reason: str) -> Grant:
    """Take it back, with a reason that the worker reads. Who failed this way does not regain it by its test.

    Raises as `grant`; WrongState when he does not hold it.
    """
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        raise BadInput(errors={"reason": _("A reason is needed; the worker reads it.")})
    with transaction.atomic(durable=True):
        qualification = managed_qualification(actor, qualification_id)
        found = find_worker(actor, qualification, worker)
        now = clock.now()
        bump([found.pk])
        held = Grant.objects.select_for_update(no_key=True).filter(qualification=qualification, worker=found).first()
        if held is None:
            raise NotFound(_("This worker does not hold the qualification."))
        GRANT.check(held.state, GrantState.REVOKED)
        take_back(held, actor=actor, reason=reason, now=now)
    return held


def take_back(held: Grant, *, actor: User | None, reason: str, now: datetime) -> None:
    """Inner: needs the worker's lock and a grant that is held; `actor` None is a rule. The worker is told."""
    before = _facts(held)
    held.state, held.reason, held.granted_by, held.granted_at = GrantState.REVOKED, reason, actor, now
    held.save()
    qualification = held.qualification
    audit.record_many([_note("revoke", actor, qualification, held, before)], now=now)
    tell([held], kind="qualification_revoked", now=now)


def tell(held: Sequence[Grant], *, kind: str, now: datetime) -> None:
    """Each worker, what happened to his grant. Inner."""
    users = dict(Worker.objects.filter(pk__in=[one.worker_id for one in held]).values_list("pk", "user_id"))
    for one in held:
        link = f"/work/qualifications/{one.qualification_id}/"
        data = {"name": one.qualification.name, "reason": one.reason, "value": one.value}
        notify(user_id=users[one.worker_id], kind=kind, data=data, link=link, now=now)


def award_many(
    qualification: Qualification, awards: Sequence[Award], *, actor: User | None, now: datetime
) -> list[Grant]:
    """Inner: give each worker his award, `actor` None is a passed test or a rule. Takes the workers' locks.

    Raises BadInput for a credential without an end.
    """
    if qualification.asking == Asking.DOCUMENT and any(award.expires_at is None for award in awards):
        raise BadInput(errors={"expires_at": _("What a document proves has an end: say until when.")})
    bump(award.worker_id for award in awards)
    workers = [award.worker_id for award in awards]
    held = {one.worker_id: one for one in Grant.objects.filter(qualification=qualification, worker__in=workers)}
    before = {worker_id: _facts(one) for worker_id, one in held.items()}
    grants = [held.get(award.worker_id) or Grant(qualification=qualification) for award in awards]
    for one, award in zip(grants, awards, strict=True):
        _write(one, award, actor, now)
    Grant.objects.bulk_update([one for one in grants if one.pk], _FIELDS, batch_size=1000)
    Grant.objects.bulk_create([one for one in grants if not one.pk], batch_size=1000)
    notes = [_note("grant", actor, qualification, one, before.get(one.worker_id, {})) for one in grants]
    audit.record_many(notes, now=now)
    return grants


def ends_at(qualification: Qualification, now: datetime) -> datetime | None:
    """When what is earned now ends; None: never."""
    return None if qualification.valid_days is None else now + timedelta(days=qualification.valid_days)


def check_award(award: Award, now: datetime) -> None:
    """Raises BadInput naming the field."""
    faults = {}
    if isinstance(award.value, bool) or not 0 <= award.value <= MAX_VALUE:
        faults["value"] = _("A value is a whole number from 0 to 100.")
    if award.expires_at is not None and award.expires_at <= now:
        faults["expires_at"] = _("This time has passed.")
    if len(award.reason) > MAX_REASON or "\x00" in award.reason:
        faults["reason"] = _("A reason has at most %(most)s characters.") % {"most": MAX_REASON}
    if faults:
        raise BadInput(errors=faults)


def find_worker(actor: User, qualification: Qualification, reference: str) -> Worker:
    """The worker meant by a pseudonym; for staff also by e-mail address or "#12". Raises NotFound, also for others."""
    reference = reference.strip()
    try:
        if acts_as_staff(actor) and "@" in reference:
            return Worker.objects.get(user__email__iexact=reference)
        if acts_as_staff(actor) and reference.startswith("#"):
            return Worker.objects.get(pk=int(reference[1:]))
    except (ObjectDoesNotExist, ValueError) as error:
        raise NotFound(_("There is no worker “%(reference)s”.") % {"reference": reference[:60]}) from error
    if qualification.organisation is None:
        raise NotFound(_("Name the worker by e-mail address, or by # and his number."))
    return worker_by_pseudonym(qualification.organisation, reference)


_FIELDS = ["state", "value", "granted_by", "granted_at", "expires_at", "reason"]


def _write(one: Grant, award: Award, actor: User | None, now: datetime) -> None:
    if one.state == GrantState.REVOKED:
        GRANT.check(one.state, GrantState.GRANTED)
    one.worker_id = award.worker_id
    one.state = GrantState.GRANTED
    one.value, one.reason, one.expires_at = award.value, award.reason, award.expires_at
    one.granted_by, one.granted_at = actor, now


def _facts(one: Grant) -> dict[str, Any]:
    return {"state": one.state, "value": one.value, "expires_at": one.expires_at}


def _note(
    action: str, actor: User | None, qualification: Qualification, one: Grant, before: dict[str, Any]
) -> audit.Note:
    return audit.Note(
        actor=actor,
        action=action,
        subject=one,
        organisation=qualification.organisation,
        before=before,
        after=_facts(one),
        reason=one.reason,
    )
