"""What is read about qualifications."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from crowd.users.models import Organisation, User
from qualifications.models import Attempt, Grant, Qualification, Test
from qualifications.states import MEASURED, AttemptState, GrantState
from workers.models import Worker


def listed() -> QuerySet[Qualification]:
    """What workers may browse: active, public, not measured; `has_test`: they can earn it themselves."""
    public = Qualification.objects.filter(public=True, active=True).exclude(system__in=MEASURED)
    public = public.select_related("organisation")
    return public.annotate(has_test=Exists(Test.objects.filter(qualification=OuterRef("pk")))).order_by("name", "pk")


def usable(organisation: Organisation) -> QuerySet[Qualification]:
    """What a project of the organisation may ask for: the site's, system ones included, and its own."""
    ours = Q(organisation=None) | Q(organisation=organisation)
    return Qualification.objects.filter(ours, active=True).order_by("organisation_id", "name")


def held_by(worker: Worker, *, now: datetime) -> QuerySet[Grant]:
    """What the worker holds now."""
    current = Q(expires_at=None) | Q(expires_at__gt=now)
    return (
        Grant.objects.filter(current, worker=worker, state=GrantState.GRANTED)
        .select_related("qualification__organisation")
        .order_by("qualification__name")
    )


def holders(qualification: Qualification) -> QuerySet[Grant]:
    """All grants, revoked ones too. Requesters see the workers by pseudonym only (`pseudonyms_for`)."""
    return Grant.objects.filter(qualification=qualification).order_by("-pk")


def attempts_of(worker: Worker) -> QuerySet[Attempt]:
    return Attempt.objects.filter(worker=worker).select_related("qualification").order_by("-pk")


def my_data(user: User) -> dict[str, Any]:
    """Everything this app keeps about the person, as plain data for his export; empty when he is no worker."""
    worker = Worker.objects.filter(user=user).first()
    if worker is None:
        return {}
    return {
        "qualifications": list(
            Grant.objects.filter(worker=worker)
            .order_by("pk")
            .values("qualification__name", "state", "value", "reason", "granted_at", "expires_at")
        ),
        "tests": list(
            Attempt.objects.filter(worker=worker)
            .exclude(state=AttemptState.ACTIVE)
            .order_by("pk")
            .values("qualification__name", "state", "started_at", "submitted_at", "answers", "score", "passed")
        ),
    }
