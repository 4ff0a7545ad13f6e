"""Which tasks of a project are reviewed, by whom, and for what: the requester's to say, and workers read it before."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock, money
from crowd.kernel.errors import BadInput
from crowd.notices.services.notify import notify
from crowd.projects.access import locked_for
from crowd.projects.models import Project
from crowd.projects.queries import fee_rate
from crowd.review.models import Reviewer, ReviewPlan
from crowd.users.models import User
from crowd.users.services import audit
from workers.services.pseudonyms import worker_by_pseudonym

FIELDS = (
    "share",
    "low_posterior",
    "disagreement",
    "new_worker_answers",
    "two_levels",
    "reward_micros",
    "rework_reward_micros",
    "rework_hours",
)
RANGES = {
    "share": (0, 1),
    "low_posterior": (0, 1),
    "new_worker_answers": (0, 1000),
    "reward_micros": (0, money.MAX_MICROS),
    "rework_reward_micros": (0, money.MAX_MICROS),
    "rework_hours": (1, 720),
}


def set_plan(*, actor: User, project_id: int, **settings: Any) -> ReviewPlan:
    """Members; what is not named stays as it is. Prices hold for what is taken or sent back from then on.

    Raises BadInput with the places, NotFound.
    """
    faults = {
        name: _("From %(low)s to %(high)s.") % {"low": low, "high": high}
        for name, (low, high) in RANGES.items()
        if settings.get(name) is not None and not low <= settings[name] <= high
    }
    if faults:
        raise BadInput(errors=faults)
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        plan, _made = ReviewPlan.objects.get_or_create(project=project)
        for name in FIELDS:
            if name in settings:
                setattr(plan, name, settings[name])
        plan.share = Decimal(str(plan.share))
        plan.fee_micros = money.fee(plan.reward_micros, fee_rate())
        plan.rework_fee_micros = money.fee(plan.rework_reward_micros, fee_rate())
        plan.through_run = 0
        plan.save()
        _record(actor, project, "review.plan", {name: str(getattr(plan, name)) for name in FIELDS})
    return plan


def name_reviewer(*, actor: User, project_id: int, pseudonym: str, level: int = 1) -> Reviewer:
    """A worker whom the organisation knows. Again: his level changes. Raises NotFound, BadInput."""
    if level not in (1, 2):
        raise BadInput(errors={"level": _("A reviewer's level is 1 or 2.")})
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        worker = worker_by_pseudonym(project.organisation, pseudonym)
        facts = {"level": level, "named_by": actor, "named_at": clock.now(), "removed_at": None}
        reviewer, _made = Reviewer.objects.update_or_create(project=project, worker=worker, defaults=facts)
        _record(actor, project, "review.name", {"reviewer": reviewer.pk, "level": level})
        data = {"project": project.title}
        notify(user_id=worker.user_id, kind="named_reviewer", data=data, link="/work/reviews/", now=reviewer.named_at)
    return reviewer


def remove_reviewer(*, actor: User, project_id: int, pseudonym: str) -> None:
    """He gets no further reviews; what he has in hand he may finish. Raises NotFound."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        worker = worker_by_pseudonym(project.organisation, pseudonym)
        Reviewer.objects.filter(project=project, worker=worker, removed_at=None).update(removed_at=clock.now())
        _record(actor, project, "review.remove", {})


def _record(actor: User, project: Project, action: str, after: dict[str, Any]) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=project,
        organisation=project.organisation,
        after=after,
        now=clock.now(),
    )
