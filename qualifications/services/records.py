"""A worker's record to take along: what he earned and how accurate he was, signed by this site; and another site's.

A record names its site, its day and its end, and its person by a salted hash of his e-mail address: whoever brings it
must have the same one here. Only what is the worker's own goes in: skills by kind of work, and qualifications that are
public or the site's. What was brought from elsewhere is never passed on.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crowd.kernel import clock, crypto, signing
from crowd.kernel.errors import BadInput
from crowd.kernel.signing import BadSignature
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.errors import SiteNotTrusted
from qualifications.models import Attempt, BroughtRecord, Grant, Qualification, SkillAccuracy
from qualifications.queries import held_by
from qualifications.services import skills
from qualifications.services.grants import Award, award_many
from qualifications.skills import known_kind
from qualifications.states import System
from workers.access import worker_for
from workers.models import Worker

VERSION = 1
GOOD_FOR = timedelta(days=90)
MOST_SKILLS = 200
MOST_COUNT = 1e9


def issue(*, user: User) -> dict[str, str]:
    """The worker's signed record as of now (`signing.sign`). Raises NotAllowed (no worker)."""
    worker, now = worker_for(user), clock.now()
    salt = secrets.token_hex(16)
    return signing.sign(
        {
            "version": VERSION,
            "site": settings.CROWD_URL,
            "issued_at": now.isoformat(),
            "good_until": (now + GOOD_FOR).isoformat(),
            "person": {"salt": salt, "email_sha256": _person(user, salt)},
            "joined_at": worker.joined_at.isoformat(),
            "accepted": worker.accepted_count,
            "rejected": worker.rejected_count,
            "skills": [_skill(one) for one in SkillAccuracy.objects.filter(worker=worker).order_by("pk")],
            "qualifications": [_grant(one) for one in _to_tell(worker, now)],
        }
    )


def bring(*, user: User, document: Any) -> BroughtRecord:
    """Take over a record of another site that this one trusts; a newer one of the same site replaces it.

    Its known answers count for skills at `skills.BROUGHT_WEIGHT`, and tested languages are granted where this site has
    a test of them too. Raises NotAllowed (no worker), SiteNotTrusted, BadSignature, BadInput (another's, expired).
    """
    content = signing.content_of(document)
    signing.check(document, _key_of(content.get("site")))
    with transaction.atomic(durable=True):
        worker = Worker.objects.select_for_update(no_key=True).get(pk=worker_for(user).pk)
        now = clock.now()
        facts = _checked(content, user, now)
        record, _new = BroughtRecord.objects.update_or_create(
            worker=worker, site=content["site"], defaults={"skills": facts, "content": content, "brought_at": now}
        )
        _grant_languages(worker, content, now)
        skills.add_brought(worker, now=now)
        after = {"site": record.site, "issued_at": content["issued_at"]}
        audit.record(actor=user, action="bring_record", subject=record, now=now, after=after)
    return record


def _key_of(site: Any) -> str:
    """Raises SiteNotTrusted."""
    trusted: dict[str, str] = settings.CROWD_TRUSTED_SITES
    if not isinstance(site, str) or site == settings.CROWD_URL or site not in trusted:
        raise SiteNotTrusted(site=str(site)[:200])
    return trusted[site]


def _checked(content: Mapping[str, Any], user: User, now: datetime) -> list[dict[str, Any]]:
    """The skills that it tells. A trusted site's signature is no reason to believe in its programmers."""
    try:
        person, ends = content["person"], parse_datetime(content["good_until"])
        owner = crypto.same(str(person["email_sha256"]), _person(user, str(person["salt"])))
        told = [_read_skill(one) for one in content["skills"] if known_kind(one["kind"])]
        if ends is None or content["version"] != VERSION or len(told) > MOST_SKILLS:
            raise BadSignature
        expired = ends <= now
    except (KeyError, TypeError, ValueError) as error:
        raise BadSignature from error
    if not owner:
        raise BadInput(_("This record is about somebody with another e-mail address."))
    if expired:
        raise BadInput(_("This record is out of date: get a new one there."))
    return told


def _read_skill(one: Mapping[str, Any]) -> dict[str, Any]:
    """Raises KeyError, TypeError, ValueError."""
    right, wrong, as_of = float(one["right"]), float(one["wrong"]), parse_datetime(one["as_of"])
    if as_of is None or as_of.tzinfo is None or not (0 <= right <= MOST_COUNT and 0 <= wrong <= MOST_COUNT):
        raise ValueError
    return {"kind": one["kind"], "right": right, "wrong": wrong, "as_of": as_of.isoformat()}


def _grant_languages(worker: Worker, content: Mapping[str, Any], now: datetime) -> None:
    """Those that this site tests too, and of which it knows nothing yet."""
    for one in content.get("qualifications", []):
        if not isinstance(one, Mapping) or not one.get("language") or not isinstance(one.get("value"), int):
            continue
        ours = Qualification.objects.filter(system=System.LANGUAGE, subject=one["language"], active=True).first()
        if ours is None or Grant.objects.filter(qualification=ours, worker=worker).exists():
            continue
        until = parse_datetime(str(one.get("expires_at") or ""))
        if until is not None and until <= now:
            continue
        reason = _("Brought from %(site)s") % {"site": content["site"]}
        value = min(max(one["value"], 0), 100)
        award_many(
            ours, [Award(worker_id=worker.pk, value=value, reason=reason, expires_at=until)], actor=None, now=now
        )


def _to_tell(worker: Worker, now: datetime) -> list[Grant]:
    """A language that was neither tested nor granted by a person here was brought, and stays."""
    shown = Q(qualification__organisation=None) | Q(qualification__public=True)
    passed = Attempt.objects.filter(qualification=OuterRef("qualification"), worker=worker, passed=True)
    earned = ~Q(qualification__system=System.LANGUAGE) | ~Q(granted_by=None) | Exists(passed)
    return list(held_by(worker, now=now).filter(shown, earned))


def _skill(one: SkillAccuracy) -> dict[str, Any]:
    return {
        "kind": one.qualification.subject,
        "right": one.right,
        "wrong": one.wrong,
        "as_of": one.as_of.isoformat(),
    }


def _grant(one: Grant) -> dict[str, Any]:
    of = one.qualification
    return {
        "name": of.name,
        "of": of.organisation.name if of.organisation else "",
        "language": of.subject if of.system == System.LANGUAGE else "",
        "value": one.value,
        "granted_at": one.granted_at.isoformat(),
        "expires_at": one.expires_at.isoformat() if one.expires_at else None,
    }


def _person(user: User, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{user.email.lower()}".encode()).hexdigest()
