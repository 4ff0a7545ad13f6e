"""The payout profile: encrypted with its owner's key, shown to him masked, to requesters never."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto
from crowd.users.models import User
from crowd.users.services import audit, person_keys
from workers import payout_fields
from workers.access import worker_for
from workers.models import PayoutProfile, Worker
from workers.payout_fields import PAYPAL, Details


def save(*, actor: User, fields: Mapping[str, str]) -> PayoutProfile:
    """A worker fills or changes his own profile (fields: see `payout_fields.read`), in whatever state he is.

    A change, unlike the first filling, holds payouts for CROWD_PAYOUT_HOLD_HOURS, and the addresses that were known
    before are told: so whoever took over the account does not get the money. The same again changes nothing.
    Raises NotAllowed, BadInput.
    """
    with transaction.atomic(durable=True):
        worker = lock(worker_for(actor).pk)
        now = clock.now()
        details = payout_fields.read(fields, today=now.date())
        profile = PayoutProfile.objects.filter(worker=worker).first()
        if profile is None:
            return _write(PayoutProfile(worker=worker), details, action="fill_payout_profile", actor=actor, now=now)
        before = read(profile)
        if before == details:
            return profile
        profile.held_until = now + timedelta(hours=settings.CROWD_PAYOUT_HOLD_HOURS)
        _warn_after_commit(worker.user, before, profile.held_until)
        return _write(profile, details, action="change_payout_profile", actor=actor, now=now)


def read(profile: PayoutProfile) -> Details:
    """What it says, for paying. Inner; raises crypto.Unreadable when its owner was erased."""
    text = crypto.decrypt(person_keys.wrapped_key(profile.worker.user), bytes(profile.secret))
    return Details(**json.loads(text))


def lock(worker_id: int) -> Worker:
    """Under his row's lock, so that two tabs do not both fill it in, and he is not erased meanwhile. Inner."""
    return Worker.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=worker_id)


def _write(profile: PayoutProfile, details: Details, *, action: str, actor: User, now: datetime) -> PayoutProfile:
    key = person_keys.wrapped_key(profile.worker.user)
    profile.method, profile.masked = details.method, payout_fields.masked(details)
    profile.secret = crypto.encrypt(key, json.dumps(asdict(details)))
    profile.changed_at = now
    profile.save()
    after = {"method": details.method, "held_until": profile.held_until}
    audit.record(actor=actor, action=action, subject=profile, now=now, after=after)
    return profile


def _warn_after_commit(user: User, before: Details, held_until: datetime) -> None:
    addresses = {user.email} | ({before.destination} if before.method == PAYPAL else set())
    for address in sorted(addresses):
        transaction.on_commit(lambda to=address: _warn(user, to, held_until), robust=True)  # type: ignore[misc]


def _warn(user: User, address: str, held_until: datetime) -> None:
    with translation.override(user.language), timezone.override(user.timezone):
        facts = {"until": f"{timezone.localtime(held_until):%Y-%m-%d %H:%M %Z}", "site": settings.CROWD_URL}
        send_mail(
            _("Your payout details were changed"),
            _(
                "The payout details of your account at %(site)s were changed just now.\n\n"
                "For your safety no payout leaves before %(until)s. If it was not you, change your password "
                "at once and tell us before then."
            )
            % facts,
            None,
            [address],
        )
