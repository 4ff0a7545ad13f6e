"""Telling workers that a qualification of theirs ends soon, while they can still renew it: once for each end."""

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q

from crowd.kernel import clock
from crowd.notices.services.notify import notify
from qualifications.models import RENEWAL, Grant
from qualifications.states import GrantState

CHUNK = 500
HALF = ExpressionWrapper((F("expires_at") - F("granted_at")) / 2, output_field=DurationField())


def tell_due() -> int:
    """All who are to be told now; how many. Twice in a row tells nobody twice."""
    number = 0
    while told := _tell_some():
        number += told
    return number


def _tell_some() -> int:
    """Under the lock of their rows: of two at once, the other one finds nothing left."""
    with transaction.atomic(durable=True):
        now = clock.now()
        soon = Grant.objects.filter(state=GrantState.GRANTED, expires_at__gt=now, expires_at__lte=now + RENEWAL)
        soon = soon.filter(expires_at__lte=now + HALF)
        untold = soon.filter(Q(end_told=None) | ~Q(end_told=F("expires_at"))).order_by("pk")
        rows = untold.select_related("qualification", "worker").select_for_update(
            of=("self",), no_key=True, skip_locked=True
        )
        found = list(rows[:CHUNK])
        for one in found:
            data = {"name": one.qualification.name, "ends": f"{one.expires_at:%Y-%m-%d}"}
            link = f"/work/qualifications/{one.qualification_id}/"
            notify(user_id=one.worker.user_id, kind="qualification_ends", data=data, link=link, now=now)
            one.end_told = one.expires_at
        Grant.objects.bulk_update(found, ["end_told"])
    return len(found)
