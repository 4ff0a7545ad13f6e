"""Many rejections at once wait for staff, before anybody's rate changes.

A requester's rejections are held where they are CROWD_HOLD_REJECTIONS_FROM or more in two weeks, these included, and
with them more than CROWD_HOLD_REJECTIONS_SHARE of all that is decided would be rejected: in the project, or in all of
his organisation's. So it helps nobody to reject a few a day, or a few in each of many projects. What a reviewer
rejects is counted likewise. Held, they change nothing: the answers stay undecided, their clocks run on, and what is due
meanwhile is accepted. Silence pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment, HeldBatch, Rejection
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.states import AssignmentState, HeldState, RejectionState
from crowd.kernel import locks
from crowd.kernel.errors import Conflict
from crowd.notices.services.notify import notify_members, notify_staff
from crowd.projects.models import Project
from crowd.users.models import User
from crowd.users.services import audit

WINDOW = timedelta(days=14)
KEEP_S = 60
DECIDED = (AssignmentState.ACCEPTED, AssignmentState.REJECTED)

Line = dict[str, Any]  # as it stands in HeldBatch.lines


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a wish to reject: the rejections, or the batch that waits for staff."""

    rejections: Sequence[Rejection] = ()
    held: HeldBatch | None = None


def too_many(project: Project, assignment_ids: Sequence[int], *, now: datetime) -> float | None:
    """The share of all decided answers that would be rejected, where that is so much that staff look first.

    Inner: needs the lock of the project's row. Two at once of one organisation are counted one after the other. Raises
    Conflict while a batch of the project waits.
    """
    if waiting(project):
        raise Conflict(_("Rejections of this project wait for staff already. Further ones can be made after that."))
    locks.exclusive(locks.Gate.REJECTIONS, project.organisation_id)
    new = len(set(assignment_ids))
    standing = Rejection.objects.filter(rejected_at__gt=now - WINDOW).exclude(state=RejectionState.OVERTURNED)
    rejected = standing.filter(project__organisation=project.organisation_id).count() + new
    if rejected < settings.CROWD_HOLD_REJECTIONS_FROM:
        return None
    share = rejected / (_accepted_everywhere(project, now) + rejected)
    if standing.filter(project=project).count() + new >= settings.CROWD_HOLD_REJECTIONS_FROM:
        share = max(share, _share_here(project, new))
    return share if share > settings.CROWD_HOLD_REJECTIONS_SHARE else None


def _share_here(project: Project, new: int) -> float:
    counts = Assignment.objects.filter(project=project, state__in=DECIDED).aggregate(
        decided=Count("id"), rejected=Count("id", filter=Q(state=AssignmentState.REJECTED))
    )
    return float((counts["rejected"] + new) / (counts["decided"] + new))


def _accepted_everywhere(project: Project, now: datetime) -> int:
    """Within the window, in all projects of the organisation; kept for a minute: these are many rows."""
    accepted = Assignment.objects.filter(
        project__organisation=project.organisation_id, state=AssignmentState.ACCEPTED, decided_at__gt=now - WINDOW
    )
    return cache.get_or_set(f"accepted:{project.organisation_id}", accepted.count, KEEP_S) or 0


def line(one: Assignment, grounds: Grounds, *, actor: User, reopen: bool) -> Line:
    """This answer and no later one, in the name of who asked, in his words and as he wished."""
    return {
        "assignment": one.pk,
        "attempt": one.attempt,
        "evidence": str(grounds.evidence),
        "facts": grounds.facts,
        "reason": grounds.reason,
        "by": actor.pk,
        "reopen": reopen,
    }


def hold(
    project: Project, lines: Sequence[Line], *, share: float, actor: User, reason: str, reopen: bool, now: datetime
) -> Outcome:
    """Inner: as `too_many`, which gave the share."""
    batch = HeldBatch.objects.create(
        project=project,
        lines=list(lines),
        reason=reason,
        reopen=reopen,
        share=share,
        asked_by=actor,
        asked_at=now,
    )
    data = {"project": project.title, "count": len(lines), "percent": round(100 * share)}
    notify_members(organisation=project.organisation, kind="rejections_held", data=data, link=address(project), now=now)
    notify_staff(kind="rejections_to_check", data=data, link=f"/staff/rejections/batches/{batch.pk}/", now=now)
    audit.record(
        actor=actor,
        action="rejections.hold",
        subject=batch,
        organisation=project.organisation,
        after={"assignments": [line["assignment"] for line in lines], "share": round(share, 4)},
        reason=reason,
        now=now,
    )
    return Outcome(held=batch)


def add(batch: HeldBatch, lines: Sequence[Line]) -> None:
    """To a batch that waits already: a reviewer cannot wait for staff. Who asked first about an answer is who asked.

    Inner: needs the project's lock.
    """
    there = {(one["assignment"], one.get("attempt")) for one in batch.lines}
    batch.lines = [*batch.lines, *[one for one in lines if (one["assignment"], one["attempt"]) not in there]]
    batch.save(update_fields=["lines"])


def waiting(project: Project) -> HeldBatch | None:
    """Inner: needs the project's lock."""
    return HeldBatch.objects.filter(project=project, state=HeldState.HELD).first()


def address(project: Project) -> str:
    """Where the requester reads about contested and held rejections."""
    return f"/requester/projects/{project.pk}/appeals/"
