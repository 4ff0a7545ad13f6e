"""Announcements: by staff to everybody, to workers or to requesters; by a requester to the workers of his project."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.models import Participation
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound, TooMany
from crowd.notices.services.notify import notify_many
from crowd.projects.access import locked_for
from crowd.projects.services import reserves
from crowd.talk import access, writing
from crowd.talk.models import Announcement, Dismissal
from crowd.talk.states import Audience
from crowd.users.access import acts_as_staff, require_staff
from crowd.users.models import User
from crowd.users.services import audit

MAX_TITLE = 150
MOST_DAYS = 366
MOST_A_DAY = 3  # of one project
A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is announced, and from when until when it stands; without a beginning from now on."""

    title: str
    text: str
    ends_at: datetime
    starts_at: datetime | None = None


def announce(*, actor: User, audience: str, said: Wording, key: str = "") -> Announcement:
    """By staff. The same key with the same text is the same announcement.

    Raises NotAllowed, BadInput, SentAlready.
    """
    require_staff(actor)
    if audience not in (Audience.ALL, Audience.WORKERS, Audience.REQUESTERS):
        raise BadInput(errors={"audience": _("Choose whom it is for.")})
    with transaction.atomic(durable=True):
        writing.lock_author(actor)
        return _made(Announcement(audience=audience, made_by=actor), said, key)[0]


def announce_in_project(*, actor: User, project_id: int, said: Wording, key: str = "") -> Announcement:
    """By a member, to all who have worked in the project; they are told by a notice too.

    Raises NotFound, WrongState, BadInput, SentAlready, TooMany.
    """
    with transaction.atomic(durable=True):
        writing.lock_author(actor)
        project = locked_for(actor, project_id, *reserves.WORKING)
        made, is_new = _made(Announcement(audience=Audience.PROJECT, project=project, made_by=actor), said, key)
        if is_new:
            today = Announcement.objects.filter(project=project, made_at__gt=made.made_at - A_DAY)
            if today.count() > MOST_A_DAY:
                raise TooMany(_("%(most)d announcements a day are the most.") % {"most": MOST_A_DAY})
            workers = Participation.objects.filter(project=project, worker__user__is_active=True).order_by("worker")
            data = {"project": project.title, "title": made.title, "text": made.text[: writing.EXCERPT]}
            link, ids = f"/work/projects/{project.pk}/", workers.values_list("worker__user", flat=True)
            notify_many(user_ids=ids, kind="project_announcement", data=data, link=link, now=made.made_at)
    return made


def withdraw(*, actor: User, announcement_id: int) -> Announcement:
    """By staff, or by a member for his project's. Again: nothing happens. Raises NotFound, NotAllowed."""
    with transaction.atomic(durable=True):
        found = Announcement.objects.select_for_update(no_key=True).filter(pk=announcement_id).first()
        if found is None:
            raise NotFound
        if found.project_id is not None and not acts_as_staff(actor):
            access.member_project(actor, found.project_id)
        else:
            require_staff(actor)
        if found.withdrawn_at is None:
            found.withdrawn_at = clock.now()
            found.save(update_fields=["withdrawn_at"])
            audit.record(
                actor=actor,
                action="talk.withdraw",
                subject=found,
                organisation=found.project.organisation if found.project else None,
                now=found.withdrawn_at,
            )
    return found


def dismiss(*, user: User, announcement_id: int) -> None:
    """He has seen it: it stands in no bar of his any more. Again: nothing happens. Raises NotFound."""
    with transaction.atomic(durable=True):
        if not access.announcements_for(user).filter(pk=announcement_id).exists():
            raise NotFound
        Dismissal.objects.bulk_create([Dismissal(announcement_id=announcement_id, user=user)], ignore_conflicts=True)


def _made(draft: Announcement, said: Wording, key: str) -> tuple[Announcement, bool]:
    """The announcement, and whether it is new. Needs the author's lock."""
    given = writing.cleaned(title=(said.title, MAX_TITLE), text=(said.text, writing.MAX_TEXT))
    key = writing.key_of(key)
    mine = Announcement.objects.filter(made_by=draft.made_by)
    if (before := writing.sent_before(mine, key=key, text=given["text"])) is not None:
        return before, False
    draft.made_at, draft.key = clock.now(), key
    draft.title, draft.text = given["title"], given["text"]
    draft.starts_at, draft.ends_at = _period(said, draft.made_at)
    draft.save()
    audit.record(
        actor=draft.made_by,
        action="talk.announce",
        subject=draft,
        organisation=draft.project.organisation if draft.project else None,
        reason=draft.title,
        now=draft.made_at,
    )
    return draft, True


def _period(said: Wording, now: datetime) -> tuple[datetime, datetime]:
    starts = max(said.starts_at or now, now)
    if said.ends_at <= starts:
        raise BadInput(errors={"ends_at": _("It must end after it begins.")})
    if said.ends_at > starts + timedelta(days=MOST_DAYS):
        raise BadInput(errors={"ends_at": _("At most %(most)d days.") % {"most": MOST_DAYS}})
    return starts, said.ends_at
