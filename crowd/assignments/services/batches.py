"""Many rejections at once wait for staff, before anybody's rate changes.

A requester's rejections are held where they are CROWD_HOLD_REJECTIONS_FROM or more within a day, these included, and
with them more than CROWD_HOLD_REJECTIONS_SHARE of all that he has decided in the project would be rejected. Held, they
change nothing: the answers stay undecided, their clocks run on, and what is due meanwhile is accepted. Silence pays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment, HeldBatch, Rejection
from crowd.assignments.states import AssignmentState, HeldState, RejectionState
from crowd.kernel.errors import Conflict
from crowd.notices.services.notify import notify_members, notify_staff
from crowd.projects.models import Project
from crowd.users.models import User
from crowd.users.services import audit

DAY = timedelta(days=1)
DECIDED = (AssignmentState.ACCEPTED, AssignmentState.REJECTED)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a wish to reject: the rejections, or the batch that waits for staff."""

    rejections: Sequence[Rejection] = ()
    held: HeldBatch | None = None


def too_many(project: Project, assignment_ids: Sequence[int], *, now: datetime) -> float | None:
    """The share of all decided answers that would be rejected, where that is so much that staff look first.

    Inner: needs the lock of the project's row, so that two batches see each other. Raises Conflict while one waits.
    """
    if HeldBatch.objects.filter(project=project, state=HeldState.HELD).exists():
        raise Conflict(_("Rejections of this project wait for staff already. Further ones can be made after that."))
    new = len(set(assignment_ids))
    standing = Rejection.objects.filter(project=project).exclude(state=RejectionState.OVERTURNED)
    if standing.filter(rejected_at__gt=now - DAY).count() + new < settings.CROWD_HOLD_REJECTIONS_FROM:
        return None
    counts = Assignment.objects.filter(project=project, state__in=DECIDED).aggregate(
        decided=Count("id"), rejected=Count("id", filter=Q(state=AssignmentState.REJECTED))
    )
    share = (counts["rejected"] + new) / (counts["decided"] + new)
    return share if share > settings.CROWD_HOLD_REJECTIONS_SHARE else None


def hold(
    project: Project,
    lines: Sequence[Mapping[str, Any]],
    *,
    share: float,
    actor: User,
    reason: str,
    reopen: bool,
    now: datetime,
) -> Outcome:
    """Inner: as `too_many`, which gave the share."""
    batch = HeldBatch.objects.create(
        project=project,
        lines=[dict(line) for line in lines],
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


def address(project: Project) -> str:
    """Where the requester reads about contested and held rejections."""
    return f"/requester/projects/{project.pk}/appeals/"
