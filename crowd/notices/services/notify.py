"""Telling somebody something: one row, in the transaction of what happened, so that both stand or fall together."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from crowd.notices.kinds import KINDS, Kind
from crowd.notices.models import Notice, NoticeChoice
from crowd.notices.states import How
from crowd.users.models import Membership, Organisation, User

AT_ONCE = 1000


def notify(*, user_id: int, kind: str, data: Mapping[str, Any], link: str, now: datetime) -> Notice | None:
    """Tell one person; a sweep mails it, where he wants that. Inner: needs a transaction, takes no lock.

    None where he chose to be told nothing of this kind, or is erased.

    kind: a name of `kinds.KINDS`. data: plain JSON values, all that the kind's words name. link: a path of this site.
    Raises KeyError for a kind that there is not, or data that is missing: mistakes of the caller, not of a person.
    """
    return next(iter(notify_many(user_ids=[user_id], kind=kind, data=data, link=link, now=now)), None)


def notify_members(
    *, organisation: Organisation, kind: str, data: Mapping[str, Any], link: str, now: datetime
) -> list[Notice]:
    """Tell everybody who belongs to the organisation."""
    members = Membership.objects.filter(organisation=organisation, user__is_active=True).order_by("user")
    return notify_many(user_ids=members.values_list("user_id", flat=True), kind=kind, data=data, link=link, now=now)


def notify_staff(*, kind: str, data: Mapping[str, Any], link: str, now: datetime) -> list[Notice]:
    """Tell everybody who runs the site."""
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk").values_list("pk", flat=True)
    return notify_many(user_ids=staff, kind=kind, data=data, link=link, now=now)


def notify_many(
    *, user_ids: Iterable[int], kind: str, data: Mapping[str, Any], link: str, now: datetime
) -> list[Notice]:
    """The same to each of these, but to those who want to be told nothing of it, and to erased people."""
    said = KINDS[kind]
    _check(said, data, link)
    chosen = NoticeChoice.objects.filter(user=OuterRef("pk"), kind=kind).values("how")
    there = User.objects.filter(pk__in=user_ids, erased_at=None).annotate(how=Subquery(chosen)).order_by("pk")
    hows = [(id, how or said.usual) for id, how in there.values_list("pk", "how")]
    return Notice.objects.bulk_create(
        [
            Notice(
                user_id=id,
                kind=kind,
                data=dict(data),
                link=link,
                created_at=now,
                mail=how == How.MAIL,
            )
            for id, how in hows
            if how != How.NONE or said.must
        ],
        batch_size=AT_ONCE,
    )


def _check(kind: Kind, data: Mapping[str, Any], link: str) -> None:
    """A notice that could not be read later would be found by its reader; so its words are tried at once."""
    kind.title_of(data), kind.text_of(data)
    if not link.startswith("/"):
        raise ValueError(f"{link} is no path of this site")
