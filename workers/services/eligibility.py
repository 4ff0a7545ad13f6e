"""What a worker may take is checked rarely and remembered; whatever may change the answer calls `bump`."""

from collections.abc import Iterable

from django.db.models import F

from workers.models import Worker


def bump(worker_ids: Iterable[int]) -> None:
    """Raise eligibility_version, so that every participation of these workers is checked again at its next take.

    Inner. Locks the Worker rows in the order of their ids (after Assignment, before Accounts in the lock order).
    """
    rows = Worker.objects.filter(pk__in=set(worker_ids))
    locked = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Worker.objects.filter(pk__in=locked).update(eligibility_version=F("eligibility_version") + 1)
