"""Doors to appeals: who may see one, and who may decide it."""

from django.db.models import QuerySet

from crowd.assignments.models import Participation
from crowd.kernel.errors import NotFound
from crowd.review.errors import NotTheOne
from crowd.review.models import Appeal
from crowd.users.access import acts_as_staff, is_member, require_staff
from crowd.users.models import AuditEntry, User


def appeal_to_decide(actor: User, appeal_id: int, *, giving_in: bool) -> Appeal:
    """For staff who had no part in it; `giving_in`, for members of the organisation that decided too.

    Raises NotFound for strangers, NotTheOne for whoever is in it himself.
    """
    appeal = with_all().filter(pk=appeal_id).first()
    member = appeal is not None and appeal.organisation is not None and is_member(actor, appeal.organisation)
    if appeal is None or not (member or acts_as_staff(actor)):
        raise NotFound
    gives_in = member and giving_in and actor.pk != appeal.worker.user_id
    if not (gives_in or may_decide(actor, appeal)):
        raise NotTheOne
    return appeal


def may_decide(actor: User, appeal: Appeal) -> bool:
    """Whether this member of staff had no part in it."""
    if actor.pk in (appeal.worker.user_id, who_decided(appeal)):
        return False
    return appeal.organisation is None or not is_member(actor, appeal.organisation)


def appeal_for_staff(actor: User, appeal_id: int) -> Appeal:
    require_staff(actor)
    found = with_all().filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found


def who_decided(appeal: Appeal) -> int | None:
    """The person whose decision is contested; None: a rule of the site."""
    if appeal.rejection is not None:
        return appeal.rejection.rejected_by_id
    if appeal.block is not None:
        return appeal.block.created_by_id
    assert appeal.participation_id is not None
    entries = AuditEntry.objects.filter(
        subject_type=Participation._meta.label_lower, subject_id=appeal.participation_id, action="participation.pause"
    )
    return entries.filter(at__lte=appeal.opened_at).order_by("-pk").values_list("actor", flat=True).first()


def with_all() -> QuerySet[Appeal]:
    return Appeal.objects.select_related(
        "worker__user", "organisation", "project__organisation", "rejection__assignment__task", "participation", "block"
    )
