"""What is read about workers."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from crowd.users.models import Organisation, User
from workers.models import Block, PayoutProfile, Worker
from workers.states import WorkerState


def blocks_now(worker: Worker, *, now: datetime) -> QuerySet[Block]:
    """The blocks that stand: not lifted, not over. The worker may read all of them."""
    standing = Q(ends_at=None) | Q(ends_at__gt=now)
    return Block.objects.filter(standing, worker=worker, lifted_at=None).select_related("organisation").order_by("pk")


def block_for(*, worker: Worker, organisation_id: int, now: datetime) -> Block | None:
    """The block that keeps him from this organisation's projects: the site's or its own; None if there is none."""
    standing = blocks_now(worker, now=now).filter(Q(organisation=organisation_id) | Q(organisation=None))
    return standing.order_by("organisation_id").last()  # nulls come last: the site's block says more


def is_blocked_for(worker: Worker, organisation: Organisation, now: datetime) -> bool:
    """Whether he may take nothing of this organisation: blocked there, blocked on the site, or closed."""
    if worker.state != WorkerState.ACTIVE:
        return True
    return block_for(worker=worker, organisation_id=organisation.pk, now=now) is not None


def blocks_of_organisation(organisation: Organisation, *, now: datetime) -> QuerySet[Block]:
    """For its members, who know the workers by pseudonym only (`pseudonyms_for`)."""
    standing = Q(ends_at=None) | Q(ends_at__gt=now)
    return Block.objects.filter(standing, organisation=organisation, lifted_at=None).order_by("-pk")


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export; empty when he is no worker."""
    worker = Worker.objects.filter(user=user).first()
    if worker is None:
        return {}
    return {
        "worker": {
            "id": worker.pk,
            "state": worker.state,
            "country": worker.country,
            "subdivision": worker.subdivision,
            "languages": worker.languages,
            "time_percent": worker.time_percent,
            "shown_warnings": worker.shown_warnings,
            "in_reports": worker.in_reports,
            "joined_at": worker.joined_at,
            "submitted": worker.submitted_count,
            "accepted": worker.accepted_count,
            "rejected": worker.rejected_count,
        },
        "payout_profile": PayoutProfile.objects.filter(worker=worker).values("method", "masked", "changed_at").first(),
        "marked_requesters": list(worker.marks.order_by("pk").values("organisation__name", "mark")),
        "pseudonyms": list(worker.pseudonyms.order_by("pk").values("organisation__name", "code")),
        "blocks": list(
            worker.blocks.order_by("pk").values("organisation__name", "reason", "created_at", "ends_at", "lifted_at")
        ),
    }
