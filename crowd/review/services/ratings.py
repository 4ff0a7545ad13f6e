"""What workers say about requesters: once a project, and changed as often as they like."""

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.models import Participation
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.review.errors import NotWorkedHere
from crowd.review.models import Rating
from workers.models import Worker

SCALE = range(1, 6)


def rate(*, worker: Worker, project_id: int, pay: int, clarity: int, fairness: int) -> Rating:
    """From 1 (bad) to 5 (good) each. The requester sees sums only. Raises NotWorkedHere, BadInput."""
    marks = {"pay": pay, "clarity": clarity, "fairness": fairness}
    faults = {name: _("From 1 (bad) to 5 (good).") for name, mark in marks.items() if mark not in SCALE}
    if faults:
        raise BadInput(errors=faults)
    with transaction.atomic(durable=True):
        worked = Participation.objects.filter(worker=worker, project_id=project_id, submitted_count__gt=0)
        inside = worked.select_related("project").first()
        if inside is None:
            raise NotWorkedHere
        facts = marks | {"organisation": inside.project.organisation, "rated_at": clock.now()}
        rating, _made = Rating.objects.update_or_create(worker=worker, project_id=project_id, defaults=facts)
    return rating
